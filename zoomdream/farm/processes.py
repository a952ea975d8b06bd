"""The engine of this machine: worker processes, each of which does one task after another."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoomdream.errors import WorkerError
from zoomdream.farm.division import VISIBLE_GPUS, Division
from zoomdream.farm.engine import MOST_ATTEMPTS, Attempts, Event, OnEvent, Outcome, TaskError, lost_error
from zoomdream.farm.tasks import RenderTask
from zoomdream.interruption import deferred, pending
from zoomdream.media.ffmpeg import signal_name
from zoomdream.progress import Progress

_LOOK = 0.2  # seconds between two looks whether a signal waits
_EXIT_TIMEOUT = 10.0  # seconds that a worker has to close its files when it is ended
_LINES_KEPT = 20
_PACKAGE = str(Path(__file__).parents[2])
# -P: the working folder, which may be anybody's, is no place for modules. The package is the one that runs here.
_START = (
    "import sys\n"
    f"sys.path[:0] = [] if {_PACKAGE!r} in sys.path else [{_PACKAGE!r}]\n"
    "from zoomdream.farm.worker_process import main\n"
    "main()\n"
)
WORKER = (sys.executable, "-P", "-c", _START)
"""The command of a worker process."""


@dataclass(frozen=True)
class ProcessEngine:
    """An `engine.Engine` whose workers are processes of this machine."""

    division: Division
    """How many there are, and on which GPUs. What else is divided is in the tasks."""
    command: Sequence[str] = WORKER
    _early: list[_Worker] = field(default_factory=list, init=False, repr=False, compare=False)
    _inbox: queue.SimpleQueue[_Message] = field(
        default_factory=queue.SimpleQueue, init=False, repr=False, compare=False
    )

    @contextmanager
    def started(self) -> Iterator[None]:
        """A block at whose beginning workers are started: they import PyTorch while this process prepares the tasks.

        Those that no `run` has taken over are ended after it. Raises WorkerError.
        """
        try:
            for number in range(self.division.workers):
                gpu = self.division.gpus[number] if self.division.gpus else None
                self._early.append(_Worker(self.command, gpu, self._inbox))
            yield
        finally:
            for worker in self._early:
                worker.end()
            self._early.clear()

    def run(self, tasks: Sequence[RenderTask], on_event: OnEvent | None = None) -> list[Outcome]:
        """See `engine.Engine.run`."""
        early, inbox = list(self._early), self._inbox if self._early else queue.SimpleQueue()
        self._early.clear()
        return _Run(self, tasks, on_event or (lambda event: None), early, inbox).run()


class _Worker:
    """A worker process, seen from outside. Threads put its messages into `inbox`, and at last None."""

    def __init__(self, command: Sequence[str], gpu: str | None, inbox: queue.SimpleQueue[_Message]) -> None:
        pipe = subprocess.PIPE
        environment = os.environ if gpu is None else {**os.environ, VISIBLE_GPUS: gpu}
        try:
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8", errors="replace", env=environment
            )
        except OSError as error:  # no more processes, open files or memory
            raise WorkerError(f"no worker process can be started: {error.strerror}") from error
        self.gpu = gpu
        self.is_ready = False
        self.task: int | None = None
        """The position of the task that it is at."""
        self._inbox = inbox
        self._errors: deque[str] = deque(maxlen=_LINES_KEPT)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def send(self, task: RenderTask, *, is_retry: bool) -> None:
        """Ask it to do a task. One that has ended is told of by its last message."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({"task": task.to_json(), "retry": is_retry}) + "\n")
            self._process.stdin.flush()

    def finish(self) -> None:
        """Ask it to end, after the frame that it is at."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()

    def end(self) -> None:
        """End it without waiting for a frame, but for its files to be closed."""
        self.finish()
        if self.task is not None:
            self._process.terminate()  # after the end of its stdin: such a second sign does not wait
        try:
            self._process.wait(_EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.close()

    def close(self) -> int:
        """Its exit status, once it has ended; its pipes are closed."""
        status = self._process.wait()
        for thread in self._threads:
            thread.join()
        self.finish()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        return status

    def last_words(self) -> str:
        """How it has ended, for a sentence: `was ended by signal 9 (SIGKILL)`."""
        status = self.close()
        if status < 0:
            return f"was ended by {signal_name(-status)}"
        said = f": {self._errors[-1]}" if self._errors else ""
        return f"ended with exit status {status}{said}"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(ValueError):  # half a line, of a worker that was killed
                self._inbox.put((self, json.loads(line)))
        self._inbox.put((self, None))

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(line.rstrip() for line in self._process.stderr if line.strip())


_Message = tuple[_Worker, "dict[str, Any] | None"]


@dataclass
class _State:
    """How far a task is."""

    attempts: Attempts = field(default_factory=Attempts)
    start: float = 0.0
    outcome: Outcome | None = None


class _Run:
    """One run of an engine."""

    def __init__(
        self,
        engine: ProcessEngine,
        tasks: Sequence[RenderTask],
        on_event: OnEvent,
        early: list[_Worker],
        inbox: queue.SimpleQueue[_Message],
    ) -> None:
        self._engine, self._tasks, self._on_event = engine, tasks, on_event
        self._states = [_State() for _ in tasks]
        self._waiting = deque(range(len(tasks)))
        self._workers = early
        self._inbox = inbox
        self._failed_starts = 0
        self._is_ending = False

    def run(self) -> list[Outcome]:
        division = self._engine.division
        try:
            with deferred():
                for number in range(len(self._workers), min(division.workers, len(self._tasks))):
                    self._start(division.gpus[number] if division.gpus else None)
                while self._workers:
                    self._step()
        finally:
            for worker in self._workers:
                worker.end()
        return [state.outcome for state in self._states if state.outcome is not None]

    def _start(self, gpu: str | None) -> None:
        self._workers.append(_Worker(self._engine.command, gpu, self._inbox))

    def _step(self) -> None:
        """Wait for a message, or for a signal that ends the run."""
        if pending() is not None and not self._is_ending:
            self._is_ending = True
            for worker in self._workers:
                worker.finish()
        try:
            worker, message = self._inbox.get(timeout=_LOOK)
        except queue.Empty:
            return
        if message is None:
            self._on_end(worker)
        elif message["event"] == "ready":
            self._failed_starts, worker.is_ready = 0, True
            self._give(worker)
        elif worker.task is not None:
            self._on_message(worker, worker.task, message)

    def _give(self, worker: _Worker) -> None:
        """Give a worker the next task, or let it end where none is left."""
        if not self._waiting or self._is_ending:
            worker.finish()
            return
        worker.task = self._waiting.popleft()
        task, state = self._tasks[worker.task], self._states[worker.task]
        state.start = state.start or time.monotonic()
        state.attempts.begin()
        worker.send(task, is_retry=state.attempts.is_begun)
        self._on_event(Event(task, "started"))

    def _on_message(self, worker: _Worker, position: int, message: dict[str, Any]) -> None:
        task = self._tasks[position]
        match message["event"]:
            case "progress":
                progress = Progress(**message["progress"])
                self._states[position].attempts.note(progress)
                self._on_event(Event(task, "progress", progress))
            case "warning":
                self._on_event(Event(task, "warning", text=message["text"]))
            case "done":
                self._settle(position, None, message["frames"])
                worker.task = None
                self._give(worker)
            case "failed":
                self._settle(position, TaskError.from_values(message["error"]))
                worker.task = None
                self._give(worker)

    def _settle(self, position: int, error: TaskError | None, frames: int = 0) -> None:
        task, state = self._tasks[position], self._states[position]
        state.outcome = Outcome(task, error, state.attempts.count, time.monotonic() - state.start, frames)
        self._on_event(Event(task, "failed" if error else "done", error=error))

    def _on_end(self, worker: _Worker) -> None:
        """A worker has ended: because it was to, or it is replaced."""
        self._workers.remove(worker)
        reason = worker.last_words()
        if self._is_ending or (worker.is_ready and worker.task is None):
            return
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= MOST_ATTEMPTS:
                raise WorkerError(f"no worker process can be started: the last one {reason}")
        elif worker.task is not None:
            self._on_loss(worker.task, reason)
        if self._waiting:
            self._start(worker.gpu)

    def _on_loss(self, position: int, reason: str) -> None:
        if self._states[position].attempts.is_lost():
            self._settle(position, lost_error(reason))
            return
        self._waiting.appendleft(position)
        self._on_event(Event(self._tasks[position], "lost", text=f"its worker {reason}"))
