"""Containers and codecs: what each file format takes, and ffmpeg's arguments for it."""

from __future__ import annotations

from dataclasses import dataclass

from zoomdream.settings import OutputSettings

_DEFAULT_CRF = {"h264": 18, "h265": 22, "vp9": 30}
HIGHEST_CRF = {"h264": 51, "h265": 51, "vp9": 63}
_X264_SPEEDS = ("veryslow", "slower", "slow", "medium", "fast", "faster", "veryfast", "superfast", "ultrafast")
_VP9_CPU_USED = dict(zip(_X264_SPEEDS, (0, 1, 1, 2, 3, 4, 5, 5, 5), strict=True))

# swscale writes BT.601 without saying so unless the matrix is named, and players that assume BT.709 are 7 levels off
_BT709 = (
    "-vf",
    "scale=in_range=pc:out_range=tv:out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int,format=yuv420p,"
    "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
    *("-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-pix_fmt", "yuv420p"),
)

# A palette for each frame: one for the whole film would hold every frame in memory until the last one is known, and
# has to share 256 colors among them. [m] 60 frames of 640x272: 48 MB and 44.7 dB instead of 255 MB and 37.6 dB.
_PALETTE = "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=floyd_steinberg"


@dataclass(frozen=True)
class Container:
    """A file format: ffmpeg's name, its codecs (the first is the default) and the sound it takes.

    `sound_copied`: codecs that are copied as they are, None for any; others are encoded with `sound_encoder`, and
    where that is None too there is no sound.
    """

    muxer: str
    codecs: tuple[str, ...]
    sound_copied: frozenset[str] | None = frozenset()
    sound_encoder: str | None = None


_IN_MP4 = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"})
_IN_MOV = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s24le"})

CONTAINERS = {
    ".mp4": Container("mp4", ("h264", "h265"), _IN_MP4, "aac"),
    ".mov": Container("mov", ("h264", "h265"), _IN_MOV, "aac"),
    ".mkv": Container("matroska", ("h264", "h265", "vp9"), None, "aac"),
    ".webm": Container("webm", ("vp9",), frozenset({"opus", "vorbis"}), "libopus"),
    ".gif": Container("gif", ("gif",)),
}

ALLOWED = f"{', '.join(CONTAINERS)}, or a folder of PNGs as frames/ or frames/%06d.png"


def encoder_arguments(codec: str, container: Container, output: OutputSettings) -> list[str]:
    """ffmpeg's output options for the picture."""
    if codec == "gif":
        # GIF counts repetitions after the first showing: 0 for ever, -1 none. The flags off: ffmpeg compares a frame's
        # palette indices with the last frame's where its palette is the first frame's, and so drops changes.
        loop = str({0: 0, 1: -1}.get(output.loop, output.loop - 1))
        return ["-vf", _PALETTE, "-gifflags", "-offsetting-transdiff", "-loop", loop]
    crf = str(_DEFAULT_CRF[codec] if output.crf is None else output.crf)
    if codec == "vp9":
        speed = str(_VP9_CPU_USED[output.speed])
        return [*_BT709, "-c:v", "libvpx-vp9", "-crf", crf, "-b:v", "0", "-row-mt", "1", "-cpu-used", speed]
    if codec == "h264":
        return [*_BT709, "-c:v", "libx264", "-preset", output.speed, "-crf", crf]
    quiet = ["-x265-params", "log-level=error"]
    tag = [] if container.muxer == "matroska" else ["-tag:v", "hvc1"]  # QuickTime's
    return [*_BT709, "-c:v", "libx265", "-preset", output.speed, "-crf", crf, *quiet, *tag]
