"""A worker: a process that does one task after another, as the process that has started it asks.

It is started as `python -m zoomdream.farm.worker_process`. It reads requests from stdin and writes events to stdout,
lines of JSON both; what libraries print goes to stderr. PyTorch is imported once.

    {"task": "{...}", "retry": false}                  a request; the task is `RenderTask.to_json`'s

    {"event": "ready"}                                 everything is imported
    {"event": "progress", "progress": {...}}           a `zoomdream.progress.Progress`
    {"event": "warning", "text": "..."}
    {"event": "done", "frames": 24}
    {"event": "failed", "error": {...}}                a `zoomdream.farm.engine.TaskError`

It ends when its stdin does, and when the process ends that has started it, after the frame that it is at. So it does
after SIGTERM; a second one does not wait. The signals that a terminal sends to all that runs in it are the other
process's to heed.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, NoReturn

from zoomdream.errors import OutOfMemoryError
from zoomdream.farm.engine import TaskError
from zoomdream.farm.tasks import RenderTask
from zoomdream.interruption import Interrupted, pending, request
from zoomdream.progress import Progress

_PR_SET_PDEATHSIG = 1  # of prctl(2)
_OF_TERMINAL = ("SIGINT", "SIGHUP", "SIGQUIT")
_PARENT_ENDED: int = getattr(signal, "SIGUSR1", signal.SIGTERM)
_MOMENT = 0.01  # seconds until a signal is handled that could not be when it came


class Channel:
    """The way to the process that has started this one: its stdin and stdout, which nothing else uses from now on."""

    def __init__(self) -> None:
        null = os.open(os.devnull, os.O_RDONLY)
        self._requests = os.fdopen(os.dup(0), encoding="utf-8")
        self._events = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(null, 0)
        os.dup2(2, 1)
        os.close(null)
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def send(self, event: str, **values: Any) -> None:
        """Tell of an event. Raises Interrupted where nobody listens any more."""
        line = json.dumps({"event": event, **values})
        try:
            with self._lock:
                self._events.write(line + "\n")
                self._events.flush()
        except BrokenPipeError:
            raise Interrupted(signal.SIGTERM) from None

    def listen(self) -> None:
        """Read what is asked for from now on. At the end of stdin the main thread gets a signal."""
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def requests(self) -> Iterator[dict[str, Any]]:
        """What is asked for, until stdin ends."""
        while (line := self._waiting.get()) is not None:
            yield json.loads(line)

    def _read(self) -> None:
        for line in self._requests:
            self._waiting.put(line)
        self._waiting.put(None)
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(threading.main_thread().ident or 0, _PARENT_ENDED)
        else:
            signal.raise_signal(_PARENT_ENDED)


class Signals:
    """What becomes of signals: a task finishes its frame and closes its journal, and the process ends."""

    def __init__(self) -> None:
        self._is_working = self._is_asked = False

    def handle(self) -> None:
        """Install the handlers, in the main thread."""
        for name in _OF_TERMINAL:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)
        signal.signal(_PARENT_ENDED, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, self._on_signal)
        sys.unraisablehook = self._unraisable
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _PARENT_ENDED)

    @contextmanager
    def working(self) -> Iterator[None]:
        """A block that a signal interrupts, at the end of a frame. Elsewhere it ends the process at once."""
        self._is_working = True
        try:
            yield
        finally:
            self._is_working = False

    def _on_signal(self, number: int, frame: object) -> None:
        if not self._is_working:
            os._exit(0)
        is_postponed = number not in (_PARENT_ENDED, signal.SIGTERM)
        if self._is_asked and not is_postponed and (pending() is None or number == _PARENT_ENDED):
            return  # files are being closed, or another sign that the parent has ended
        self._is_asked = True
        request(signal.SIGTERM)

    def _unraisable(self, unraisable: Any) -> None:
        """An interrupt that came in a destructor is lost there; it is raised once more, soon."""
        if not isinstance(unraisable.exc_value, Interrupted):
            sys.__unraisablehook__(unraisable)
        elif hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, _MOMENT)


def main() -> NoReturn:
    """Work until stdin ends."""
    signals, channel = Signals(), Channel()
    signals.handle()
    channel.listen()  # the imports take seconds, and the other process may end meanwhile
    from zoomdream.farm import work
    from zoomdream.films import preparation, rendering  # noqa: F401  PyTorch, and all that every film needs

    try:
        channel.send("ready")
        for asked in channel.requests():
            with signals.working():
                _perform(asked, channel)
                work.free()
    except KeyboardInterrupt:  # asked to end: the journal is closed
        pass
    os._exit(0)  # nothing is open any more, and PyTorch takes itself apart for a long time


def _perform(asked: dict[str, Any], channel: Channel) -> None:
    from zoomdream.farm.work import perform

    def on_progress(progress: Progress) -> None:
        channel.send("progress", progress=asdict(progress))

    def on_warning(text: str) -> None:
        channel.send("warning", text=text)

    try:
        task = RenderTask.from_json(asked["task"])
        result = perform(task, on_progress, on_warning, is_retry=asked["retry"])
    except MemoryError:
        error = OutOfMemoryError("a worker has got no more memory from the system")
        channel.send("failed", error=asdict(TaskError.of(error)))
    except Exception as error:
        channel.send("failed", error=asdict(TaskError.of(error, traceback.format_exc())))
    else:
        channel.send("done", frames=result.frames)


if __name__ == "__main__":
    main()
