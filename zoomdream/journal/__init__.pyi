from .journal import Journal as Journal
from .journal import JournalRecord as JournalRecord
from .journal import find_journal as find_journal
from .journal import journal_folder as journal_folder
from .writer import JournalWriter as JournalWriter

__all__ = ["Journal", "JournalRecord", "JournalWriter", "find_journal", "journal_folder"]
