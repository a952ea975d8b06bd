"""Files and folders that are written: whether they may be, and how they appear whole or not at all.

All is written under a temporary name first, which is new and belongs to this run alone. At the end it is flushed to
the disk and renamed. What a run did not create is never removed, and replaced only where `overwrite` allows it.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from zoomdream import interruption
from zoomdream.errors import EncodeError, OutputError, OutputExistsError
from zoomdream.temporary_files import FileExchange, create_file, create_folder, flush, flush_folder, is_own_name, rename

JOURNAL_NAME = ".zoomdream.journal"
"""In a folder that is an output: the folder of its finished frames."""

_REPLACED = "replaced"  # in a temporary folder: the files whose names others have got


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
        inputs: files that must not be replaced, and folders that must not be written into.

    Raises OutputExistsError where the folder is not empty and `overwrite` is false; OutputError for what is no folder,
    a file among `inputs`, a folder in it that has a file's name, or a place where nothing can be written.
    """
    with _output_errors(path):
        if os.path.lexists(path) and not path.is_dir():
            raise OutputError(f"{path} is a file, not a folder; choose another output")
        inputs = tuple(inputs)
        for read in inputs:
            if read.is_dir():
                refuse_overwriting(path, [read])
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
    try:
        if one.exists() and other.exists():
            return one.samefile(other)
        return os.path.realpath(one) == os.path.realpath(other)  # Path.resolve raises for a link to itself
    except (OSError, ValueError):  # nobody may look, or no file may have such a name: what reads or writes it says so
        return False


