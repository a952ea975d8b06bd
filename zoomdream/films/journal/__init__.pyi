from .folder import Journal as Journal
from .folder import JournalRecord as JournalRecord
from .folder import find_journal as find_journal
from .folder import journal_folder as journal_folder
from .writer import JournalWriter as JournalWriter

__all__ = ["Journal", "JournalRecord", "JournalWriter", "find_journal", "journal_folder"]
