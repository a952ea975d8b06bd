"""What a user asks for with a command that makes a film: checked, prepared, rendered."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoomdream.cli.echo import echo, echo_warnings, telling_downloads
from zoomdream.cli.options.shared_options import ComputeOptions, JournalFlags, RunOptions
from zoomdream.cli.torch_import import import_torch
from zoomdream.errors import JournalError, UsageError
from zoomdream.farm.storage import is_address

if TYPE_CHECKING:
    from zoomdream.cli.progress.progress_bar import Display
    from zoomdream.farm.staging import Stage
    from zoomdream.films.estimates.estimate import Estimate
    from zoomdream.films.film import Film
    from zoomdream.films.identity import ComputeRecord
    from zoomdream.films.journaling import JournalOptions
    from zoomdream.films.rendering import RenderJob
    from zoomdream.presets.preset import Preset
    from zoomdream.progress import OnProgress, Progress

_ANY_SIZE = (640, 360)  # that every format takes


@dataclass(frozen=True)
class FilmRequest:
    """A film, the file that it goes into, and how it is made."""

    preset: Preset
    output: str
    compute: ComputeOptions
    journal: JournalFlags
    run: RunOptions
    span: range | None = None
    allow_truncated: bool = False
    stored_source: str | None = None
    """The source's address, where the preset's source is a copy of one in a storage."""
    stage: Stage | None = None
    """Where the output is a file of this machine in place of one in a storage."""

    @contextmanager
    def staged(self, *, frames: range | None = None, task: str | None = None) -> Iterator[FilmRequest]:
        """The request, with a file of this machine in place of an output in a storage: see `farm.staging.Stage`."""
        if not is_address(self.output):
            yield self
            return
        from zoomdream.farm.staging import Stage

        import_torch()
        with Stage(self.output, frames=frames, task=task, overwrite=self.run.overwrite) as stage:
            yield replace(self, output=str(stage.path), stage=stage)

    def check(self) -> None:
        """Check everything, and say what would be done."""
        path = self.check_output()
        film, span = self.prepare(path)
        echo_warnings(self.job(film, span).sound.warnings)
        cost = self.estimate(film, span, path)
        echo(f"{film_summary(film, span)}; {cost.summary}")

    def render(self) -> None:
        """Make the film."""
        from zoomdream.output_lock import output_lock

        path = self.check_output()
        if self.is_stream and is_terminal():
            raise UsageError("-o -: stdout is a terminal, which shows no film: pipe it, as in `... -o - | ffplay -`")
        # The lock is taken before anything is loaded: another run may be at it.
        with nullcontext() if self.is_stream else output_lock(path), self.keeping(path):
            film, span = self.prepare(path)
            job = self.job(film, span)
            echo_warnings(job.sound.warnings)
            echo(f"{len(span)} frames: {self.estimate(film, span, path).summary}")
            self.run_job(job)
        echo(f"{self.name}: {film_summary(film, span)}")

    @property
    def is_stream(self) -> bool:
        """Whether the film goes to stdout."""
        from zoomdream.encoding.target import STDOUT

        return self.output == STDOUT

    def keeping(self, path: Path) -> AbstractContextManager[None]:
        """An error gets a note on the finished frames that are kept."""
        if self.is_stream:
            return nullcontext()
        return _notes_on_what_is_kept(path, self.stage.kept if self.stage else None)

    @property
    def name(self) -> str:
        """What messages call the output."""
        if self.stage is not None:
            return self.stage.film.address
        return "stdout" if self.is_stream else self.output

    def job(self, film: Film, span: range) -> RenderJob:
        """What renders the film."""
        from zoomdream.films.rendering import RenderJob

        stream: Any = getattr(sys.stdout, "buffer", None)  # which says itself what happens to it: see `streams`
        return RenderJob(film, self.output, self.run.overwrite, span, self.journal_options, stream)

    def run_job(self, job: RenderJob) -> None:
        """Render, and show how far it is."""
        from zoomdream.cli.progress.progress_bar import progress_bar
        from zoomdream.cli.watchdog import KEPT, watch_waits

        advice = KEPT if job.journal.enabled else "Ctrl-C ends it"
        with progress_bar(self.run.progress, Path(self.name).name) as display, watch_waits(display.tell, advice):
            told = _tell_what_was_finished(display)
            job.run(told if self.stage is None else self.stage.following(told))
            if self.stage is not None:
                self.stage.complete()

    def check_output(self) -> Path:
        """The output's file or folder, checked before anything is read. The film's own size is known later."""
        from zoomdream.encoding import check_output

        if not self.output:
            raise UsageError("the output has no name: give it one such as film.mp4")
        if self.is_stream and (self.journal.resume is not None or self.journal.keep_frames):
            raise UsageError("-o -: --resume, --fresh and --keep-frames: no frames are kept of a film to stdout")
        size = self.preset.canvas.size or _ANY_SIZE
        return check_output(self.output, size, self.preset.output, overwrite=self.run.overwrite).path

    def prepare(self, path: Path, threads: int | None = None) -> tuple[Film, range]:
        """The film, checked, and the frames of it that are wanted. Says what the user should know.

        `threads`: with how many it is computed where neither the user nor an earlier run says it; None: automatic.
        """
        import_torch()
        from zoomdream.encoding import check_output, encoder_warnings, output_warnings
        from zoomdream.films.identity import is_resized
        from zoomdream.films.preparation import prepare
        from zoomdream.films.rendering import frame_range

        options, record = self.compute, self._record(path)
        with telling_downloads(options.offline):
            film = prepare(
                self.preset,
                device=options.device,
                precision=record.precision if record and options.precision == "auto" else options.precision,
                threads=options.threads or (record.threads if record else threads or "auto"),
                tile=record.tile if record and options.max_memory is None and not is_resized(self.preset) else None,
                max_memory=options.max_memory,
                allow_truncated=self.allow_truncated,
            )
        span = frame_range(self.span, len(film.timeline))
        fps = film.clock.fps
        target = check_output(
            self.output, film.size, film.output, overwrite=self.run.overwrite, fps=fps, inputs=film.inputs
        )
        of_encoder = encoder_warnings(target, film.size, fps, film.output, on_gpu=film.on_gpu)
        of_output = output_warnings(target, film.output, fps)
        echo_warnings([*film.warnings, *of_output, *of_encoder, *self._option_warnings(film)])
        return film, span

    def estimate(self, film: Film, span: range, path: Path) -> Estimate:
        """What the film will take. Warns where it is more than the user may expect: of dreaming, of disk, of days.

        Raises JournalError where an earlier run's frames are another film's.
        """
        from zoomdream.films.estimates.estimate import estimate, estimate_warnings
        from zoomdream.films.journaling import check_journal
        from zoomdream.films.warnings import span_warnings

        options = self.journal_options
        finished = check_journal(film, path, options)
        cost = estimate(film, span, output=self.output, journal=options.enabled, finished=finished)
        echo_warnings([*span_warnings(span, finished), *estimate_warnings(cost, path)])
        return cost

    @property
    def journal_options(self) -> JournalOptions:
        """What becomes of frames of an earlier run."""
        from zoomdream.films.journaling import JournalOptions

        flags = self.journal
        return JournalOptions(not flags.no_journal and not self.is_stream, flags.resume, flags.keep_frames, _command())

    def _record(self, path: Path) -> ComputeRecord | None:
        """How the frames were computed that an earlier run has finished, or those of the film whose recipe this is.

        None where another processor has computed them: it would choose anew.
        """
        from zoomdream.films.identity import earlier_compute
        from zoomdream.runtime import choose_device

        flags = self.journal
        keeps = not (self.is_stream or flags.no_journal or flags.resume is False)
        earlier = earlier_compute(self.preset, path, choose_device(self.compute.device), journal=keeps)
        echo_warnings([earlier.warning] if earlier.warning else [])
        return earlier.record

    def _option_warnings(self, film: Film) -> list[str]:
        """About options that the film does not use."""
        from zoomdream.films.footage import Footage

        if not self.allow_truncated or isinstance(film.source, Footage):
            return []
        return ["--allow-truncated: no effect, since the source is no video"]


def is_terminal() -> bool:
    """Whether stdout is one."""
    return sys.stdout.isatty()


def _command() -> str:
    """The command as it was typed, for a shell."""
    return shlex.join(["zoomdream", *sys.argv[1:]])


def film_summary(film: Film, span: range) -> str:
    """What a film is, for people."""
    from zoomdream.films.playback.playing_order import played_frames

    (width, height), count = film.size, played_frames(film.output, span)
    layers = ", ".join(map(str, film.timeline.objectives))
    return (
        f"{count} frames of {width}x{height} at {film.clock.fps} per second "
        f"({float(count / film.clock.fps):.1f} s), {film.network.name} {layers}, on {film.network.device}"
    )


@contextmanager
def _notes_on_what_is_kept(path: Path, place: str | None = None) -> Iterator[None]:
    """An error gets a note on the finished frames that are kept, and the command that goes on.

    They are kept in `place` where that is not the journal's folder.
    """
    import_torch()
    from zoomdream.films.journal import find_journal, journal_folder

    try:
        yield
    except JournalError:
        raise  # it says itself what is kept, and this command does not go on
    except BaseException as error:
        with suppress(JournalError, OSError):  # the error that ends the film comes first
            folder = journal_folder(path)
            found = find_journal(folder)
            if found is not None and found.frames:
                frames = f"{found.frames} of {found.record.frames} frames are kept in {place or _short(folder)}"
                error.add_note(f"{frames}; to go on: {found.record.command}")
        raise


def _short(path: Path) -> str:
    """A path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, FileNotFoundError):  # it is elsewhere; or the working folder has been removed
        return str(path)


def _tell_what_was_finished(display: Display) -> OnProgress:
    """The same as a callback; before its first report it says after which frame the film goes on."""
    told = False

    def report(progress: Progress) -> None:
        nonlocal told
        if not told and progress.before:
            display.tell(f"going on after {progress.before} of {progress.total} frames")
        told = True
        display(progress)

    return report
