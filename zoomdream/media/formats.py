"""Which file a film becomes: container and codec by suffix, what each allows, and whether it may be written there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from zoomdream.errors import OutputError, UsageError
from zoomdream.inputs import spare
from zoomdream.media.probe import AnyPath, Size
from zoomdream.settings import OutputSettings

_MOST_GIF_FPS = 50  # delays are in hundredths of a second, and players slow down a delay of one
_NUMBERED = re.compile(r"([^%]*)%0([1-9])d([^%]*)\.png", re.IGNORECASE)
_DEFAULT_CRF = {"h264": 18, "h265": 22, "vp9": 30}
_HIGHEST_CRF = {"h264": 51, "h265": 51, "vp9": 63}
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
_CONTAINERS = {
    ".mp4": Container("mp4", ("h264", "h265"), _IN_MP4, "aac"),
    ".mov": Container("mov", ("h264", "h265"), _IN_MOV, "aac"),
    ".mkv": Container("matroska", ("h264", "h265", "vp9"), None, "aac"),
    ".webm": Container("webm", ("vp9",), frozenset({"opus", "vorbis"}), "libopus"),
    ".gif": Container("gif", ("gif",)),
}
_ALLOWED = f"{', '.join(_CONTAINERS)}, or a folder of PNGs as frames/ or frames/%06d.png"


@dataclass(frozen=True)
class Target:
    """Where a film goes. `part` is written first and takes the name `path` when all is well.

    For a folder of PNGs `path` is the folder, `container` is None, and `name_of` numbers the files.
    """

    path: Path
    part: Path
    codec: str
    container: Container | None = None
    prefix: str = ""
    digits: int = 6
    ending: str = ".png"

    def name_of(self, index: int) -> str:
        """File name of frame `index`, counted from 0."""
        return f"{self.prefix}{index:0{self.digits}d}{self.ending}"

    def is_frame(self, name: str) -> bool:
        """Whether a file name is one that `name_of` could have made."""
        return re.fullmatch(rf"{re.escape(self.prefix)}\d{{{self.digits},}}{re.escape(self.ending)}", name) is not None


def check_output(
    path: AnyPath,
    size: Size,
    output: OutputSettings,
    *,
    overwrite: bool = False,
    fps: Fraction | None = None,
    inputs: Iterable[Path] = (),
) -> Target:
    """Whether a film of `size` (width, height) can be written to `path`; to be asked before anything is rendered.

    Raises UsageError for a suffix, codec, size, crf or rate that does not fit; OutputError where something exists and
    `overwrite` is false, where it is one of `inputs` even so, or where nothing can be written.
    """
    try:
        target = _target(path, output.codec)
        _check_picture(target, size, output, fps)
        _check_place(target, overwrite)
        _check_inputs(target, inputs)
        _try_to_write(target)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; choose another output") from error
    return target


def _check_place(target: Target, overwrite: bool) -> None:
    folder = target.part.parent
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder; choose another output")
    if not folder.is_dir():
        raise OutputError(f"the folder {folder} does not exist; create it or choose another output")
    if target.container is None:
        _check_folder(target, overwrite)
    elif target.path.is_dir():
        raise OutputError(f"{target.path} is a folder; give a file name")
    elif os.path.lexists(target.path) and not overwrite:
        raise OutputError(f"{target.path} exists; overwrite it with -y or choose another output")


def _check_inputs(target: Target, inputs: Iterable[Path]) -> None:
    if target.container is not None:
        return spare(target.path, inputs)
    for path in inputs:
        if target.is_frame(path.name):
            spare(target.path / path.name, [path])
    return None


def encoder_arguments(target: Target, output: OutputSettings) -> list[str]:
    """ffmpeg's output options for the picture."""
    if target.codec == "gif":
        # GIF counts repetitions after the first showing: 0 for ever, -1 none. The flags off: ffmpeg compares a frame's
        # palette indices with the last frame's where its palette is the first frame's, and so drops changes.
        loop = str({0: 0, 1: -1}.get(output.loop, output.loop - 1))
        return ["-vf", _PALETTE, "-gifflags", "-offsetting-transdiff", "-loop", loop]
    crf = str(_DEFAULT_CRF[target.codec] if output.crf is None else output.crf)
    if target.codec == "vp9":
        speed = str(_VP9_CPU_USED[output.speed])
        return [*_BT709, "-c:v", "libvpx-vp9", "-crf", crf, "-b:v", "0", "-row-mt", "1", "-cpu-used", speed]
    if target.codec == "h264":
        return [*_BT709, "-c:v", "libx264", "-preset", output.speed, "-crf", crf]
    quiet = ["-x265-params", "log-level=error"]
    tag = [] if target.container and target.container.muxer == "matroska" else ["-tag:v", "hvc1"]  # QuickTime's
    return [*_BT709, "-c:v", "libx265", "-preset", output.speed, "-crf", crf, *quiet, *tag]


