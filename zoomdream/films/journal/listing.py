"""The journals in a folder: films that are unfinished, or whose frames were kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from zoomdream.errors import JournalError, OutputBusyError, OutputError
from zoomdream.films.journal.folder import SUFFIX, Journal, find_journal, journal_folder
from zoomdream.output_files import JOURNAL_NAME
from zoomdream.output_lock import output_lock


@dataclass(frozen=True)
class Listed:
    """A journal among others."""

    journal: Journal
    output: Path
    """The film's file or folder, which may not exist yet."""
    is_busy: bool
    """Whether a render is at it now."""

    @property
    def is_finished(self) -> bool:
        """Whether all frames are there and the output exists: the journal was kept on purpose."""
        return self.journal.frames >= self.journal.record.frames and self.output.exists()


def list_journals(folder: Path) -> list[Listed]:
    """The journals in a folder, and inside of the folders in it, sorted by name. Raises OSError."""
    places = [path for path in folder.iterdir() if _is_folder(path) and path.name != JOURNAL_NAME]
    beside = [path for path in places if path.name.endswith(SUFFIX)]
    inside = [path / JOURNAL_NAME for path in (folder, *places) if _is_folder(path / JOURNAL_NAME)]
    found = [journal for path in sorted([*beside, *inside]) if (journal := _journal(path)) is not None]
    outputs = [(journal, _output(journal)) for journal in found]
    return [Listed(journal, output, _is_busy(output)) for journal, output in outputs]


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  unlike Path.is_dir it raises nothing in a folder of another user


def _output(journal: Journal) -> Path:
    """The film that a journal belongs to: by the folder's name, so that both can be renamed, where that holds it."""
    path = journal.path
    if path.name == JOURNAL_NAME:
        return path.parent
    recorded = path.with_name(Path(journal.record.output).name or path.name)
    by_name = path.with_name(path.name.removesuffix(SUFFIX))
    return recorded if journal_folder(recorded) == path else by_name


def _journal(path: Path) -> Journal | None:
    try:
        return find_journal(path)
    except JournalError:  # somebody's own folder of that name
        return None


def _is_busy(output: Path) -> bool:
    try:
        with output_lock(output):
            return False
    except OutputBusyError:
        return True
    except OutputError:  # nothing can be written there, by nobody
        return False


def remove_journal(listed: Listed) -> None:
    """Remove a journal that no render is at. Raises OutputBusyError, OSError."""
    with output_lock(listed.output):
        listed.journal.remove()
