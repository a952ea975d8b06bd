"""Which file a film becomes, by its suffix, and whether it may be written there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from zoomdream.errors import OutputError, OutputExistsError, UsageError
from zoomdream.media.clip import AnyPath, Size
from zoomdream.media.containers import (
    ALLOWED,
    CONTAINERS,
    HIGHEST_CRF,
    Container,
)
from zoomdream.output_files import refuse_overwriting
from zoomdream.settings import OutputSettings

_MOST_GIF_FPS = 50  # delays are in hundredths of a second, and players slow down a delay of one
_NUMBERED = re.compile(r"([^%]*)%0([1-9])d([^%]*)\.png", re.IGNORECASE)


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
        raise OutputExistsError(f"{target.path} exists")


def _check_inputs(target: Target, inputs: Iterable[Path]) -> None:
    if target.container is not None:
        return refuse_overwriting(target.path, inputs)
    for path in inputs:
        if target.is_frame(path.name):
            refuse_overwriting(target.path / path.name, [path])
    return None


def _target(path: AnyPath, codec: str) -> Target:
    text = os.fspath(path)
    full = Path(os.path.abspath(text))  # noqa: PTH100  resolve() would follow a link to a name without suffix
    numbered = _NUMBERED.fullmatch(full.name)
    as_folder = text.endswith(("/", os.sep)) or full.is_dir() or (codec == "png" and not full.suffix)
    container = CONTAINERS.get(full.suffix.lower())
    if numbered and not as_folder:
        folder, prefix, digits, ending = full.parent, numbered[1], int(numbered[2]), f"{numbered[3]}{full.suffix}"
    elif as_folder and (container is None or codec == "png" or text.endswith(("/", os.sep))):
        folder, prefix, digits, ending = full, "", 6, ".png"
    elif container is None:
        raise UsageError(f"{text}: the suffix {full.suffix!r} is not one of {ALLOWED}")
    elif codec not in ("auto", *container.codecs):
        raise UsageError(
            f"{text}: codec {codec} does not go into {full.suffix}, which takes {' or '.join(container.codecs)}"
        )
    else:
        chosen = container.codecs[0] if codec == "auto" else codec
        return Target(full, full.with_name(f"{full.name}.part"), chosen, container)
    if codec not in ("auto", "png"):
        raise UsageError(f"{text}: codec {codec} needs a file, not a folder of PNGs; the suffixes are {ALLOWED}")
    # beside a new folder, inside an existing one: it may be the root of a disk
    part = folder / "unfinished.part" if folder.is_dir() else folder.with_name(f"{folder.name}.part")
    return Target(folder, part, "png", None, prefix, digits, ending)


def _check_picture(target: Target, size: Size, output: OutputSettings, fps: Fraction | None) -> None:
    width, height = size
    if min(size) < 1:
        raise UsageError(f"size {width}x{height}: both sides must be at least 1")
    highest = HIGHEST_CRF.get(target.codec)
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
        raise OutputExistsError(f"the folder {target.path} is not empty")


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
