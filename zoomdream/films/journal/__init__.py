"""A film's finished frames and exact states on disk, so that a render that ended early goes on with the same bits.

docs/journal.md describes the files.
"""

from zoomdream.films.journal.folder import Journal, JournalRecord, find_journal, journal_folder
from zoomdream.films.journal.writer import JournalWriter

__all__ = ["Journal", "JournalRecord", "JournalWriter", "find_journal", "journal_folder"]
