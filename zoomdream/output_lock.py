"""The exclusive right of one process to write an output, and locks that end with their process."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from zoomdream.errors import OutputBusyError, OutputError

LOCK_NAME = re.compile(r"\.zoomdream-[0-9a-f]{8}\.lock")
_ATTEMPTS = 50
_PAUSE = 0.01  # seconds between attempts
_CONTENT = re.compile(rb"\d*\n?")  # a process id, or nothing yet
_LONGEST = 32  # bytes: longer than any process id
_HELD = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
# EBADF: some network drives lock only what is open for writing, and a folder never is
_UNSUPPORTED = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF)

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 2**30  # what is locked cannot be read by others, and they are to read the process id

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def try_lock(descriptor: int) -> bool | None:
    """Lock an open file or folder until it is closed or its process ends.

    False where another descriptor holds it, also one of this process; None where the file system has no locks. Raises
    OSError.
    """
    try:
        _lock(descriptor)
    except OSError as error:
        if error.errno in _HELD:
            return False
        if error.errno in _UNSUPPORTED:
            return None
        raise
    return True


@dataclass
class _Held:
    """A lock that this process has."""

    descriptor: int | None
    """Of the lock file; None where the file system has no locks."""
    process: int
    """A forked process inherits the table of locks, but none of them is its own."""
    thread: int
    uses: int = 1


_locks: dict[Path, _Held] = {}
_mutex = threading.Lock()


@contextmanager
def output_lock(path: Path | str, *, folder: Path | None = None) -> Iterator[None]:
    """The exclusive right of this thread to write the output `path`, a file or a folder, which need not exist.

    A small file is the lock: beside the output, or in it where it is a folder that exists, or in `folder`. It is
    removed at the end; one that a dead process has left does not count. One thread may enter it several times. Where
    the file system has no locks, nothing is excluded.

    Raises OutputBusyError where another process or thread has it, OutputError where no lock file can be made.
    """
    output = Path(path)
    file = _lock_file(output, folder)
    _take(file, output)
    try:
        yield
    finally:
        _give_back(file)


def lock_holders(folder: Path) -> list[str]:
    """The process ids of those that hold locks which lie in a folder, as far as the file system has locks."""
    holders = []
    for file in folder.iterdir() if folder.is_dir() else ():
        if LOCK_NAME.fullmatch(file.name):
            with suppress(FileNotFoundError):
                descriptor = _open(file)
                try:
                    if try_lock(descriptor) is False:
                        holders.append(_content(descriptor, file) or "unknown")
                finally:
                    os.close(descriptor)
    return holders


def _lock_file(output: Path, folder: Path | None) -> Path:
    """The same for all names of one output: a link to its folder is followed, one that will be replaced is not."""
    if folder is None and output.is_dir():
        place = Path(os.path.realpath(output))
        name = place.name
    else:
        real = Path(os.path.realpath(output.absolute().parent), output.name)
        place, name = (real.parent, real.name) if folder is None else (Path(os.path.realpath(folder)), str(real))
    digest = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:8]
    return place / f".zoomdream-{digest}.lock"


def _take(file: Path, output: Path) -> None:
    with _mutex:
        held = _locks.get(file)
        if held is None or held.process != os.getpid():
            try:
                _locks[file] = _Held(_acquire(file, output), os.getpid(), threading.get_ident())
            except OSError as error:
                raise OutputError(f"{output} cannot be written: {error.strerror}; choose another output") from error
        elif held.thread == threading.get_ident():
            held.uses += 1
        else:
            raise OutputBusyError(f"{output} is being written by this process already: choose another output")


def _give_back(file: Path) -> None:
    with _mutex:
        held = _locks.get(file)
        if held is None or held.process != os.getpid():
            return
        held.uses -= 1
        if held.uses:
            return
        del _locks[file]
        if held.descriptor is None:
            return
        if sys.platform == "win32":  # removes nothing that is open
            os.close(held.descriptor)
            with suppress(OSError):
                file.unlink()
            return
        try:
            with suppress(OSError):  # the folder may be gone, or the file another user's
                if _is_at(held.descriptor, file):
                    file.unlink()
        finally:
            os.close(held.descriptor)


def _acquire(file: Path, output: Path) -> int | None:
    """The descriptor of the lock file; None where the file system has no locks. Raises OutputBusyError, OSError."""
    holder = ""
    for _ in range(_ATTEMPTS):
        descriptor = _open(file)
        try:
            locked = try_lock(descriptor)
            content = _content(descriptor, file)
            if locked is None:
                file.unlink(missing_ok=True)
                os.close(descriptor)
                return None
            if locked and _is_at(descriptor, file):
                _write_process_id(descriptor)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if not locked:
            holder = content
            if holder and psutil.pid_exists(int(holder)):
                break
        # else it has been given back and removed meanwhile, or its holder has yet to write who it is
        time.sleep(_PAUSE)
    who = f" (process {holder})" if holder else ""
    raise OutputBusyError(f"{output} is being written by another zoomdream{who}: wait for it or choose another output")


def _open(file: Path) -> int:
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except PermissionError:  # another user's, and that is enough for a lock
        return os.open(file, os.O_RDONLY | flags)


def _content(descriptor: int, file: Path) -> str:
    """The holder's process id. Raises OutputError for what is no lock file, which must stay as it is."""
    is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    if is_regular:
        os.lseek(descriptor, 0, os.SEEK_SET)
    content = os.read(descriptor, _LONGEST) if is_regular else b"no file"
    if not _CONTENT.fullmatch(content):
        raise OutputError(f"{file} is no lock of zoomdream, though named as one: rename it or choose another output")
    return content.decode().strip()


def _is_at(descriptor: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


def _write_process_id(descriptor: int) -> None:
    with suppress(OSError):  # on a full disk, or in another user's file: it is locked all the same
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())
