"""Renders a part of a film into the film's journal, from which a render of the film takes it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from zoomdream.encoding.codecs import frame_bits
from zoomdream.encoding.encoder import write_error
from zoomdream.errors import SourceError
from zoomdream.films.delivery import finished_frames
from zoomdream.films.film import Film
from zoomdream.films.journal import find_journal, journal_folder
from zoomdream.films.journal.part_locks import part_lock
from zoomdream.films.journaling import FilmJournal, JournalOptions
from zoomdream.films.rendering import frame_progress
from zoomdream.films.states import PartStart, State
from zoomdream.images.frame import Size
from zoomdream.interruption import deferred
from zoomdream.progress import OnProgress, Progress


@dataclass(frozen=True)
class PartJob:
    """A `zoomdream.progress.Job` that leaves a part's frames in the film's journal; its result is the journal's folder.

    What earlier runs have finished of the part stays, and is not dreamed again.
    """

    film: Film
    output: Path
    """The film's file or folder, which is not written."""
    part: range
    """One of `films.parts.splitting.independent_parts`."""
    journal: JournalOptions = field(default_factory=JournalOptions)
    """What becomes of frames of an earlier run."""
    is_led: bool = False
    """Whether the render that writes the film leads this job; else no render of the film may be under way."""

    @property
    def size(self) -> Size:
        """(width, height) of the film, in pixels."""
        return self.film.size

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know before the work begins."""
        return self.film.warnings

    @property
    def provenance(self) -> str:
        """What makes the film, in one line for its metadata."""
        return self.film.provenance

    def run(self, on_progress: OnProgress | None = None) -> Path:
        """Dream what is missing. `on_progress` is called after each frame of the part.

        Raises OutputBusyError, OutputError, JournalError, SourceError, EncodeError, DreamError, OutOfMemoryError.
        """
        folder = journal_folder(self.output)
        try:
            with (
                part_lock(self.output, folder, self.part, is_led=self.is_led),
                FilmJournal(
                    self.film, folder, self.output.name, len(self.film.timeline), self.journal, self.part
                ) as journal,
            ):
                for stretch in journal.stretches(self.part):
                    if not stretch.is_finished:
                        self._dream(stretch.frames, journal.start(stretch.frames.start), journal, on_progress)
                    elif on_progress:
                        done = stretch.frames.stop
                        on_progress(replace(self._progress(done - 1), before=done - self.part.start))
                journal.close()
        except OSError as error:
            raise write_error(self.output, error) from error
        return folder

    def _dream(
        self, frames: range, start: State | PartStart | None, journal: FilmJournal, on_progress: OnProgress | None
    ) -> None:
        bits = frame_bits(self.film.output)
        with closing(finished_frames(self.film, start, len(frames), bits)) as finished:
            for index in frames:
                with deferred():
                    pixels, after = next(finished, (None, None))
                    if pixels is None or after is None:
                        raise SourceError(
                            f"the video ended before frame {index}, which is missing in the film's journal"
                        )
                    journal.append(pixels, after)
                if on_progress:
                    on_progress(replace(self._progress(index), before=frames.start - self.part.start))

    def _progress(self, index: int) -> Progress:
        progress = frame_progress(self.film.timeline[index], len(self.film.timeline))
        return replace(progress, done=index + 1 - self.part.start, total=len(self.part))


def finished_in(film: Film, output: Path, parts: Sequence[range], journal: JournalOptions) -> list[int]:
    """How many frames of each part earlier runs have finished. Raises JournalError where they are another film's."""
    folder = journal_folder(output)
    found = find_journal(folder) if folder.is_dir() and journal.resume is not False else None
    if found is None:
        return [0] * len(parts)
    ranges = [
        range(each.first, each.stop)
        for each in FilmJournal(film, folder, output.name, 0, journal).usable(found).segments
    ]
    return [
        sum(len(range(max(part.start, each.start), min(part.stop, each.stop))) for each in ranges) for part in parts
    ]