def _target(path: AnyPath, codec: str) -> Target:
    text = os.fspath(path)
    full = Path(os.path.abspath(text))  # noqa: PTH100  resolve() would follow a link to a name without suffix
    numbered = _NUMBERED.fullmatch(full.name)
    as_folder = text.endswith(("/", os.sep)) or full.is_dir() or (codec == "png" and not full.suffix)
    container = _CONTAINERS.get(full.suffix.lower())
    if numbered and not as_folder:
        folder, prefix, digits, ending = full.parent, numbered[1], int(numbered[2]), f"{numbered[3]}{full.suffix}"
    elif as_folder and (container is None or codec == "png" or text.endswith(("/", os.sep))):
        folder, prefix, digits, ending = full, "", 6, ".png"
    elif container is None:
        raise UsageError(f"{text}: the suffix {full.suffix!r} is not one of {_ALLOWED}")
    elif codec not in ("auto", *container.codecs):
        raise UsageError(
            f"{text}: codec {codec} does not go into {full.suffix}, which takes {' or '.join(container.codecs)}"
        )
    else:
        chosen = container.codecs[0] if codec == "auto" else codec
        return Target(full, full.with_name(f"{full.name}.part"), chosen, container)
    if codec not in ("auto", "png"):
        raise UsageError(f"{text}: codec {codec} needs a file, not a folder of PNGs; the suffixes are {_ALLOWED}")
    # beside a new folder, inside an existing one: it may be the root of a disk
    part = folder / "unfinished.part" if folder.is_dir() else folder.with_name(f"{folder.name}.part")
    return Target(folder, part, "png", None, prefix, digits, ending)


def _check_picture(target: Target, size: Size, output: OutputSettings, fps: Fraction | None) -> None:
    width, height = size
    if min(size) < 1:
        raise UsageError(f"size {width}x{height}: both sides must be at least 1")
    highest = _HIGHEST_CRF.get(target.codec)
    if highest is None:
        if target.codec == "gif" and fps is not None and fps > _MOST_GIF_FPS:
            raise UsageError(f"{float(fps):g} fps: a GIF shows at most {_MOST_GIF_FPS} frames per second")
        return
    if output.crf is not None and output.crf > highest:
        raise UsageError(f"crf {output.crf}: {target.codec} takes 0 to {highest}")
    if width % 2 or height % 2:
        even = "x".join(str(max(2, side - side % 2)) for side in size)
        raise UsageError(f"size {width}x{height}: {target.codec} needs even sides, such as {even}")


def _check_folder(target: Target, overwrite: bool) -> None:
    if target.path.exists() and not target.path.is_dir():
        raise OutputError(f"{target.path} is a file, not a folder; choose another output")
    taken = target.path.is_dir() and any(entry != target.part for entry in target.path.iterdir())
    if taken and not overwrite:
        raise OutputError(f"the folder {target.path} is not empty; replace its frames with -y or choose another output")


def _try_to_write(target: Target) -> None:
    """Only an attempt tells of permissions, read-only disks and names that are too long."""
    if target.part.exists():
        return  # left by a killed render; to be replaced
    if target.container is None:
        target.part.mkdir()
        target.part.rmdir()
    else:
        target.part.open("xb").close()
        target.part.unlink()
