"""The films that are rendered, one after the other, each in a process of its own.

What is on the disk is the state: a small file for each job, and the journal beside its film. So a studio that was
closed, or killed, goes on where it was.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import Any

from zoomdream.errors import JournalError
from zoomdream.films.previews.draft import draft
from zoomdream.journal import find_journal, journal_folder
from zoomdream.journal.segments import newest_png
from zoomdream.presets.preset import Preset
from zoomdream.studio.answers import Refused
from zoomdream.studio.jobs.process import RenderProcess, end_left_over, ended_by, without_options
from zoomdream.studio.jobs.record import Job, JobFiles, Quality, State, new_id
from zoomdream.studio.workspace import Workspace

SECONDS_BETWEEN = 0.2
"""The shortest time between two reports of one job's progress."""

SECONDS_BETWEEN_PICTURES = 2.0
"""The same between two looks for a newer picture: a journal's frames come in parts."""

_INTERRUPTED = (130, 143, -15, -2)
_ENDED: tuple[State, ...] = ("paused", "done", "failed", "cancelled")


class Jobs:
    """The queue of a workspace. Threads may use it at the same time; `on_change` is told of each change."""

    def __init__(self, workspace: Workspace, on_change: Callable[[Job], None]) -> None:
        self._workspace = workspace
        self._on_change = on_change
        self._files = JobFiles(workspace.state / "jobs")
        self._jobs: dict[str, Job] = {}
        self._changed = Condition()
        self._current: tuple[str, RenderProcess] | None = None
        self._wanted: State | None = None
        """What the current job is to be when its process has ended; None: it is to end by itself."""
        self._closing = False
        self._thread = Thread(target=self._work, name="jobs", daemon=True)

    # -- begin and end ------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Read the jobs of earlier studios, and go on with what was being rendered."""
        with self._changed:
            for job in self._files.read():
                waiting = job.state == "running"
                self._jobs[job.id] = job.changed(state="waiting", message="goes on") if waiting else job
        self._thread.start()

    def close(self) -> None:
        """Interrupt what is rendered, and wait until its frames are kept: the next studio goes on with it."""
        with self._changed:
            self._closing = True
            if self._current:
                self._current[1].end()
            self._changed.notify_all()
        self._thread.join()

    # -- what is asked ------------------------------------------------------------------------------------------------

    def all(self) -> list[Job]:
        """All jobs, in order."""
        with self._changed:
            return sorted(self._jobs.values(), key=lambda job: job.number)

    def get(self, job_id: str) -> Job:
        """A job. Raises Refused: 404."""
        with self._changed:
            return self._get(job_id)

    def _get(self, job_id: str) -> Job:
        if job_id not in self._jobs:
            raise Refused(404, "this job is not there (any more)")
        return self._jobs[job_id]

    def output(self, job: Job) -> Path:
        """The film's file."""
        return self._workspace.folder / job.output

    def log(self, job_id: str) -> str:
        """What a job's process has said to people, its last 200,000 characters."""
        self.get(job_id)
        try:
            return self._files.log(job_id).read_text(encoding="utf-8", errors="replace")[-200_000:]
        except FileNotFoundError:
            return ""

    # -- what is done -------------------------------------------------------------------------------------------------

    def add(self, name: str, preset: Preset, quality: Quality, output: str) -> Job:
        """Put a film into the queue. Raises Refused: 409 where the film is there, or another job makes it."""
        located = (draft(preset) if quality == "draft" else preset).located_text
        with self._changed:
            path = self._workspace.folder / output
            if path.exists() or journal_folder(path).exists() or any(job.output == output for job in self._busy()):
                raise Refused(409, f"{output} is there already, or being rendered: choose another name")
            number = max((job.number for job in self._jobs.values()), default=0) + 1
            options = ["-q", "draft"] if quality == "draft" else []
            command = shlex.join(["zoomdream", "render", name, "-o", output, *options])
            job = Job(new_id(), number, name, output, quality, command)
            self._files.write_preset(job.id, located + "\n")
            self._put(job)
            self._changed.notify_all()
        self._on_change(job)
        return job

    def free_output(self, stem: str, suffix: str = ".mp4") -> str:
        """A film's name that nothing has yet: `dive.mp4`, `dive-2.mp4`."""
        with self._changed:
            taken = {job.output for job in self._jobs.values()}
        number = 1
        while True:
            name = f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}"
            path = self._workspace.folder / name
            if name not in taken and not path.exists() and not journal_folder(path).exists():
                return name
            number += 1

    def pause(self, job_id: str) -> Job:
        """Stop after the frame that is being made; `resume` goes on. Raises Refused: 409 where it has ended."""
        return self._stop(job_id, "paused")

    def cancel(self, job_id: str) -> Job:
        """Stop, and drop the frames that are finished. Raises Refused: 409 where it has ended."""
        return self._stop(job_id, "cancelled")

    def resume(self, job_id: str) -> Job:
        """Go on with a job that was paused, or try one again that failed or was cancelled."""
        with self._changed:
            job = self._get(job_id)
            if job.state not in ("paused", "failed", "cancelled"):
                raise Refused(409, f"this job is {job.state}, and nothing to go on with")
            if self.output(job).exists():
                raise Refused(409, f"{job.output} is there already: render it under another name")
            job = self._put(job.changed(state="waiting", message="", warnings=()))
            self._changed.notify_all()
        self._on_change(job)
        return job

    def delete(self, job_id: str) -> None:
        """Forget a job that has ended, with the frames that are kept of a film that is not whole."""
        with self._changed:
            job = self._get(job_id)
            if job.state not in _ENDED:
                raise Refused(409, f"this job is {job.state}: cancel it first")
            if job.state != "done":
                self._drop_frames(job)
            del self._jobs[job_id]
            self._files.remove(job_id)

    def _stop(self, job_id: str, state: State) -> Job:
        with self._changed:
            job = self._get(job_id)
            if job.state in ("waiting", "paused") and state != job.state:
                job = self._put(job.changed(state=state, message=""))
                if state == "cancelled":
                    self._drop_frames(job)
            elif job.state == "running" and self._current:
                self._wanted = state
                if state == "paused":
                    self._current[1].interrupt()
                    job = self._put(job.changed(message="pauses after this frame"), keep=False)
                else:
                    self._current[1].end()
            else:
                raise Refused(409, f"this job is {job.state} already")
        self._on_change(job)
        return job

    # -- in the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closing and (job := self._next()) is None:
                    self._changed.wait()
                if self._closing:
                    return
                assert job is not None
            self._render(job)

    def _next(self) -> Job | None:
        return min(
            (job for job in self._jobs.values() if job.state == "waiting"), key=lambda job: job.number, default=None
        )

    def _render(self, job: Job) -> None:
        if job.process:
            end_left_over(job.process)
        process = self._start(job)
        if process is not None:
            self._follow(job.id, process)

    def _start(self, job: Job) -> RenderProcess | None:
        """Start a job's process; None where that is not wanted any more, or cannot be done."""
        arguments = ["render", str(self._files.preset(job.id)), "-o", str(self.output(job)), "--progress", "json"]
        with self._changed:
            job = self._jobs.get(job.id, job)
            if self._closing or job.state != "waiting":
                return None
            process = None
            try:
                process = RenderProcess(arguments, self._workspace.folder, self._files.log(job.id))
            except OSError as error:
                job = self._put(job.changed(state="failed", message=f"no process could be started: {error.strerror}"))
            else:
                self._current, self._wanted = (job.id, process), None
                job = self._put(job.changed(state="running", message="begins", process=process.identity))
        self._on_change(job)
        return process

    def _follow(self, job_id: str, process: RenderProcess) -> None:
        last, looked = 0.0, 0.0

        def on_report(report: Mapping[str, Any]) -> None:
            nonlocal last, looked
            now = time.monotonic()
            is_due = now - last >= SECONDS_BETWEEN or report.get("frame") == report.get("frames")
            values = {
                "done": int(report.get("frame") or 0),
                "total": report.get("frames"),
                "fps": report.get("fps"),
                "eta_seconds": report.get("eta_s"),
                "message": str(report.get("now", "")),
            }
            last = now if is_due else last
            if is_due and now - looked >= SECONDS_BETWEEN_PICTURES:
                looked = now
                values["picture"] = self._newest_frame(job_id)
            self._update(job_id, tell=is_due, **values)

        def on_line(line: str) -> None:
            line = self._without_folder(line)
            if line.startswith("warning: "):
                with self._changed:
                    warnings = self._jobs[job_id].warnings
                self._update(job_id, warnings=(*warnings, line.removeprefix("warning: ")))
            elif not line.startswith("error: "):
                self._update(job_id, message=line)

        status = process.follow(on_report, on_line)
        self._finish(job_id, status, process.lines)

    def _update(self, job_id: str, *, tell: bool = True, **values: Any) -> None:
        with self._changed:
            job = self._jobs[job_id].changed(**values)
            self._jobs[job_id] = job
        if tell:
            self._on_change(job)

    def _finish(self, job_id: str, status: int, lines: list[str]) -> None:
        with self._changed:
            job, wanted = self._jobs[job_id].changed(fps=None, eta_seconds=None), self._wanted
            self._current, self._wanted = None, None
            if status == 0 and self.output(job).exists():
                job = job.changed(state="done", message="", process=None)
            elif wanted is not None:
                job = job.changed(state=wanted, message="", process=None)
                if wanted == "cancelled":
                    self._drop_frames(job)
                    job = job.changed(done=0, picture=None)
            elif self._closing and status in _INTERRUPTED:
                job = job.changed(state="running", message="goes on when the studio is opened again", process=None)
            else:
                why = self._without_folder(without_options(ended_by(status, lines)))
                job = job.changed(state="failed", message=why, process=None)
            self._put(job)
        self._on_change(job)

    def _newest_frame(self, job_id: str) -> int | None:
        newest = newest_png(journal_folder(self.output(self.get(job_id))))
        return newest[0] if newest else None

    def _without_folder(self, line: str) -> str:
        return line.replace(f"{self._workspace.folder}{os.sep}", "")

    # -- with the lock ------------------------------------------------------------------------------------------------

    def _busy(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.state in ("waiting", "running", "paused")]

    def _put(self, job: Job, *, keep: bool = True) -> Job:
        self._jobs[job.id] = job
        if keep:
            self._files.write(job)
        return job

    def _drop_frames(self, job: Job) -> None:
        """Remove the journal of a film that nobody renders; what is no journal is left alone."""
        with suppress(JournalError):
            journal = find_journal(journal_folder(self.output(job)))
            if journal is not None:
                journal.remove()
