"""Which file or folder a film is written to, by its suffix, and whether it may be written there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.encoding.codecs import HIGHEST_CRF
from zoomdream.encoding.containers import CONTAINERS, FORMATS, Container
from zoomdream.errors import UsageError
from zoomdream.media.clip import AnyPath
from zoomdream.output_files import check_output_file, check_output_folder
from zoomdream.settings import OutputSettings

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

_HIGHEST_GIF_FPS = 50  # delays are in hundredths of a second, and players slow down a delay of one
_NUMBERED = re.compile(r"([^%]*)%0([1-9])d([^%]*)\.png", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """Where a film goes: a file, or a folder of numbered PNGs."""

    path: Path
    """The file or the folder, absolute."""
    codec: str
    """Of the picture; `png` for a folder."""
    container: Container | None = None
    """The file's format; None for a folder."""
    prefix: str = ""
    """What stands before the number in a PNG's name."""
    digits: int = 6
    """Digits of the number; more where it is larger."""
    ending: str = ".png"
    """What stands after the number."""

    def frame_name(self, index: int) -> str:
        """File name of frame `index`, counted from 0, in a folder."""
        return f"{self.prefix}{index:0{self.digits}d}{self.ending}"

    def is_frame(self, name: str) -> bool:
        """Whether a file name is one that `frame_name` gives."""
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
    """Check, before anything is rendered, that a film of `size` (width, height) may be written to `path`.

    Raises UsageError for a suffix, codec, size, crf or rate that does not fit; OutputError where something exists and
    `overwrite` is false, where it is one of `inputs` even so, or where nothing can be written.
    """
    target = output_target(path, output.codec)
    _check_picture(target, size, output, fps)
    if target.container is None:
        first = target.frame_name(0)
        check_output_folder(target.path, first, target.is_frame, overwrite=overwrite, inputs=inputs)
    else:
        check_output_file(target.path, overwrite=overwrite, inputs=inputs)
    return target


def output_target(path: AnyPath, codec: str = "auto") -> Target:
    """Where a film with the output `path` goes. Raises UsageError for a suffix or codec that does not fit."""
    text = os.fspath(path)
    full = Path(os.path.abspath(text))  # noqa: PTH100  resolve() would follow a link to a name without suffix
    numbered = _NUMBERED.fullmatch(full.name)
    ends_as_folder = text.endswith(("/", os.sep))
    is_folder = ends_as_folder or os.path.isdir(full) or (codec == "png" and not full.suffix)  # noqa: PTH112  never raises
    if numbered and not is_folder:
        ending = f"{numbered[3]}{full.suffix}"
        return _folder(text, codec, Target(full.parent, "png", None, numbered[1], int(numbered[2]), ending))
    container = CONTAINERS.get(full.suffix.lower())
    if is_folder and (container is None or codec == "png" or ends_as_folder):
        return _folder(text, codec, Target(full, "png"))
    if container is None:
        raise UsageError(f"{text}: the suffix {full.suffix!r} is not one of {FORMATS}")
    if codec not in ("auto", *container.codecs):
        codecs = " or ".join(container.codecs)
        raise UsageError(f"{text}: codec {codec} does not go into {full.suffix}, which takes {codecs}")
    return Target(full, container.codecs[0] if codec == "auto" else codec, container)


def _folder(text: str, codec: str, target: Target) -> Target:
    if codec not in ("auto", "png"):
        raise UsageError(f"{text}: codec {codec} needs a file, not a folder of PNGs; the suffixes are {FORMATS}")
    return target


def _check_picture(target: Target, size: Size, output: OutputSettings, fps: Fraction | None) -> None:
    width, height = size
    if min(size) < 1:
        raise UsageError(f"size {width}x{height}: both sides must be at least 1")
    highest_crf = HIGHEST_CRF.get(target.codec)
    if highest_crf is None:
        if target.codec == "gif" and fps is not None and fps > _HIGHEST_GIF_FPS:
            raise UsageError(f"{float(fps):g} fps: a GIF shows at most {_HIGHEST_GIF_FPS} frames per second")
        return
    if output.crf is not None and output.crf > highest_crf:
        raise UsageError(f"crf {output.crf}: {target.codec} takes 0 to {highest_crf}")
    if width % 2 or height % 2:
        even = "x".join(str(max(2, side - side % 2)) for side in size)
        raise UsageError(f"size {width}x{height}: {target.codec} needs even sides, such as {even}")
