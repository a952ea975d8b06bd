"""The parts of a film, as they were found once: finding them reads the whole video.

They are kept in the film's journal, so that many processes that render a part each do not all look for them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from zoomdream.films.film import Film
from zoomdream.films.footage import Footage
from zoomdream.films.identity import film_identity, objective_names
from zoomdream.films.journal import find_journal, journal_folder
from zoomdream.films.journal.folder import PARTS_NAME
from zoomdream.films.journaling import FilmJournal, JournalOptions
from zoomdream.films.parts.splitting import independent_parts
from zoomdream.output_files import whole_file
from zoomdream.progress import OnProgress

FORMAT = 1
"""Of the file."""


def kept_parts(
    film: Film, output: Path, options: JournalOptions, on_progress: OnProgress | None = None
) -> tuple[range, ...]:
    """`independent_parts` of a film, from the journal of `output` where it says them; else they are kept there.

    Raises SourceError, JournalError, OSError.
    """
    if not isinstance(film.source, Footage):
        return independent_parts(film)
    folder, key, count = journal_folder(output), _key(film), len(film.timeline)
    if (firsts := _read(folder / PARTS_NAME, key, count)) is None:
        parts = independent_parts(film, on_progress)
        firsts = [part.start for part in parts]
        if find_journal(folder) is None:
            FilmJournal(film, folder, output.name, count, options).write_record()
        with whole_file(folder / PARTS_NAME) as path:
            path.write_text(json.dumps({"zoomdream_parts": FORMAT, "key": key, "firsts": firsts}), encoding="utf-8")
    return tuple(range(first, stop) for first, stop in zip(firsts, [*firsts[1:], count], strict=True))


def _key(film: Film) -> str:
    """A digest of all that decides where a film is cut."""
    rows = film.timeline.digest(0, len(film.timeline), objective_names(film))
    return hashlib.sha256(json.dumps([dict(film_identity(film)), rows]).encode()).hexdigest()


def _read(path: Path, key: str, count: int) -> Sequence[int] | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        firsts = [int(first) for first in values["firsts"]]
        known = values["zoomdream_parts"] == FORMAT and values["key"] == key
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it was never written, or by another program: it is found out anew
    is_sound = firsts[:1] == [0] and firsts == sorted(set(firsts)) and firsts[-1] < count
    return firsts if known and is_sound else None
