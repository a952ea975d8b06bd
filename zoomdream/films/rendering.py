"""Renders a film into a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from tempfile import gettempdir
from typing import BinaryIO

from zoomdream.encoding import (
    FilmWriter,
    Sound,
    SoundPlan,
    check_output,
    encoder_warnings,
    open_film,
    output_target,
    output_warnings,
    plan_sound,
)
from zoomdream.encoding.codecs import frame_bits
from zoomdream.encoding.encoder import write_error
from zoomdream.errors import UsageError
from zoomdream.films.delivery import finished_frames
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import run_in
from zoomdream.films.identity import COMPUTE_TAG, ComputeRecord
from zoomdream.films.journal import journal_folder
from zoomdream.films.journal.part_locks import refuse_busy_parts
from zoomdream.films.journal.stretches import needed_stretches, refuse_missing
from zoomdream.films.journaling import FilmJournal, JournalOptions
from zoomdream.films.playback.playing_order import FrameSpool, Read, played_frames, playing_order, plays_forward
from zoomdream.films.states import PartStart, State
from zoomdream.images.frame import Size
from zoomdream.interruption import deferred
from zoomdream.output_lock import output_lock
from zoomdream.progress import OnProgress, Progress
from zoomdream.schedule.timeline import Row
from zoomdream.schedule.tracks import Key


@dataclass(frozen=True)
class RenderJob:
    """A `zoomdream.progress.Job` whose result is the path of the film's file, or of its folder of PNGs.

    Finished frames are kept in a journal beside the output until the film is whole. Where an earlier run has left one,
    the film goes on after its frames, and comes out as if it had not been interrupted.
    """

    film: Film
    path: Path | str
    """The output; its suffix chooses the format. Nothing is left under this name unless the whole film is there.
    `-` is y4m for `stream`, without a journal."""
    overwrite: bool = False
    """Replace what is there."""
    span: range | None = None
    """Render only these frames; None: all. Those before are dreamed too: each frame starts from the one before."""
    journal: JournalOptions = field(default_factory=JournalOptions)
    """Whether finished frames are kept, and what becomes of those of an earlier run."""
    stream: BinaryIO | None = None
    """Where the output `-` is written to."""

    @property
    def size(self) -> Size:
        """(width, height) of the film, in pixels."""
        return self.film.size

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know before the work begins. Raises UsageError for an output that cannot be."""
        film = self.film
        target = output_target(self.path, film.output.codec)
        of_encoder = encoder_warnings(target, film.size, film.clock.fps, film.output, on_gpu=film.on_gpu)
        of_output = output_warnings(target, film.output, film.clock.fps)
        return (*film.warnings, *of_output, *of_encoder, *self.sound.warnings)

    @cached_property
    def sound(self) -> SoundPlan:
        """How the film's sound gets into the output, found out by trial.

        Raises SourceError when its file cannot be read, UsageError for an output without a known suffix.
        """
        film, span = self.film, self._frames
        target = output_target(self.path, film.output.codec)
        fps = film.clock.fps
        most = len(span) / fps if film.output.pingpong else None
        return plan_sound(_sound_from(film.sound, span.start / fps, most), target, self.played_frames / fps)

    @property
    def played_frames(self) -> int:
        """How many frames the film's file has."""
        return played_frames(self.film.output, self._frames)

    @property
    def provenance(self) -> str:
        """What makes the film, in one line for its metadata."""
        return self.film.provenance

    def run(self, on_progress: OnProgress | None = None) -> Path:
        """Render the film. `on_progress` is called after each frame that was dreamed, or read from the journal.

        Raises OutputError, JournalError, EncodeError, DreamError, OutOfMemoryError, UsageError.
        """
        film, span = self.film, self._frames
        target = check_output(
            self.path, film.size, film.output, overwrite=self.overwrite, fps=film.clock.fps, inputs=film.inputs
        )
        output = target.path
        if target.is_stream:
            self._run_without_journal(span, Path(gettempdir()), on_progress)
            return output
        with output_lock(output), _disk_errors(output):
            if not self.journal.enabled:
                self._run_without_journal(span, output.parent, on_progress)
            else:
                self._run_with_journal(span, output, on_progress)
        return Path(self.path)

    def _run_without_journal(self, span: range, folder: Path, on_progress: OnProgress | None) -> None:
        """In `folder`, frames wait that are seen later."""
        if plays_forward(self.film.output):
            with self._open(span, None) as writer:
                self._dream(range(span.stop), None, writer, None, on_progress)
            return
        with _disk_errors(folder), FrameSpool(folder, span.start) as spool:
            self._dream(range(span.stop), None, spool, None, on_progress)
            self._play(span, spool.read, None)

    def _run_with_journal(self, span: range, output: Path, on_progress: OnProgress | None) -> None:
        folder = journal_folder(output)
        refuse_busy_parts(folder)
        with FilmJournal(self.film, folder, output.name, span.stop, self.journal) as journal:
            if plays_forward(self.film.output):
                with self._open(span, folder) as writer:
                    self._finish(span, writer, journal, on_progress)
            else:
                self._finish(span, None, journal, on_progress)
                self._play(span, journal.reader(), folder)
        if journal.has_more_than(span):
            journal.restore_record()
        elif not self.journal.keep:
            journal.remove()

    def _finish(
        self, span: range, writer: FilmWriter | None, journal: FilmJournal, on_progress: OnProgress | None
    ) -> None:
        """Finish the frames that are missing, and write those of the span in the order in which they are dreamed."""
        stretches = needed_stretches(journal.stretches(range(span.stop)), span)
        if self.journal.complete_only:
            refuse_missing(journal.folder, stretches)
        for stretch in stretches:
            if stretch.is_finished:
                self._encode_finished(stretch.frames, writer, journal, on_progress)
            else:
                self._dream(stretch.frames, journal.start(stretch.frames.start), writer, journal, on_progress)
        journal.close()  # before the film is completed, which may fail

    def _play(self, span: range, read: Read, folder: Path | None) -> None:
        """Write the frames of the span, all of which are finished, in the order in which they are seen."""
        with self._open(span, folder) as writer:
            for frames in playing_order(self.film.output, span):
                for index in frames:
                    for pixels in read(index):
                        writer.write(pixels)

    def _encode_finished(
        self, frames: range, writer: FilmWriter | None, journal: FilmJournal, on_progress: OnProgress | None
    ) -> None:
        """Hand over the frames that an earlier run has finished."""
        span = self._frames
        if on_progress:
            on_progress(replace(frame_progress(self.film.timeline[frames[-1]], span.stop), before=frames.stop))
        if writer is None:
            return
        wanted = range(max(frames.start, span.start), frames.stop)
        for index, pixels in enumerate(journal.pixels(wanted.start, wanted.stop), wanted.start):
            writer.write(pixels)
            if on_progress:
                progress = frame_progress(self.film.timeline[index], span.stop)
                on_progress(replace(progress, before=progress.done, now="finished before"))

    def _dream(
        self,
        frames: range,
        start: State | PartStart | None,
        writer: FilmWriter | FrameSpool | None,
        journal: FilmJournal | None,
        on_progress: OnProgress | None,
    ) -> None:
        """Dream frames that are missing, from what the first of them begins with."""
        span, start = self._frames, self._opening(on_progress) if start is None else start
        bits = frame_bits(self.film.output)
        with closing(finished_frames(self.film, start, len(frames), bits)) as finished:
            for index in frames:
                with deferred():
                    pixels, after = next(finished, (None, None))
                    if pixels is None or after is None:
                        return  # the video has ended early; the writer tells
                    if journal:
                        journal.append(pixels, after)
                    if writer is not None and index in span:
                        writer.write(pixels)
                if on_progress:
                    on_progress(replace(frame_progress(self.film.timeline[index], span.stop), before=frames.start))

    def _opening(self, on_progress: OnProgress | None) -> State | None:
        """What the film begins with, where frames come before it that are not shown: they are dreamed now."""
        count = self.film.loop.run_in if self.film.loop else 0
        if not count:
            return None
        states = run_in(self.film)
        state = next(states)
        for number, following in enumerate(states, 1):
            state = following
            if on_progress:
                on_progress(Progress(0, self._frames.stop, "frame", f"frame {number} of {count} before the first"))
        return state

    @property
    def _frames(self) -> range:
        return frame_range(self.span, len(self.film.timeline))

    def _open(self, span: range, folder: Path | None) -> FilmWriter:
        film = self.film
        return open_film(
            self.path,
            film.size,
            film.clock.fps,
            film.output,
            frames=self.played_frames,
            overwrite=self.overwrite,
            audio=self.sound,
            metadata={
                "title": "zoomdream",
                "comment": film.provenance,
                "zoomdream_preset": film.recipe,
                COMPUTE_TAG: ComputeRecord.of(film.network, film.tiling).to_json(),
            },
            inputs=film.inputs,
            folder=folder,
            stream=self.stream,
            on_gpu=film.on_gpu,
        )


