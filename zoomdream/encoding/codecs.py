"""Codecs, and ffmpeg's arguments for each: H.264, H.265, VP9 and GIF. All but GIF are written as BT.709, 4:2:0."""

from __future__ import annotations

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
# has to share 256 colors among them. Measured: 60 frames of 640x272: 48 MB and 44.7 dB instead of 255 MB and 37.6 dB.
_PALETTE = "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=floyd_steinberg"


def encoder_arguments(codec: str, muxer: str, output: OutputSettings) -> list[str]:
    """ffmpeg's output options that encode the picture with `codec` for the container that `muxer` writes."""
    if codec == "gif":
        return _gif(output.loop)
    crf = str(_DEFAULT_CRF[codec] if output.crf is None else output.crf)
    if codec == "vp9":
        return [*_BT709, *_vp9(crf, output.speed)]
    if codec == "h264":
        return [*_BT709, *_h264(crf, output.speed)]
    return [*_BT709, *_h265(crf, output.speed, muxer)]


def _h264(crf: str, preset: str) -> list[str]:
    return ["-c:v", "libx264", "-preset", preset, "-crf", crf]


def _h265(crf: str, preset: str, muxer: str) -> list[str]:
    quiet = ["-x265-params", "log-level=error"]
    tag = [] if muxer == "matroska" else ["-tag:v", "hvc1"]  # QuickTime plays no other
    return ["-c:v", "libx265", "-preset", preset, "-crf", crf, *quiet, *tag]


def _vp9(crf: str, speed: str) -> list[str]:
    # a bit rate of 0 leaves the quality to crf alone
    return ["-c:v", "libvpx-vp9", "-crf", crf, "-b:v", "0", "-row-mt", "1", "-cpu-used", str(_VP9_CPU_USED[speed])]


def _gif(plays: int) -> list[str]:
    # GIF counts repetitions after the first showing: 0 for ever, -1 none. The flags off: ffmpeg compares a frame's
    # palette indices with the last frame's where its palette is the first frame's, and so drops changes.
    loop = str({0: 0, 1: -1}.get(plays, plays - 1))
    return ["-vf", _PALETTE, "-gifflags", "-offsetting-transdiff", "-loop", loop]
