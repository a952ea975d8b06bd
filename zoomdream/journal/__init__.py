"""A film's finished frames and exact states on disk, so that a render that ended early goes on with the same bits.

docs/journal.md describes the files.
"""

from zoomdream.journal.journal import Journal, JournalRecord, find_journal, journal_folder
from zoomdream.journal.writer import JournalWriter

__all__ = ["Journal", "JournalRecord", "JournalWriter", "find_journal", "journal_folder"]
