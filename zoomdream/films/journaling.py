"""A film and its journal: which frames are finished already, and how the others are kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from zoomdream.errors import JournalError
from zoomdream.films.film import Film
from zoomdream.films.identity import ComputeRecord, film_identity, objective_names
from zoomdream.films.states import STATE_FORMAT, State, state_from
from zoomdream.images.frame import Levels
from zoomdream.journal import Journal, JournalRecord, JournalWriter, find_journal, journal_folder
from zoomdream.journal.journal import clear, drop_files, write_record
from zoomdream.journal.writer import Snapshot


@dataclass(frozen=True)
class JournalOptions:
    """What a render does with the journal of its output."""

    enabled: bool = True
    """Keep finished frames while the film is rendered."""
    resume: bool | None = None
    """What to do with frames of an earlier run. None: go on after them, or raise JournalError where they are another
    film's; True: go on after those that are this film's, drop the rest; False: drop them all."""
    keep: bool = False
    """Leave the journal when the film is finished."""
    command: str = ""
    """The command that goes on, for those who find the journal."""


def check_journal(film: Film, output: Path, options: JournalOptions) -> int:
    """How many frames of a film an earlier run has finished, in the journal of `output`. Changes nothing.

    Raises JournalError where they are another film's, as rendering would.
    """
    folder = journal_folder(output)
    if not options.enabled or options.resume is False or not folder.is_dir():
        return 0
    found = find_journal(folder)
    return FilmJournal(film, folder, output.name, 0, options).usable(found).frames if found else 0


class FilmJournal:
    """Context manager: the finished frames of a film, on disk, and all that become finished.

    Entering it opens the journal in `folder` and reads how far it is. Leaving it closes what was written; where nothing
    was, the folder is removed. Raises JournalError, OSError.
    """

    def __init__(self, film: Film, folder: Path, output: str, frames: int, options: JournalOptions) -> None:
        """Of the film's first `frames` frames, for the output of that name."""
        self._film = film
        self._folder = folder
        self._output = output
        self._frames = frames
        self._options = options
        self._writer: JournalWriter | None = None
        self._found: Journal | None = None
        self.state: State | None = None
        """What the first unfinished frame begins with; None: the film begins."""

    @property
    def finished(self) -> int:
        """How many frames an earlier run has finished: the film's first ones."""
        return self._found.frames if self._found else 0

    @property
    def folder(self) -> Path:
        """Where the journal lies, and temporary files may: on the output's disk."""
        return self._folder

    def pixels(self, first: int, stop: int) -> Iterator[Levels]:
        """Finished frames `first` to `stop` - 1, HxWx3 RGB, uint8 or uint16. Raises JournalError for a damaged one."""
        return self._found.read(first, stop) if self._found else iter(())

    def append(self, pixels: Levels, state: State) -> None:
        """Keep a frame that has become finished, and the state after it. Raises OSError when the disk fails."""
        if self._writer is None:
            first = self._found.segments if self._found else ()
            self._writer = JournalWriter(self._folder, first, self._digest, pixels.nbytes)
        self._writer.append(pixels, Snapshot(state.index, state.kind, STATE_FORMAT, state.tensors))

    def close(self) -> None:
        """Wait until all frames are on the disk. Raises OSError."""
        if self._writer is not None:
            self._writer.close()

    def has_more_than(self, span: range) -> bool:
        """Whether an earlier run has finished frames that are not among these: they are still of use."""
        return self.finished > 0 and (span.start > 0 or self.finished > span.stop)

    def restore_record(self) -> None:
        """Let the journal say again what the earlier run was to make, and how that goes on. Raises OSError."""
        if self._found is not None:
            write_record(self._folder, replace(self._found.record, frames=max(self._found.record.frames, self._frames)))

    def remove(self) -> None:
        """Remove the journal: the film is finished. Raises OSError."""
        with suppress(FileNotFoundError):  # somebody else has removed it: the film is there all the same
            clear(self._folder, self._inputs)

    def __enter__(self) -> FilmJournal:
        found = find_journal(self._folder)
        if found is not None and self._options.resume is not False:
            self._found, self.state = self._take_over(found)
        self._drop_the_rest()
        write_record(self._folder, self._record())  # in the old one's place, which is true of what lay there until now
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if self._writer is not None:
                self._writer.__exit__(kind, error, trace)
        finally:
            if kind is not None:
                self._clear_unless_useful()

    def usable(self, found: Journal) -> Journal:
        """The part of a journal that this film goes on from. Raises JournalError where it is another film's."""
        return self._take_over(found)[0]

    def _take_over(self, found: Journal) -> tuple[Journal, State | None]:
        """The part of a journal that this film goes on from, and its last state."""
        self._refuse_another(found)
        matching = found.matching(self._digest)
        if matching < found.frames and self._options.resume is None:
            longer = "that is longer or " if found.frames > len(self._film.timeline) else ""
            raise JournalError(
                f"{self._folder} holds {found.frames} frames of a film {longer}whose settings differ from frame "
                f"{matching} on, at the latest",
                differs=True,
                matching=matching,
            )
        journal, tensors = found.up_to(matching, STATE_FORMAT)
        if not journal.segments:
            return journal, None
        last = journal.segments[-1].state
        return journal, state_from(last.kind, last.index, tensors, self._film.network.device)

    def _refuse_another(self, found: Journal) -> None:
        differences = found.differences(self._identity)
        if differences and found.frames:
            raise JournalError(
                f"{self._folder} holds {found.frames} frames of another film: {'; '.join(differences)}", differs=True
            )

    def _drop_the_rest(self) -> None:
        """Remove what an earlier run has left and this one does not go on from."""
        if self._folder.is_dir():
            segments = self._found.segments if self._found else ()
            drop_files(self._folder, {*self._inputs, *(file for segment in segments for file in segment.files)})

    def _clear_unless_useful(self) -> None:
        """After a failure: a folder without a finished frame is of no use."""
        with suppress(OSError, JournalError):  # an error is on its way already
            found = find_journal(self._folder)
            if found is not None and not found.frames:
                found.remove()

    @property
    def _inputs(self) -> set[Path]:
        """The film's inputs that lie in the journal's folder, whatever made somebody put them there."""
        folder = os.path.realpath(self._folder)
        real = [Path(os.path.realpath(path)) for path in self._film.inputs]
        return {self._folder / path.name for path in real if str(path.parent) == folder}

    def _record(self) -> JournalRecord:
        film = self._film
        compute = asdict(ComputeRecord.of(film.network, film.tiling))
        return JournalRecord(
            self._identity,
            self._output,
            self._frames,
            film.size,
            str(film.clock.fps),
            self._options.command,
            _working_folder() if self._options.command else "",
            compute,
        )

    @cached_property
    def _identity(self) -> dict[str, str | int | None]:
        return dict(film_identity(self._film))

    @cached_property
    def _digest(self) -> Callable[[int, int], str]:
        names, timeline = objective_names(self._film), self._film.timeline

        def digest(first: int, stop: int) -> str:
            return timeline.digest(first, stop, names) if stop <= len(timeline) else ""

        return digest


def _working_folder() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:  # it has been removed, and nothing of the film is in it
        return ""
