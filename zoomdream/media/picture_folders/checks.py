"""Checks of many pictures before the first is shown: from their headers and their ends."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zoomdream.errors import SourceError

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

_PNG, _JPEG, _RIFF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF"
_PNG_HEADER = 33  # bytes: signature and IHDR, with its checksum
_TAIL = 4096  # bytes: other programs put a little behind a picture's end


class FileStatus(NamedTuple):
    """What tells that a file has changed."""

    size: int
    """In bytes."""
    time: int
    """Of the last change, in nanoseconds."""


def file_status(file: Path) -> FileStatus | None:
    """A file's status; None where it is gone."""
    try:
        status = file.stat()
    except OSError:
        return None
    return FileStatus(status.st_size, status.st_mtime_ns)


def checked_size(file: Path, known: dict[bytes, Size]) -> Size:
    """(width, height) of a picture as it is read, from its header alone; one that seems cut short is read whole.

    `known` keeps the sizes of PNG headers: thousands of frames of one film begin alike, and are checked eight times as
    fast. Raises SourceError where the file is missing, no picture, or damaged.
    """
    from zoomdream.images.pictures.loading import load_image, picture_size

    head, tail, length = _ends(file)
    if head.startswith(_PNG):
        if head not in known:
            known[head] = picture_size(file)
        size = known[head]
    else:
        size = picture_size(file)
    if _seems_cut_short(head, tail, length):
        load_image(file)
    return size


def _ends(file: Path) -> tuple[bytes, bytes, int]:
    """A file's first and last bytes, and its length."""
    try:
        with file.open("rb") as opened:
            head = opened.read(_PNG_HEADER)
            length = os.fstat(opened.fileno()).st_size
            opened.seek(max(0, length - _TAIL))
            return head, opened.read(), length
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror}") from error


def _seems_cut_short(head: bytes, tail: bytes, length: int) -> bool:
    """Whether a picture's end is not where it is expected. Only reading it whole tells."""
    if head.startswith(_PNG):
        return b"IEND" not in tail
    if head.startswith(_JPEG):
        return b"\xff\xd9" not in tail
    return head.startswith(_RIFF) and int.from_bytes(head[4:8], "little") + len(_RIFF) + 4 > length
