"""Engines and workers for tests that need no worker process, or none that imports PyTorch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from zoomdream.errors import DreamError, ZoomdreamError
from zoomdream.farm.engine import Event, OnEvent, Outcome, TaskError
from zoomdream.farm.tasks import RenderTask
from zoomdream.farm.work import perform
from zoomdream.progress import Progress


class InProcessEngine:
    """An `engine.Engine` that does its tasks in this process, one after the other."""

    def __init__(self, *_: object) -> None:
        """Whatever another engine is made of."""

    def started(self) -> AbstractContextManager[None]:
        """See `engine.Engine.started`."""
        return nullcontext()

    def run(self, tasks: Sequence[RenderTask], on_event: OnEvent | None = None) -> list[Outcome]:
        """See `engine.Engine.run`."""
        return [self._do(task, on_event or (lambda event: None)) for task in tasks]

    def _do(self, task: RenderTask, on_event: OnEvent) -> Outcome:
        on_event(Event(task, "started"))
        error, frames = None, 0
        try:
            result = perform(
                task,
                lambda progress: on_event(Event(task, "progress", progress)),
                lambda text: on_event(Event(task, "warning", text=text)),
            )
            frames = result.frames
        except ZoomdreamError as failure:
            error = TaskError.of(failure)
        on_event(Event(task, "failed" if error else "done", error=error))
        return Outcome(task, error, 1, 0.0, frames)


def break_off(task: RenderTask, frame: int) -> DreamError:
    """Do a task until a frame is done, at which an error comes."""

    def fail(progress: Progress) -> None:
        if progress.done == frame:
            raise DreamError("enough")

    with pytest.raises(DreamError) as caught:
        perform(task, fail)
    return caught.value


def fake_worker(path: Path, script: str) -> tuple[str, ...]:
    """The command of a worker that speaks the protocol and renders nothing, written to `path`.

    `script` is called as `do(task, retry)`, with `say(event, **values)` and `progress(done, before=0)` at hand.
    """
    path.write_text(_WORKER.format(script=script.strip().replace("\n", "\n    ")), encoding="utf-8")
    return sys.executable, "-I", "-S", str(path)


_WORKER = """
import json, os, signal, sys, time

signal.signal(signal.SIGINT, signal.SIG_IGN)

def say(event, **values):
    print(json.dumps({{"event": event, **values}}), flush=True)

def progress(done, before=0):
    values = {{"done": done, "total": 4, "unit": "frame", "now": "", "detail": {{}}, "before": before}}
    say("progress", progress=values)

def do(task, retry):
    {script}

say("ready")
for line in sys.stdin:
    asked = json.loads(line)
    do(json.loads(asked["task"]), asked["retry"])
"""
