"""A folder of numbered pictures, read as a film: which pictures, in which order, and their frames.

find_pictures(Path("frames"))               # all that the folder holds
find_pictures(Path("frames/a_%04d.png"))    # one of several sequences
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zoomdream.errors import SourceError
from zoomdream.images.pictures.regular_files import exists, is_folder
from zoomdream.media.picture_folders.checks import FileStatus, checked_size, file_status
from zoomdream.media.picture_folders.names import numbered_pictures, pattern_of

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame, Size

DEFAULT_FPS = Fraction(30)
"""Pictures have no rate of their own: a film over them has this one, unless it says another."""


@dataclass(frozen=True)
class PictureSequence:
    """Pictures in the order in which they are shown."""

    path: Path
    """The folder, or the pattern that names one of its sequences."""
    files: tuple[Path, ...]
    size: Size
    """(width, height) of the first picture, turned as its EXIF says. Others are fitted into it."""
    warnings: tuple[str, ...] = ()
    """What a user should know: missing numbers, pictures that are left out, other sizes, transparency."""
    statuses: tuple[FileStatus | None, ...] = field(default=(), repr=False)
    """Each file's size and time: it must not change while it is read."""

    @property
    def folder(self) -> Path:
        """Where the pictures lie."""
        return self.files[0].parent

    @property
    def digest(self) -> str:
        """sha256 of the pictures' names and contents in hexadecimal. Raises OSError when one cannot be read."""
        return _digest(self)

    def content_warnings(self, background: tuple[int, int, int] = (0, 0, 0)) -> list[str]:
        """What the first, the middle and the last picture hold and the frames do not show; all others are read alike.

        Raises SourceError for one that is damaged.
        """
        from zoomdream.images.pictures.loading import read_picture

        files = self.files
        samples = dict.fromkeys((files[0], files[len(files) // 2], files[-1]))
        found = [text for file in samples for text in read_picture(file, background=background).warnings]
        return [f"{self.path.name}: {found[0]}" + (", and all others alike" if len(files) > 1 else "")] if found else []

    def frames(
        self, indices: Sequence[int], size: Size, background: tuple[int, int, int] = (0, 0, 0)
    ) -> Iterator[NDArray[np.uint8]]:
        """The pictures with these indices as HxWx3 uint8 RGB arrays, scaled to `size` (width, height).

        One picture is in memory at a time; what is transparent shows the `background`. Raises SourceError for one that
        is gone, has changed or is damaged.
        """
        for index in indices:
            yield self._frame(index, size, background)

    def _frame(self, index: int, size: Size, background: tuple[int, int, int]) -> NDArray[np.uint8]:
        from zoomdream.images.frame import to_uint8
        from zoomdream.images.pictures.loading import picture_size, read_picture
        from zoomdream.images.sampling.resample import resize

        file = self.files[index]
        if file_status(file) != self.statuses[index]:
            raise SourceError(
                f"{file} was changed, replaced or removed after the work began: put the former picture back to go on, "
                f"or begin anew"
            )
        if picture_size(file) == self.size:
            return to_uint8(read_picture(file, size, "stretch", background=background).frame)
        frame = _letterboxed(read_picture(file, background=background).frame, self.size)
        return to_uint8(resize(frame, size).clamp(0, 1))


@lru_cache
def _digest(pictures: PictureSequence) -> str:
    digest = hashlib.sha256()
    for file in pictures.files:
        digest.update(os.fsencode(file.name) + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_picture_sequence(path: Path) -> bool:
    """Whether a source is a folder, or a pattern such as `a_%04d.png`, and not a file."""
    return is_folder(path) or (pattern_of(path.name) is not None and not exists(path))


def find_pictures(path: Path) -> PictureSequence:
    """The pictures of a folder, or of the one sequence in it that a pattern such as `frames/a_%04d.png` names.

    They come in the order of their numbers; pictures without numbers in the natural order of their names. Only the
    files' headers and ends are read, and a few pictures whole. Raises SourceError for a folder that is missing, cannot
    be read, has no picture or several sequences, and for a picture that cannot be read or is cut short.
    """
    chosen = numbered_pictures(path)
    statuses = tuple(file_status(file) for file in chosen.files)
    sizes = _checked_sizes(chosen.files)
    return PictureSequence(
        path,
        chosen.files,
        sizes[0],
        (*chosen.warnings, *_size_warnings(path, chosen.files, sizes)),
        statuses,
    )


def _checked_sizes(files: Sequence[Path]) -> list[Size]:
    known: dict[bytes, Size] = {}
    return [checked_size(file, known) for file in files]


def _size_warnings(path: Path, files: Sequence[Path], sizes: Sequence[Size]) -> list[str]:
    others = [index for index, size in enumerate(sizes) if size != sizes[0]]
    if not others:
        return []
    first, other = (f"{width}x{height}" for width, height in (sizes[0], sizes[others[0]]))
    name = files[others[0]].name
    if len(others) == 1:
        return [f"{path.name}: {name} is {other}, and is fitted into the first one's {first}"]
    return [f"{path.name}: {len(others)} pictures are fitted into the first one's {first}, such as {name} with {other}"]


def _letterboxed(frame: Frame, size: Size) -> Frame:
    """A picture scaled to fit into `size` (width, height) and centered on black, as a player shows it."""
    import torch

    from zoomdream.images.frame import size_of
    from zoomdream.images.sampling.resample import fitted_size, resize

    inner = resize(frame, fitted_size(size_of(frame), size, "fit")).clamp(0, 1)
    width, height = size_of(inner)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    canvas = torch.zeros((1, 3, size[1], size[0]), dtype=frame.dtype)
    canvas[..., top : top + height, left : left + width] = inner
    return canvas
