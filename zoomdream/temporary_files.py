"""Temporary files and folders: new, known by their names, locked by the process that made them, and renamed."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from zoomdream.errors import OutputExistsError
from zoomdream.output_lock import LOCK_NAME, try_lock

_ATTEMPTS = 100  # random names, of which two are equal once in four billion times
_TEMPORARY = re.compile(r"\.zoomdream-[0-9a-f]{8}\.part")  # short: a target's name may be as long as names can be
_HOLDS_OPEN = os.name == "posix"  # Windows renames and removes nothing that is open


@dataclass
class Temporary:
    """A new file or folder that is locked until `release`, so that `stale_files` knows whether its process lives."""

    path: Path
    descriptor: int | None
    """None after `release`, and where nothing can be locked."""

    def release(self) -> None:
        """Unlock it."""
        descriptor, self.descriptor = self.descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def create_file(folder: Path) -> Temporary:
    """A new, empty file in `folder`, with the permissions of any new file. Raises OSError."""
    return _create(folder, lambda path: os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))


def create_folder(folder: Path) -> Temporary:
    """A new, empty folder in `folder`. Raises OSError."""

    def create(path: Path) -> int | None:
        path.mkdir()
        try:
            return os.open(path, os.O_RDONLY) if _HOLDS_OPEN else None
        except BaseException:  # too many open files
            path.rmdir()
            raise

    return _create(folder, create)


def _create(folder: Path, create: Callable[[Path], int | None]) -> Temporary:
    """What `create` makes under a name that nothing else has; it raises FileExistsError."""
    for _ in range(_ATTEMPTS):
        path = folder / temporary_name()
        try:
            temporary = Temporary(path, create(path))
        except FileExistsError:
            continue
        if temporary.descriptor is not None and (not _HOLDS_OPEN or not try_lock(temporary.descriptor)):
            temporary.release()
        return temporary
    raise FileExistsError(errno.EEXIST, f"no free name for a temporary file in {folder}")


def temporary_name() -> str:
    """A name that `is_own_name` knows, by chance another one each time."""
    return f".zoomdream-{secrets.token_hex(4)}.part"


def is_own_name(name: str) -> bool:
    """Whether a name is one that only temporary files and locks have."""
    return bool(_TEMPORARY.fullmatch(name) or LOCK_NAME.fullmatch(name))


def stale_files(folder: Path) -> list[Path]:
    """The temporary files, temporary folders and locks in `folder` whose process has ended, sorted.

    Where the file system has no locks nothing is known of them, and none is listed. A folder of frames that were being
    replaced may hold the old ones in a folder `replaced`. Raises OSError.
    """
    return sorted(entry for entry in folder.iterdir() if is_own_name(entry.name) and _is_stale(entry))


def remove(path: Path) -> None:
    """Remove a temporary file or folder, or a lock. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _is_stale(path: Path) -> bool:
    if path.is_symlink():  # nothing that was made here
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:  # gone meanwhile, or another user's
        return False
    try:
        return try_lock(descriptor) is True
    finally:
        os.close(descriptor)


def flush(path: Path) -> None:
    """Flush a file to the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_folder(path: Path) -> None:
    """Flush a folder's names to the disk, where that can be done."""
    with suppress(OSError):  # Windows opens no folder, and some network drives flush none
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def rename(part: Path, target: Path, *, overwrite: bool) -> None:
    """Rename a file. It takes over the permissions of a file that it replaces.

    Raises OutputExistsError where the target exists and `overwrite` is false; OSError, with EXDEV for another disk.
    """
    if overwrite:
        _copy_permissions(target, part)
        part.replace(target)
        return
    try:
        os.link(part, target)  # unlike a rename it never replaces a file
    except FileExistsError:
        raise _appeared(target) from None
    except OSError as error:
        if error.errno == errno.EXDEV:
            raise
        if os.path.lexists(target):  # a file system without hard links, such as FAT
            raise _appeared(target) from None
        part.rename(target)
    else:
        part.unlink()


def _copy_permissions(source: Path, target: Path) -> None:
    """Give `target` the permissions of `source` if that is a regular file, as overwriting it in place would."""
    with suppress(OSError):  # no such file, or a file system without permissions
        mode = source.lstat().st_mode
        if stat.S_ISREG(mode):
            target.chmod(mode & 0o777)


def _appeared(target: Path) -> OutputExistsError:
    return OutputExistsError(f"{target} exists: another program has written it in the meantime")


class FileExchange:
    """Moves files from one folder to another on the same disk, keeping those that they replace until all are moved.

    While it runs every name holds its old or its new file, whole. The old ones are also in `kept`.
    """

    def __init__(self, source: Path, target: Path, kept: Path) -> None:
        self.source = source
        self.target = target
        self.kept = kept

    def move(self, name: str, *, overwrite: bool) -> None:
        """Move a file; one that it replaces stays in `kept`. Raises as `rename` does."""
        place = self.target / name
        if overwrite and os.path.lexists(place):
            self._keep(place)
        rename(self.source / name, place, overwrite=overwrite)

    def remove(self, name: str) -> None:
        """Move a file of the target to `kept`. Raises OSError."""
        (self.target / name).rename(self.kept / name)

    def undo_move(self, name: str) -> None:
        """Undo `move`, however far it came. Raises OSError."""
        new, place = self.source / name, self.target / name
        if os.path.lexists(place):
            if not os.path.lexists(new):
                place.rename(new)
            elif new.samefile(place):  # linked, and not unlinked yet
                place.unlink()
        self.undo_remove(name)

    def undo_remove(self, name: str) -> None:
        """Undo `remove`, however far it came. Raises OSError."""
        old, place = self.kept / name, self.target / name
        if not os.path.lexists(old):
            return
        if os.path.lexists(place) and old.samefile(place):  # a rename of one link over another does nothing
            old.unlink()
        else:
            old.rename(place)

    def drop(self) -> None:
        """Remove the files that were replaced or removed."""
        shutil.rmtree(self.kept, ignore_errors=True)

    def _keep(self, place: Path) -> None:
        if not place.is_symlink():
            with suppress(OSError):  # a file system without hard links
                os.link(place, self.kept / place.name)
                return
        place.rename(self.kept / place.name)
