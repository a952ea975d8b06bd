"""The journals in a folder: films that are unfinished, or whose frames were kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zoomdream.errors import JournalError, OutputBusyError
from zoomdream.journal.journal import SUFFIX, Journal, find_journal
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
    places = [path for path in folder.iterdir() if path.is_dir() and path.name != JOURNAL_NAME]
    beside = [(path, path.with_name(path.name.removesuffix(SUFFIX))) for path in places if path.name.endswith(SUFFIX)]
    inside = [(path / JOURNAL_NAME, path) for path in (folder, *places) if (path / JOURNAL_NAME).is_dir()]
    found = [(_journal(path), output) for path, output in sorted([*beside, *inside])]
    return [Listed(journal, output, _is_busy(output)) for journal, output in found if journal is not None]


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


def remove_journal(listed: Listed) -> None:
    """Remove a journal that no render is at. Raises OutputBusyError, OSError."""
    with output_lock(listed.output):
        listed.journal.remove()