@contextmanager
def _disk_errors(output: Path) -> Iterator[None]:
    """What the operating system says about the disk of the output, as one sentence."""
    try:
        yield
    except OSError as error:
        raise write_error(output, error) from error


def render(
    film: Film,
    path: Path | str,
    *,
    overwrite: bool = False,
    span: range | None = None,
    on_progress: OnProgress | None = None,
    journal: JournalOptions | None = None,
    stream: BinaryIO | None = None,
) -> Path:
    """Render a film into a file or a folder of PNGs; the suffix chooses the format.

    Args:
        film: what `prepare` returned.
        path: the output. Nothing is left under this name unless the whole film is there.
        overwrite: replace what is there.
        span: render only these frames; those before are dreamed too, since each frame starts from the one before.
        on_progress: called after each frame that was dreamed, or read from the journal.
        journal: whether finished frames are kept beside the output until the film is whole, and what becomes of those
            of an earlier run; by default they are kept, and the film goes on after them.
        stream: where the output `-` is written to, as y4m; no finished frames are kept.

    Raises OutputError, JournalError, EncodeError, DreamError, OutOfMemoryError, UsageError.
    """
    return RenderJob(film, path, overwrite, span, journal or JournalOptions(), stream).run(on_progress)


def frame_range(span: range | None, total: int) -> range:
    """The span itself, or the whole film's. Raises UsageError when it is empty or leaves the film."""
    span = range(total) if span is None else span
    if not 0 <= span.start < span.stop <= total:
        raise UsageError(
            f"frames {span.start}:{span.stop} are not in the film: it has {total}, so A:B can be 0:1 to 0:{total}"
        )
    return span


def frame_progress(row: Row, total: int) -> Progress:
    """The progress of a film of which `total` frames are rendered, after the frame that `row` belongs to."""
    return Progress(row.index + 1, total, "frame", mix_text(row), {"layers": named_weights(row.mix)})


def mix_text(row: Row) -> str:
    """What a frame amplifies, with the shares of several objectives: `fire5 30% + fire8 70%`."""
    if len(row.mix) == 1:
        return str(row.mix[0][0])
    total = sum(abs(weight) for _, weight in row.mix) or 1
    return " + ".join(f"{key} {weight / total:.0%}" for key, weight in row.mix) or "no layer"


def named_weights(mix: Iterable[tuple[Key, float]]) -> dict[str, float]:
    """Each objective's weight by name; of two with one name, as guides from two folders, the second is numbered."""
    weights: dict[str, float] = {}
    for key, weight in mix:
        names = (str(key), *(f"{key} ({number})" for number in range(2, len(weights) + 2)))
        weights[next(name for name in names if name not in weights)] = weight
    return weights


def _sound_from(sound: Sound | None, seconds: Fraction, most: Fraction | None) -> Sound | None:
    return replace(sound, start=sound.start + seconds, duration=most) if sound else None
