"""Files that are opened for reading only where they are regular ones: a pipe would be waited for without end."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from zoomdream.errors import SourceError

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # without O_NONBLOCK, a pipe blocks


def open_regular(path: Path, what: str = "file") -> BinaryIO:
    """A regular file, opened for reading in binary mode. `what` it should be is said where it is something else.

    Raises SourceError where it is missing, where the system does not open it, and where it is a folder, a pipe, a
    device or a socket.
    """
    try:
        number = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise _not_readable(path, what, error) from None
    kind = _KINDS.get(stat.S_IFMT(os.fstat(number).st_mode))
    if kind:
        os.close(number)
        raise SourceError(f"{path} is {kind}, not a {what}")
    return os.fdopen(number, "rb")


def _not_readable(path: Path, what: str, error: Exception) -> SourceError:
    """The error for a path that the system does not open: sockets, and on some systems folders, are not opened."""
    try:
        kind = _KINDS.get(stat.S_IFMT(path.stat().st_mode))
    except (OSError, ValueError):
        kind = None
    if kind:
        return SourceError(f"{path} is {kind}, not a {what}")
    return SourceError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}")


def is_folder(path: Path) -> bool:
    """Whether there is a folder; not where the system does not say, as of names that are too long."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def exists(path: Path) -> bool:
    """Whether there is something; not where the system does not say, as in folders that one may not enter."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
