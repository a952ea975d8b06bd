"""Files and folders that are written: whether they may be, and how they appear whole or not at all.

All is written under a temporary name first, which is new and belongs to this run alone. At the end it is flushed to
the disk and renamed. What a run did not create is never removed, and replaced only where `overwrite` allows it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from zoomdream.errors import OutputError, OutputExistsError

_ATTEMPTS = 100  # random names, of which two are equal once in four billion times
_TEMPORARY = re.compile(r"\.zoomdream-[0-9a-f]{8}\.part")  # short: a target's name may be as long as names can be


def check_output_file(path: Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Check, before the work, that a file may be written to `path`. Leaves nothing behind.

    Raises OutputExistsError where something exists and `overwrite` is false; OutputError for a folder, something else
    that is no regular file, a file among `inputs`, or a place where nothing can be written.
    """
    with _output_errors(path):
        if path.is_dir():
            raise OutputError(f"{path} is a folder: name a file in it")
        if os.path.lexists(path):
            if path.exists() and not path.is_file():
                raise OutputError(f"{path} is not a regular file; choose another output")
            if not overwrite:
                raise OutputExistsError(f"{path} exists")
        refuse_overwriting(path, inputs)
        _check_parent(path)
        _try_writing(path.absolute().parent, path.name)


def check_output_folder(
    path: Path,
    first_name: str,
    is_output: Callable[[str], bool],
    *,
    overwrite: bool = False,
    inputs: Iterable[Path] = (),
) -> None:
    """Check, before the work, that a folder of files may be written to `path`. Leaves nothing behind.

    Args:
        path: a folder that exists, or a new one in a folder that exists.
        first_name: the name of one of the files.
        is_output: whether a name is one of those that the files may have; only such files are ever replaced.
        overwrite: whether a folder that is not empty may be written into.
        inputs: files that must not be replaced.

    Raises OutputExistsError where the folder is not empty and `overwrite` is false; OutputError for what is no folder,
    a file among `inputs`, a folder in it that has a file's name, or a place where nothing can be written.
    """
    with _output_errors(path):
        if os.path.lexists(path) and not path.is_dir():
            raise OutputError(f"{path} is a file, not a folder; choose another output")
        for read in inputs:
            for name in filter(is_output, {read.name, Path(os.path.realpath(read)).name}):
                refuse_overwriting(path / name, [read])
        if path.is_dir():
            _check_entries(path, is_output, overwrite=overwrite)
            _try_writing(path, first_name)
        else:
            _check_parent(path)
            _try_writing(path.absolute().parent, path.name, first_name)


def refuse_overwriting(output: Path | str, inputs: Iterable[Path]) -> None:
    """Refuse an output file that is one of `inputs`, by whatever name. Raises OutputError."""
    for path in inputs:
        if _is_same(Path(output), path):
            raise OutputError(f"{output} would be written over {path}, which is read for it: choose another output")


def _is_same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)  # Path.resolve raises for a link to itself


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; choose another output") from error


def _check_parent(path: Path) -> None:
    folder = path.absolute().parent
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{path} cannot be written: {folder} is a file, not a folder; choose another output")
    if not folder.is_dir():
        raise OutputError(f"{path} cannot be written: there is no folder {folder}; create it or choose another output")


def _check_entries(folder: Path, is_output: Callable[[str], bool], *, overwrite: bool) -> None:
    for entry in folder.iterdir():
        if not overwrite and not _TEMPORARY.fullmatch(entry.name):  # a run that was killed may have left those
            raise OutputExistsError(f"the folder {folder} is not empty", is_folder=True)
        if is_output(entry.name) and entry.is_dir():
            raise OutputError(f"{entry} is a folder where a file would be written; choose another output")


def _try_writing(folder: Path, *names: str) -> None:
    """Create files with these names in a temporary folder in `folder`, and remove it. Raises OSError.

    Only an attempt shows missing permissions, a disk that is read-only or full, and names that the file system does
    not allow. In a folder of its own the attempt touches no file of those names.
    """
    temporary = _create(folder, Path.mkdir)
    try:
        for name in names:
            (temporary / name).touch()
    finally:
        shutil.rmtree(temporary)


