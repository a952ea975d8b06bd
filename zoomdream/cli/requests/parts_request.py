"""What a user asks for with the commands that render a film in parts: by several workers, or each by its number."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.cli.echo import echo, echo_data, echo_json, echo_warnings
from zoomdream.cli.options.shared_options import JobsOption, OnOption
from zoomdream.cli.progress.progress_bar import progress_bar
from zoomdream.cli.requests.film_request import FilmRequest, film_summary
from zoomdream.errors import UsageError

if TYPE_CHECKING:
    from zoomdream.farm.division import Division
    from zoomdream.farm.engine import Engine, Event, OnEvent, Outcome
    from zoomdream.farm.tasks import RenderTask
    from zoomdream.films.film import Film


@dataclass(frozen=True)
class WorkerOptions:
    """How many workers render, and where."""

    jobs: JobsOption = None
    on: OnOption = None

    @property
    def are_several(self) -> bool:
        """Whether the user has asked for workers."""
        return self.jobs is not None or self.on is not None

    def engine(self, division: Division) -> Engine:
        """What gives tasks to workers. Raises UsageError, WorkerError."""
        from zoomdream.farm.processes import ProcessEngine
        from zoomdream.farm.ray.engine import ray_engine

        return ProcessEngine(division) if self.on is None else ray_engine(self.on, self.jobs)


@dataclass(frozen=True)
class PartsRequest:
    """A film that is rendered in parts which depend on no other."""

    film: FilmRequest
    workers: WorkerOptions = WorkerOptions()

    def render(self) -> None:
        """Have the parts rendered by workers, and make the film of them."""
        from zoomdream.memory import memory_share
        from zoomdream.output_lock import output_lock

        request, path, division = self._check(), self.film.check_output(), self._division()
        engine = self.workers.engine(division)
        with output_lock(path), request.keeping(path), self._started(engine):
            if division.max_memory is not None:
                request = replace(request, compute=replace(request.compute, max_memory=division.max_memory))
            with memory_share(division.memory_share):
                film, span = request.prepare(path, division.threads)
            job = request.job(film, span)
            echo_warnings(job.sound.warnings)
            parts = [part for part in self._parts(film, path) if part.start < span.stop]
            if len(parts) > 1:
                wanted = [range(part.start, min(part.stop, span.stop)) for part in parts]
                self._render_parts(film, path, wanted, engine, division)
            else:
                echo(f"the film does not split into parts, so this process renders it{self._elsewhere}")
                echo(f"{len(span)} frames: {request.estimate(film, span, path).summary}")
            request.run_job(job)
        echo(f"{request.name}: {film_summary(film, span)}")

    def render_task(self, number: int) -> None:
        """Finish the frames of one part."""
        from zoomdream.films.parts.part_rendering import PartJob

        request, path = self._check(), self.film.check_output()
        with request.keeping(path):
            film, _ = request.prepare(path)
            parts = self._parts(film, path)
            if number >= len(parts):
                raise UsageError(f"--task {number}: the film has {len(parts)} parts, numbered from 0")
            part = parts[number]
            if request.stage is not None:
                request.stage.fetch(part)
            with progress_bar(request.run.progress, f"{Path(request.name).name} {part.start}:{part.stop}") as display:
                told = display if request.stage is None else request.stage.following(display)
                PartJob(film, path, part, request.journal_options).run(told)
        echo(f"{request.name}: part {number}, frames {part.start}:{part.stop}, is finished in its journal")

    def plan(self, *, as_json: bool) -> None:
        """Tell the parts of the film, and what each takes."""
        from zoomdream.farm.film_plan import film_plan
        from zoomdream.films.estimates.estimate import estimate, format_seconds
        from zoomdream.memory import format_bytes

        request, path = self._check(), self.film.check_output()
        film, _ = request.prepare(path)
        parts = self._parts(film, path)
        plan = film_plan(film, path, parts, estimate(film, output=request.output), request.journal_options)
        plan = plan if request.stage is None else replace(plan, output=request.name)
        if as_json:
            return echo_json(plan.values())
        for task in plan.tasks:
            finished = f", {task.finished} finished" if task.finished else ""
            rest = f", about {format_seconds(task.seconds)}" if task.finished < task.stop - task.first else ""
            echo_data(f"{task.id}: frames {task.first}:{task.stop}{finished}{rest}")
        total = sum(task.seconds for task in plan.tasks)
        memory = format_bytes(plan.memory_bytes)
        echo(f"{len(plan.tasks)} parts, about {format_seconds(total)} in all, {memory} of memory each")
        return None

    def join(self) -> None:
        """Make the film of frames all of which are finished."""
        from zoomdream.output_lock import output_lock

        request, path = self._check(), self.film.check_output()
        with output_lock(path):
            film, span = request.prepare(path)
            job = request.job(film, span)
            echo_warnings(job.sound.warnings)
            request.run_job(replace(job, journal=replace(job.journal, complete_only=True)))
        echo(f"{request.name}: {film_summary(film, span)}")

    def _check(self) -> FilmRequest:
        request = self.film
        if request.is_stream:
            raise UsageError("-o -: a film in parts is kept in files, and not sent to stdout: name a file")
        if request.journal.no_journal:
            raise UsageError("--no-journal: the parts of a film are put together from its journal: leave it out")
        return request

    def _division(self) -> Division:
        from zoomdream.farm.division import divide

        compute = self.film.compute
        most = self.workers.jobs
        return divide(most or 1024, jobs=most, max_memory=compute.max_memory, device=compute.device)

    def _parts(self, film: Film, path: Path) -> tuple[range, ...]:
        from zoomdream.films.parts.part_list import kept_parts

        with progress_bar(self.film.run.progress, "looking for cuts") as display:
            return kept_parts(film, path, self.film.journal_options, display)

    @property
    def _elsewhere(self) -> str:
        return "; to have the cluster render it: zoomdream batch ... --on" if self.workers.on else ""

    def _where(self, division: Division) -> str:
        return division.summary if self.workers.on is None else f"on the Ray cluster at {self.workers.on}"

    def _started(self, engine: Engine) -> AbstractContextManager[None]:
        """Workers of this machine import PyTorch while this process does, where the film may have several parts."""
        from zoomdream.images.pictures.kinds import is_picture

        source = self.film.preset.source
        is_video = source is not None and source.is_file() and not is_picture(source)
        return engine.started() if is_video else nullcontext()

    def _render_parts(self, film: Film, path: Path, parts: Sequence[range], engine: Engine, division: Division) -> None:
        from zoomdream.cli.progress.parts_progress import PartsProgress
        from zoomdream.farm.film_parts import forget_frames, part_tasks
        from zoomdream.films.parts.part_rendering import finished_in

        options = self.film.journal_options
        if options.resume is False:
            forget_frames(path)
        finished = finished_in(film, path, parts, options)
        request = self.film
        tasks = part_tasks(
            film,
            request.preset,
            self._tasks_output(path),
            parts,
            finished,
            source=request.stored_source,
            journal=options,
            allow_truncated=request.allow_truncated,
        )
        if not tasks:
            return
        echo(f"{len(parts)} parts, {len(tasks)} of them to render, {self._where(division)}")
        with progress_bar(self.film.run.progress, Path(self.film.name).name) as display:
            progress = PartsProgress(display, parts, finished)
            outcomes = self._run(engine, [division.share(task) for task in tasks], progress)
        failure = next((outcome for outcome in outcomes if outcome.error), None)
        if failure is not None and failure.error is not None:
            error = failure.error.exception
            error.add_note(f"this was frames {failure.task.id} of {self.film.name}; the other parts are kept")
            raise error

    def _tasks_output(self, path: Path) -> Path | str:
        """The output for workers: those of a cluster send to a storage themselves, those of this machine write here."""
        stage = self.film.stage
        return path if stage is None or self.workers.on is None else stage.film.address

    def _run(self, engine: Engine, tasks: Sequence[RenderTask], on_event: OnEvent) -> list[Outcome]:
        """Have workers do the tasks. Where the output is in a storage, it gets what they finish."""
        stage = self.film.stage
        if stage is None:
            return engine.run(tasks, on_event)
        stage.send()
        if self.workers.on is not None:
            outcomes = engine.run(tasks, on_event)
            stage.fetch(None)
            return outcomes

        def send(event: Event) -> None:
            on_event(event)
            stage.send_soon()

        return engine.run(tasks, send)
