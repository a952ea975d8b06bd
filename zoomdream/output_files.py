"""Files that are written: whether one may be, and how it comes to be there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from zoomdream.errors import OutputError, OutputExistsError

_ATTEMPTS = 100  # random names; two that are alike are a matter of 2**-32


def check_output_file(path: Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Whether a file may be written to `path`; to be asked before the work.

    Raises OutputExistsError where something exists and `overwrite` is false; OutputError for a folder, a file among
    `inputs`, or a place where nothing can be written.
    """
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder: name a file in it")
        if os.path.lexists(path) and not overwrite:
            raise OutputExistsError(f"{path} exists")
        refuse_overwriting(path, inputs)
        check_folder(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; choose another output") from error


def check_folder(path: Path) -> None:
    """Whether something can be written beside `path`: only an attempt tells of permissions and read-only disks.

    Raises OutputError, and OSError for a name that the file system does not take.
    """
    folder = path.absolute().parent
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{path} cannot be written: {folder} is a file, not a folder; choose another output")
    if not folder.is_dir():
        raise OutputError(f"{path} cannot be written: there is no folder {folder}; create it or choose another output")
    if not os.path.lexists(path):
        path.open("xb").close()
        path.unlink()
    elif not os.access(folder, os.W_OK):
        raise OutputError(f"{path} cannot be written: the folder {folder} is closed to you; choose another output")


def refuse_overwriting(output: Path | str, inputs: Iterable[Path]) -> None:
    """Refuse an output file that is one of `inputs`, by whatever name. Raises OutputError."""
    for path in inputs:
        if _is_same(Path(output), path):
            raise OutputError(f"{output} would be written over {path}, which is read for it: choose another output")


def _is_same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


class PartFile:
    """A new file under a temporary name beside `target`, which it replaces when it is whole.

    The constructor creates it, and no other file is ever taken for it. Raises OSError.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = _create(target)

    def commit(self) -> None:
        """Write it through to the disk and give it its name. Raises OSError."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        self.path.replace(self.target)

    def discard(self) -> None:
        """Remove it. After `commit` this does nothing."""
        self.path.unlink(missing_ok=True)


def _create(target: Path) -> Path:
    for _ in range(_ATTEMPTS):
        path = target.with_name(f".zoomdream-{secrets.token_hex(4)}.part")
        try:
            path.open("xb").close()
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"no free name for a temporary file beside {target}")


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A temporary file to write to, which becomes `target` at the end of the block; an exception leaves nothing.

    Raises OSError.
    """
    part = PartFile(target)
    try:
        yield part.path
        part.commit()
    finally:
        part.discard()