def is_temporary(name: str) -> bool:
    """Whether a file's name is one that unfinished files and folders have here."""
    return _TEMPORARY.fullmatch(name) is not None


class PartFile:
    """A new file under a temporary name beside `target`, which gets that name when it is whole.

    The constructor creates it, empty, with the permissions of any new file. Raises OSError.
    """

    def __init__(self, target: Path, *, overwrite: bool = True) -> None:
        self.target = target
        self.path = _create(target.absolute().parent, lambda path: path.touch(exist_ok=False))
        self._overwrite = overwrite
        self._exists = True

    def commit(self) -> None:
        """Flush it to the disk and rename it.

        It takes over the permissions of a file that it replaces. Raises OutputExistsError where a file has appeared
        under the target's name and must not be overwritten; OSError.
        """
        _flush(self.path)
        _rename(self.path, self.target, overwrite=self._overwrite)
        self._exists = False

    def discard(self) -> None:
        """Remove it. After `commit` this does nothing."""
        if self._exists:
            self.path.unlink(missing_ok=True)
            self._exists = False


@contextmanager
def whole_file(target: Path, *, overwrite: bool = True) -> Iterator[Path]:
    """A temporary file to write to, which becomes `target` at the end of the block; an exception leaves nothing.

    Raises OutputExistsError and OSError as `PartFile` does.
    """
    part = PartFile(target, overwrite=overwrite)
    try:
        yield part.path
        part.commit()
    finally:
        part.discard()


class PartFolder:
    """A new folder under a temporary name, whose files become those of `target` when all are there.

    The constructor creates it. Where the target does not exist yet, it lies beside it and is renamed to it. Where the
    target exists, it lies inside, since the target may be the root of a disk, and its files are moved up. Raises
    OSError.

    `is_output` says whether a name is one of those that its files may have.
    """

    def __init__(self, target: Path, is_output: Callable[[str], bool], *, overwrite: bool = False) -> None:
        self.target = target
        self.path = _create(target if target.is_dir() else target.absolute().parent, Path.mkdir)
        self._is_output = is_output
        self._overwrite = overwrite
        self._exists = True

    def commit(self) -> None:
        """Flush the files to the disk and move them to the target.

        In a target that exists, files with the names of outputs are replaced, or removed where this run has written
        none of that name; all else stays. Raises OutputExistsError where something has appeared in the target and
        must not be overwritten; OSError.
        """
        for file in self.path.iterdir():
            _flush(file)
        _flush_folder(self.path)
        if os.path.lexists(self.target):
            self._move_files()
        else:
            self.path.rename(self.target)
        self._exists = False

    def discard(self) -> None:
        """Remove it with all that is in it. After `commit` this does nothing."""
        if self._exists:
            shutil.rmtree(self.path, ignore_errors=True)
            self._exists = False

    def _move_files(self) -> None:
        _check_entries(self.target, self._is_output, overwrite=self._overwrite)
        names = sorted(file.name for file in self.path.iterdir())
        with ExitStack() as undo:
            for name in names:
                _rename(self.path / name, self.target / name, overwrite=self._overwrite)
                if not self._overwrite:
                    undo.callback((self.target / name).unlink, missing_ok=True)
            undo.pop_all()
        for entry in list(self.target.iterdir()):
            if self._is_output(entry.name) and entry.name not in names:
                entry.unlink()
        self.path.rmdir()


def _create(folder: Path, create: Callable[[Path], None]) -> Path:
    """A new file or folder in `folder` with a name that nothing else has; `create` raises FileExistsError."""
    for _ in range(_ATTEMPTS):
        path = folder / f".zoomdream-{secrets.token_hex(4)}.part"
        try:
            create(path)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"no free name for a temporary file in {folder}")


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    with suppress(OSError):  # Windows opens no folder, and some network drives flush none
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _rename(part: Path, target: Path, *, overwrite: bool) -> None:
    """Rename a file. Raises OutputExistsError where the target exists and `overwrite` is false; OSError."""
    if overwrite:
        _copy_permissions(target, part)
        part.replace(target)
        return
    try:
        os.link(part, target)  # unlike a rename it never replaces a file
    except FileExistsError:
        raise _appeared(target) from None
    except OSError:  # a file system without hard links, such as FAT
        if os.path.lexists(target):
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
