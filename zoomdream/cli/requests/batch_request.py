"""What a user asks for with `batch`: many films, checked, given to workers, and what became of them."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from zoomdream.cli.echo import echo, echo_warnings
from zoomdream.cli.exit_codes import exit_code, message, notes
from zoomdream.cli.options.preset_options import local_source
from zoomdream.cli.options.shared_options import ComputeOptions, JournalFlags, RunOptions
from zoomdream.cli.progress.progress_bar import clock_text, progress_bar
from zoomdream.cli.requests.film_request import FilmRequest
from zoomdream.cli.signals import ends_with
from zoomdream.errors import OutputError, OutputExistsError, ZoomdreamError
from zoomdream.farm.storage import is_address

if TYPE_CHECKING:
    from zoomdream.farm.batch import BatchFilm
    from zoomdream.farm.division import Division
    from zoomdream.farm.engine import Engine, Outcome
    from zoomdream.farm.tasks import RenderTask
    from zoomdream.presets.documents.yaml_document import Change
    from zoomdream.presets.preset import Preset

_MOST_NAMES = 5  # in one sentence


@dataclass(frozen=True)
class FilmOptions:
    """What the command line says about every film of a batch."""

    changes: Sequence[Change]
    source: str | None
    span: range | None
    compute: ComputeOptions
    journal: JournalFlags
    run: RunOptions
    allow_truncated: bool

    @property
    def source_label(self) -> str | None:
        """What messages about the source begin with."""
        return None if self.source is None else f"--input {self.source}"

    def command(self, film: BatchFilm, division: Division) -> str:
        """The command that renders one film alone, or goes on with it, for a shell."""
        compute, journal = self.compute, self.journal
        limit = None if division.max_memory is None else f"{division.max_memory}B"
        assignments = [*(change.assignment for change in self.changes), *film.variation.changes]
        values = {
            "--input": self.source,
            "--frames": None if self.span is None else f"{self.span.start}:{self.span.stop}",
            "--device": None if compute.device == "auto" else compute.device,
            "--precision": None if compute.precision == "auto" else compute.precision,
            "--max-memory": limit,
            "--threads": compute.threads,
        }
        flags = {
            "--offline": compute.offline,
            "--allow-truncated": self.allow_truncated,
            "--keep-frames": journal.keep_frames,
            "--no-journal": journal.no_journal,
            "-y": self.run.overwrite,
        }
        words = ["zoomdream", "render", film.preset, "-o", film.output]
        words += [word for assignment in assignments for word in ("--set", assignment)]
        words += [str(word) for name, value in values.items() if value is not None for word in (name, value)]
        return shlex.join([*words, *(name for name, is_set in flags.items() if is_set)])


@dataclass(frozen=True)
class CheckedFilm:
    """A film of a batch, and what was found out about it before the first frame."""

    film: BatchFilm
    preset: Preset | None = None
    output: str | None = None
    """The output's full path, or its address in a storage."""
    error: ZoomdreamError | None = None
    """Why it cannot be rendered."""
    exists: bool = False
    """Whether something is under the output's name."""
    is_made: bool = False
    """Whether that is to stay: it is this film, or whatever exists is to stay."""


