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
from zoomdream.films.frame_loops import part_start
from zoomdream.films.identity import ComputeRecord, film_identity, loop_digest, objective_names, part_digest
from zoomdream.films.journal import Journal, JournalRecord, JournalWriter, find_journal, journal_folder
from zoomdream.films.journal.folder import clear, drop_files, drop_frames, write_record
from zoomdream.films.journal.segments import Segment
from zoomdream.films.journal.stretches import Stretch, stretches_of
from zoomdream.films.journal.writer import PartBeginning, Snapshot
from zoomdream.films.states import STATE_FORMAT, PartStart, State, state_from
from zoomdream.images.frame import Levels


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
    complete_only: bool = False
    """Dream nothing: raise JournalError where a frame is missing."""


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

    With a `part`, only the frames of a part of the film are its own: what lies there of others stays as it is, for
    others may be at it.
    """

    def __init__(
        self, film: Film, folder: Path, output: str, frames: int, options: JournalOptions, part: range | None = None
    ) -> None:
        """Of the film's first `frames` frames, for the output of that name."""
        self._film = film
        self._folder = folder
        self._output = output
        self._frames = frames
        self._options = options
        self._part = part
        self._writer: JournalWriter | None = None
        self._end = 0  # the frame that the writer is to get next
        self._found: Journal | None = None

    @property
    def finished(self) -> int:
        """How many frames earlier runs have finished."""
        return self._found.frames if self._found else 0

    def stretches(self, frames: range) -> list[Stretch]:
        """These frames in order, as those that earlier runs have finished and those that are missing."""
        return stretches_of(frames, [range(segment.first, segment.stop) for segment in self._segments])

    def start(self, index: int) -> State | PartStart | None:
        """What a frame begins with that is missing; None: it begins the film.

        Raises JournalError where the journal's file is damaged.
        """
        if index == 0:
            return None
        before = next((segment for segment in self._segments if segment.stop == index), None)
        if before is None:
            return part_start(self._film, index)
        tensors = before.load_state()
        if tensors is None:
            raise JournalError(
                f"{before.state_path} is damaged: delete it, and the film goes on from the frames before"
            )
        return state_from(before.state.kind, index, tensors, self._film.network.device)

    @property
    def folder(self) -> Path:
        """Where the journal lies, and temporary files may: on the output's disk."""
        return self._folder

    def pixels(self, first: int, stop: int) -> Iterator[Levels]:
        """Finished frames `first` to `stop` - 1, HxWx3 RGB, uint8 or uint16. Raises JournalError for a damaged one."""
        return self._found.read(first, stop) if self._found else iter(())

    def reader(self) -> Callable[[int], tuple[Levels, ...]]:
        """Gives each frame that is finished by now, and none for one that is missing; for after `close`.

        It raises JournalError for a damaged frame.
        """
        now = find_journal(self._folder)
        return lambda index: tuple(now.read(index, index + 1)) if now else ()

    def append(self, pixels: Levels, state: State) -> None:
        """Keep a frame that has become finished, and the state after it. Raises OSError when the disk fails."""
        if self._writer is None or state.index != self._end + 1:
            self.close()
            self._writer = self._writer_from(state.index - 1, pixels.nbytes)
        self._end = state.index
        self._writer.append(pixels, Snapshot(state.index, state.kind, STATE_FORMAT, state.tensors))

    def _writer_from(self, first: int, frame_bytes: int) -> JournalWriter:
        """For the frames from `first` on."""
        before = [segment for segment in self._segments if segment.stop <= first]
        follows = before[-1].stop == first if before else first == 0
        part = None if follows else PartBeginning(first, part_digest(self._film, first))
        return JournalWriter(self._folder, before, self._digest, frame_bytes, part)

    def close(self) -> None:
        """Wait until all frames are on the disk. Raises OSError."""
        if self._writer is not None:
            self._writer.close()

    def has_more_than(self, span: range) -> bool:
        """Whether an earlier run has finished frames that are not among these: they are still of use."""
        return any(segment.first < span.start or segment.stop > span.stop for segment in self._segments)

    def write_record(self) -> None:
        """Let the journal say what film it is of; create it where it is missing. Raises OSError."""
        write_record(self._folder, self._record())

    def restore_record(self) -> None:
        """Let the journal say again what the earlier run was to make, and how that goes on. Raises OSError."""
        if self._found is not None:
            write_record(self._folder, replace(self._found.record, frames=max(self._found.record.frames, self._frames)))

    @property
    def _segments(self) -> tuple[Segment, ...]:
        return self._found.segments if self._found else ()

    def remove(self) -> None:
        """Remove the journal: the film is finished. Raises OSError."""
        with suppress(FileNotFoundError):  # somebody else has removed it: the film is there all the same
            clear(self._folder, self._inputs)

    def __enter__(self) -> FilmJournal:
        found = find_journal(self._folder)
        if found is not None and self._options.resume is not False:
            self._found = self.usable(found)
        self._drop_the_rest()
        if self._part is None or found is None or not found.frames:
            self.write_record()  # in the old one's place, which is true of what lay there until now
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if self._writer is not None:
                self._writer.__exit__(kind, error, trace)
        finally:
            if kind is not None and self._part is None:
                self._clear_unless_useful()

    def usable(self, found: Journal) -> Journal:
        """The part of a journal that this film goes on from. Raises JournalError where it is another film's."""
        self._refuse_another(found)
        matching = found.usable(self._digest, lambda first: part_digest(self._film, first))
        if matching.frames < found.frames and self._options.resume is None:
            last, frames = found.segments[-1].stop, len(self._film.timeline)
            longer = "that is longer or " if last > frames else ""
            raise JournalError(
                f"{self._folder} holds {found.frames} frames of a film {longer}whose settings differ from frame "
                f"{_first_lost(found, matching)} on, at the latest",
                differs=True,
                matching=matching.frames,
            )
        return matching.with_states(len(self._film.timeline), STATE_FORMAT)

    def _refuse_another(self, found: Journal) -> None:
        differences = found.differences(self._identity)
        if differences and found.frames:
            raise JournalError(
                f"{self._folder} holds {found.frames} frames of another film: {'; '.join(differences)}", differs=True
            )

    def _drop_the_rest(self) -> None:
        """Remove what an earlier run has left and this one does not go on from."""
        if not self._folder.is_dir():
            return
        useful = {*self._inputs, *(file for segment in self._segments for file in segment.files)}
        if self._part is None:
            drop_files(self._folder, useful)
        else:
            drop_frames(self._folder, self._part, useful)

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
        film, names, timeline = self._film, objective_names(self._film), self._film.timeline

        def digest(first: int, stop: int) -> str:
            return timeline.digest(first, stop, names) + loop_digest(film, first, stop) if stop <= len(timeline) else ""

        return digest


def _first_lost(found: Journal, kept: Journal) -> int:
    return min({segment.first for segment in found.segments} - {segment.first for segment in kept.segments})


def _working_folder() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:  # it has been removed, and nothing of the film is in it
        return ""
