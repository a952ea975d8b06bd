"""What runs on the machines of a Ray cluster: a task, with a look at whether the machine fits the one that asks.

All that travels is lines of JSON. A request:

    {"versions": {...}, "proofs": [[path, content]], "inputs": [path]}
    and of a task also {"task": "{...}", "retry": false, "cpus": 1, "processor": null, "patience": 15.0}

The answers are the events of `worker_process`, and

    {"event": "ready", "processor": "..."}     to `greet`: the machine fits
    {"event": "refused", "error": {...}}                 it does not: see `check`
    {"event": "elsewhere"}                               another kind of machine has begun the film
"""

from __future__ import annotations

import asyncio
import json
import platform
import signal
import socket
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zoomdream import __version__
from zoomdream.errors import ClusterError, OutOfMemoryError, OutputBusyError, OutputError, UsageError
from zoomdream.farm.engine import TaskError
from zoomdream.farm.storage import StoredFile, is_address
from zoomdream.farm.tasks import RenderTask
from zoomdream.farm.work import Result, perform
from zoomdream.interruption import pending, request, waiting
from zoomdream.memory import DEFAULT_SHARE, free_main_memory
from zoomdream.progress import Progress
from zoomdream.provenance import code_digest
from zoomdream.runtime import processor_model, usable_cores

_PACKAGES = {"PyTorch": "torch", "torchvision": "torchvision", "OpenCV": "opencv-python-headless", "Ray": "ray"}
_PAUSE = 0.2  # seconds between two looks whether an output is free
_LAST_NEWS_TIMEOUT = 10.0  # seconds


class Inbox:
    """What an actor of the cluster holds: what the workers report, until whoever asks for it takes it."""

    def __init__(self) -> None:
        self._events: list[list[str]] = []
        self._progress: dict[str, str] = {}
        self._news = asyncio.Event()

    async def put(self, key: str, kind: str, line: str) -> None:
        """An event of the attempt `key`. Of progress the latest one counts."""
        if kind == "progress":
            self._progress[key] = line
        else:
            self._events.append([key, line])
        self._news.set()

    async def flush(self) -> None:
        """Let `take` return at once, with what there is."""
        self._news.set()

    async def take(self, timeout: float) -> str:
        """All events since the last call, as JSON: a list of [key, event]. Waits for one for `timeout` seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout)
        self._news.clear()
        found = [*self._events, *([key, line] for key, line in self._progress.items())]
        self._events.clear()
        self._progress.clear()
        return json.dumps(found)


def versions() -> dict[str, str]:
    """What must be the same on all machines, by name."""
    packages = {name: version(package) for name, package in _PACKAGES.items()}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"zoomdream": f"{__version__} (code {code_digest()})", **packages, "Python": python}


def greet(request_line: str) -> str:
    """Whether a machine fits: the answer `ready`, or `refused`."""
    error = check(json.loads(request_line))
    if error is not None:
        return json.dumps({"event": "refused", "error": asdict(TaskError.of(error))})
    return json.dumps({"event": "ready", "processor": processor_model()})


def host() -> str:
    """This machine's name, for messages."""
    return socket.gethostname()


def check(asked: Mapping[str, Any]) -> ClusterError | None:
    """Why this machine cannot work for the one that asks: versions that differ, folders that it does not see."""
    here = versions()
    other = [
        f"{name} {there} there and {here.get(name)} here"
        for name, there in asked["versions"].items()
        if there != here.get(name)
    ]
    if other:
        return ClusterError(
            f"the machine {host()} has other versions than the one that has asked it: {', '.join(other)}; the same "
            f"ones must be on all machines"
        )
    for path, content in asked["proofs"]:
        if not _holds(path, content):
            return ClusterError(
                f"the machine {host()} does not see the folder {path.rpartition('/')[0]}: outputs must lie in a folder "
                f"that all machines share, under the same name, or in a storage that all reach"
            )
    unseen = next((path for path in asked["inputs"] if not _is_seen(path)), None)
    if unseen is None:
        return None
    return ClusterError(
        f"the machine {host()} does not see {unseen}: presets and sources must lie in a folder that all machines "
        f"share, under the same name, or a source in a storage that all reach"
    )


def _holds(path: str, content: str) -> bool:
    try:
        return (StoredFile(path).read() if is_address(path) else Path(path).read_text(encoding="utf-8")) == content
    except (OSError, ValueError, OutputError, UsageError):
        return False  # without the storage's package, or the right to read it


def _is_seen(path: str) -> bool:
    try:
        return StoredFile(path).exists() if is_address(path) else Path(path).exists()
    except (OutputError, UsageError):
        return False


def work(request_line: str, inbox: Any, key: str) -> str:
    """Do a task. Returns the last event; the others go to `inbox`, a handle of an actor with an `Inbox`, under `key`.

    Raises KeyboardInterrupt after the frame that it is at, once Ray has cancelled it.
    """
    asked = json.loads(request_line)
    error = check(asked)
    if error is not None:
        return json.dumps({"event": "refused", "error": asdict(TaskError.of(error))})
    if asked["processor"] not in (None, processor_model()):
        return json.dumps({"event": "elsewhere"})

    def send(event: str, **values: Any) -> Any:
        return inbox.put.remote(key, event, json.dumps({"event": event, **values}))

    with _cancellation():
        send("started")
        answer = _answer(asked, send)
        _free()
    with suppress(Exception):  # whoever reads it may be gone, and the answer goes another way
        import ray

        ray.get(send("end"), timeout=_LAST_NEWS_TIMEOUT)
    return json.dumps(answer)


def _answer(asked: Mapping[str, Any], send: Any) -> dict[str, Any]:
    def on_progress(progress: Progress) -> None:
        send("progress", progress=asdict(progress))

    def on_warning(text: str) -> None:
        send("warning", text=text)

    try:
        task = _share(RenderTask.from_json(asked["task"]), asked["cpus"])
        result = _perform(task, asked, on_progress, on_warning)
    except MemoryError:
        error: Exception = OutOfMemoryError(f"the machine {host()} has no more memory")
        return {"event": "failed", "error": asdict(TaskError.of(error))}
    except Exception as failure:
        failure.add_note(f"it was rendered on the machine {host()}")
        return {"event": "failed", "error": asdict(TaskError.of(failure, traceback.format_exc()))}
    return {"event": "done", "frames": result.frames}


def _perform(task: RenderTask, asked: Mapping[str, Any], on_progress: Any, on_warning: Any) -> Result:
    """`work.perform`, once the worker is gone which had the output before: it may live a moment longer than Ray thinks,
    and a machine that is gone holds its locks until the file server misses it."""
    deadline = time.monotonic() + asked["patience"]
    while True:
        try:
            return perform(task, on_progress, on_warning, is_retry=asked["retry"])
        except OutputBusyError:
            if time.monotonic() >= deadline:
                raise
        with waiting("another zoomdream to leave the output"):
            time.sleep(_PAUSE)


def _share(task: RenderTask, cpus: float) -> RenderTask:
    """The task with its share of this machine's free memory, by the part of the cores that it has."""
    if task.max_memory is not None or task.memory_share is not None:
        return task
    part = min(1.0, cpus / usable_cores())
    return replace(task, memory_share=round(DEFAULT_SHARE * free_main_memory() * part))


def _free() -> None:
    from zoomdream.farm.work import free

    free()


@contextmanager
def _cancellation() -> Iterator[None]:
    """A block in which Ray's way to cancel a task, SIGINT, waits for the end of a frame."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(number: int, frame: object) -> None:
        if pending() is None:
            request(number)

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