def picture_error(path: Path, error: OSError) -> EncodeError | OutputError:
    """The error for what the operating system says when a picture is written to `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path)
    return OutputError(f"{path} cannot be written: {error.strerror or error}")


def disk_full(path: Path) -> EncodeError:
    """The error for an output whose disk has no space left."""
    return EncodeError(
        f"{path} could not be written: the disk of {path.parent} is full; free some space or choose another"
    )


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{path} cannot be written: {reason}; choose another output") from error


def _check_parent(path: Path) -> None:
    folder = path.absolute().parent
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{path} cannot be written: {folder} is a file, not a folder; choose another output")
    if not folder.is_dir():
        raise OutputError(f"{path} cannot be written: there is no folder {folder}; create it or choose another output")


def _check_entries(folder: Path, is_output: Callable[[str], bool], *, overwrite: bool) -> None:
    for entry in folder.iterdir():
        is_left = is_own_name(entry.name) or entry.name == JOURNAL_NAME  # by a run that was killed
        if not overwrite and not is_left:
            raise OutputExistsError(f"the folder {folder} is not empty", is_folder=True)
        if is_output(entry.name) and entry.is_dir():
            raise OutputError(f"{entry} is a folder where a file would be written; choose another output")


def _try_writing(folder: Path, *names: str) -> None:
    """Create files with these names in a temporary folder in `folder`, and remove it. Raises OSError.

    Only an attempt shows missing permissions, a disk that is read-only or full, and names that the file system does
    not allow. In a folder of its own the attempt touches no file of those names.
    """
    temporary = create_folder(folder)
    try:
        for name in names:
            (temporary.path / name).touch()
    finally:  # without `rmtree`, which opens folders, of which there may be too many
        for name in names:
            with suppress(ValueError):  # of a name that no file may have, as when it was made
                (temporary.path / name).unlink(missing_ok=True)
        temporary.path.rmdir()
        temporary.release()


class PartFile:
    """A new file under a temporary name, which gets the name `target` when it is whole.

    The constructor creates it, empty, with the permissions of any new file, in `folder` or beside the target. It is
    locked until `commit` or `discard`: see `temporary_files.stale_files`. Raises OSError.
    """

    def __init__(self, target: Path, *, overwrite: bool = True, folder: Path | None = None) -> None:
        self.target = target
        self._overwrite = overwrite
        self._temporary = create_file(folder or target.absolute().parent)
        self.path = self._temporary.path
        self._exists = True

    def commit(self) -> None:
        """Flush it to the disk and rename it; from another disk it is copied beside the target first.

        It takes over the permissions of a file that it replaces. Raises OutputExistsError where a file has appeared
        under the target's name and must not be overwritten; OSError.
        """
        with interruption.waiting(f"the disk to take {self.target.name}"):
            flush(self.path)
        try:
            rename(self.path, self.target, overwrite=self._overwrite)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._commit_copy()
            return
        flush_folder(self.target.absolute().parent)
        self._exists = False
        self._temporary.release()

    def discard(self) -> None:
        """Remove it. After `commit` this does nothing."""
        if self._exists:
            with suppress(OSError):  # a disk that has gone: `stale_files` finds what is left
                self.path.unlink()
            self._exists = False
            self._temporary.release()

    def _commit_copy(self) -> None:
        copy = PartFile(self.target, overwrite=self._overwrite)
        try:
            shutil.copyfile(self.path, copy.path)
            copy.commit()
        finally:
            copy.discard()
        self.discard()


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

    The constructor creates it in `folder`, by default in the target where that exists, since it may be the root of a
    disk, else beside it. It is locked until `commit` or `discard`: see `temporary_files.stale_files`. Raises OSError.

    `is_output` says whether a name is one of those that its files may have.
    """

    def __init__(
        self,
        target: Path,
        is_output: Callable[[str], bool],
        *,
        overwrite: bool = False,
        folder: Path | None = None,
    ) -> None:
        self.target = target
        self._is_output = is_output
        self._overwrite = overwrite
        self._temporary = create_folder(folder or (target if target.is_dir() else target.absolute().parent))
        self.path = self._temporary.path
        self._exists = True

    def commit(self) -> None:
        """Flush the files to the disk and move them to the target; from another disk they are copied there first.

        A target that does not exist appears as a whole. In one that exists, files with the names of outputs are
        replaced, or removed where this run has written none of that name; all else stays. Where that fails, the old
        files come back. Where the process is killed meanwhile, every name holds its old or its new file; the old ones
        are also in a folder `replaced` in the temporary one, and the new ones that were not moved yet beside it.

        Raises OutputExistsError where something has appeared in the target and must not be overwritten; OSError.
        """
        with interruption.waiting(f"the disk to take the files of {self.target.name}"):
            for file in self.path.iterdir():
                flush(file)
            flush_folder(self.path)
        try:
            if os.path.lexists(self.target):
                self._move_files()
            else:
                self.path.rename(self.target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._commit_copy()
            return
        flush_folder(self.target)
        flush_folder(self.target.absolute().parent)
        self._exists = False
        self._temporary.release()

    def discard(self) -> None:
        """Remove it with all that is in it. After `commit` this does nothing.

        Where old files could not be given back to the target, it stays and has them.
        """
        if self._exists:
            self._exists = False
            self._temporary.release()
            if not any(self.path.glob(f"{_REPLACED}/*")):
                shutil.rmtree(self.path, ignore_errors=True)

    def _move_files(self) -> None:
        _check_entries(self.target, self._is_output, overwrite=self._overwrite)
        names = sorted(file.name for file in self.path.iterdir())
        of_earlier_runs = {entry.name for entry in self.target.iterdir() if self._is_output(entry.name)}
        exchange = FileExchange(self.path, self.target, self.path / _REPLACED)
        exchange.kept.mkdir()
        with ExitStack() as undo:
            for name in names:
                undo.callback(exchange.undo_move, name)
                exchange.move(name, overwrite=self._overwrite)
            for name in sorted(of_earlier_runs.difference(names)):
                undo.callback(exchange.undo_remove, name)
                exchange.remove(name)
            undo.pop_all()
        exchange.drop()
        shutil.rmtree(self.path, ignore_errors=True)

    def _commit_copy(self) -> None:
        copy = PartFolder(self.target, self._is_output, overwrite=self._overwrite)
        try:
            for file in self.path.iterdir():
                if file.is_file():
                    shutil.copyfile(file, copy.path / file.name)
            copy.commit()
        finally:
            copy.discard()
        self.discard()