@dataclass(frozen=True)
class BatchRequest:
    """Many films, and how they are made."""

    films: Sequence[BatchFilm]
    options: FilmOptions
    jobs: int | None
    skip_existing: bool
    on: str | None = None
    """The address of a Ray cluster; None: this machine."""

    def check(self) -> None:
        """Check everything, and say what would be done."""
        options, checked = self.options, self._checked()
        failures: list[tuple[BatchFilm, ZoomdreamError]] = []
        for each in checked:
            error = each.error
            if each.preset is not None and not each.is_made:
                echo(f"{each.film.output}:")
                request = FilmRequest(
                    each.preset,
                    each.film.output,
                    options.compute,
                    options.journal,
                    options.run,
                    options.span,
                    options.allow_truncated,
                )
                try:
                    with request.staged() as staged:
                        staged.check()
                except ZoomdreamError as failure:
                    error = failure
                    echo(f"error: {message(failure)}")
            failures += [(each.film, error)] if error else []
        division, there = self._division(), sum(each.is_made for each in checked)
        made = len(checked) - there - len(failures)
        echo(f"{_films(made)} to render, {self._where(division)}; {there} there already, {len(failures)} with errors")
        self._end(failures, division)

    def render(self) -> None:
        """Make the films."""
        engine = self._engine()
        # A cluster that is not there is told before presets are read and sources fetched.
        with nullcontext() if self.on is None else engine(self._division()).started():
            self._render(engine)

    def _render(self, engine: Callable[[Division], Engine]) -> None:
        from zoomdream.cli.progress.batch_progress import BatchProgress

        start, checked = time.monotonic(), self._checked()
        division = self._division()
        pending = [each for each in checked if each.preset is not None and not each.is_made]
        tasks = [self._task(each, division) for each in pending]
        there = sum(each.is_made for each in checked)
        outcomes: list[Outcome] = []
        if tasks:
            echo(f"{_films(len(tasks))}, {self._where(division)}" + (f"; {there} there already" if there else ""))
            with progress_bar(self.options.run.progress, "batch") as display:
                progress = BatchProgress(display, len(tasks))
                try:
                    outcomes = engine(division).run(tasks, progress)
                except KeyboardInterrupt as interrupt:
                    interrupt.add_note(f"{progress.summary}; the same command goes on")
                    raise
        failed = {outcome.task.id: outcome.error.exception for outcome in outcomes if outcome.error}
        errors = [(each.film, each.error or failed.get(each.film.output)) for each in checked]
        failures = [(film, failure) for film, failure in errors if failure is not None]
        made = len(outcomes) - len(failed)
        counts = [f"{_films(made)} made", f"{there} there already" if there else "", _failed(len(failures))]
        echo(f"{', '.join(filter(None, counts))}, in {clock_text(time.monotonic() - start)}")
        self._end(failures, division)

    def _end(self, failures: Sequence[tuple[BatchFilm, ZoomdreamError]], division: Division) -> None:
        """List what failed, and end with the exit code of the first."""
        for film, error in failures:
            echo("\n    ".join([f"error: {film.output}: {message(error)}", *notes(error)]))
            echo(f"    to go on: {self.options.command(film, division)}")
        if failures:
            code = exit_code(failures[0][1])
            ends_with(code)
            raise typer.Exit(code)

    def _engine(self) -> Callable[[Division], Engine]:
        """What makes the engine. Raises UsageError for a cluster's address that is none."""
        from zoomdream.farm.processes import ProcessEngine
        from zoomdream.farm.ray.engine import ray_engine

        if self.on is None:
            return ProcessEngine
        cluster = ray_engine(self.on, self.jobs)
        return lambda division: cluster

    def _where(self, division: Division) -> str:
        return division.summary if self.on is None else f"on the Ray cluster at {self.on}"

    def _division(self) -> Division:
        from zoomdream.farm.division import divide

        compute = self.options.compute
        division = divide(len(self.films), jobs=self.jobs, max_memory=compute.max_memory, device=compute.device)
        if division.gpus and self.jobs is not None and self.jobs > len(division.gpus) < len(self.films):
            echo_warnings([f"-j {self.jobs}: {_gpus(len(division.gpus))} here, and each has one film at a time"])
        return division

    def _checked(self) -> list[CheckedFilm]:
        """All films, each wrong one told of. Raises the error where it is that of all; OutputError."""
        checked = [self._check(film) for film in self.films]
        errors = [each.error for each in checked if each.error is not None]
        if len(errors) == len(checked) and len({message(error) for error in errors}) == 1:
            raise errors[0]
        in_the_way = [each.film.output for each in checked if each.exists and not each.is_made]
        if in_the_way and not self.options.run.overwrite:
            more = f" and {len(in_the_way) - _MOST_NAMES} more" if len(in_the_way) > _MOST_NAMES else ""
            is_one = len(in_the_way) == 1
            raise OutputError(
                f"{', '.join(in_the_way[:_MOST_NAMES])}{more} {'exists and is not' if is_one else 'exist and are not'} "
                f"known to be {'this film' if is_one else 'these films'}: -y replaces, --skip-existing leaves them, or "
                f"choose other names"
            )
        for each in checked:
            if each.error is not None:
                echo(f"error: {each.film.output}: {message(each.error)}")
        return checked

    def _check(self, film: BatchFilm) -> CheckedFilm:
        """A film, checked as far as that needs no PyTorch. Raises OutputError: outputs are the command's own."""
        from zoomdream.farm.batch import check_film

        options = self.options
        try:
            preset = film.load(options.changes, local_source(options.source), options.source_label)
            try:
                output, exists = check_film(preset, film.output, overwrite=False), False
            except OutputExistsError:
                output, exists = check_film(preset, film.output, overwrite=True), True
            return CheckedFilm(film, preset, output, None, exists, exists and self._is_made(preset, output))
        except OutputError:
            raise
        except ZoomdreamError as failure:
            return CheckedFilm(film, error=failure)

    def _is_made(self, preset: Preset, output: str) -> bool:
        from zoomdream.farm.batch import is_made

        options = self.options
        if self.skip_existing:
            return True
        if options.span is not None or options.journal.resume is False:
            return False  # a film does not say which part it is of a longer one; or all is to be made anew
        return is_made(preset, output, allow_truncated=options.allow_truncated)

    def _task(self, checked: CheckedFilm, division: Division) -> RenderTask:
        from zoomdream.farm.tasks import RenderTask

        film, options = checked.film, self.options
        compute, journal, span = options.compute, options.journal, options.span
        is_file = film.text is None and Path(film.preset).is_file()
        task = RenderTask(
            film.output,
            str(Path(film.preset).absolute()) if is_file else film.preset,
            str(checked.output),
            preset_text=film.text,
            changes=(*(change.assignment for change in options.changes), *film.variation.changes),
            source=_full_source(options.source),
            overwrite=options.run.overwrite,
            frames=None if span is None else (span.start, span.stop),
            device=compute.device,
            precision=compute.precision,
            threads=compute.threads,
            offline=compute.offline,
            allow_truncated=options.allow_truncated,
            journal=not journal.no_journal,
            resume=journal.resume,
            keep_frames=journal.keep_frames,
            command=options.command(film, division),
        )
        if self.on is None:
            return division.share(task)
        return replace(task, max_memory=compute.max_memory)  # of each film: a cluster has more than this machine


def _full_source(source: str | None) -> str | None:
    """The source of `--input` for a process in another folder."""
    from zoomdream.presets.sample_pictures import is_sample

    if source is None or source == "noise" or is_sample(source) or is_address(source):
        return source
    return str(Path(source).absolute())


def _films(count: int) -> str:
    return f"{count} film{'' if count == 1 else 's'}"


def _gpus(count: int) -> str:
    return "there is one GPU" if count == 1 else f"there are {count} GPUs"


def _failed(count: int) -> str:
    return f"{count} failed" if count else ""
