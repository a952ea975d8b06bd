"""Signals that end a job: they wait for the frame that is being made, and break off what is only waited for.

`cli.signals` installs the handlers. Without handlers both context managers change nothing: a script's Ctrl-C is
Python's own KeyboardInterrupt.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class Interrupted(KeyboardInterrupt):
    """A signal that ends the job; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True)
class Wait:
    """Something outside this process that is waited for."""

    what: str
    """In words that follow "waiting for": `ffmpeg to take a frame`."""
    since: float
    """When the wait began, on `time.monotonic`'s clock."""


@dataclass
class _State:
    """Of the main thread, which alone receives signals."""

    depth: int = 0
    """How many blocks of `deferred` are entered."""
    pending: int | None = None
    """The signal that waits for the end of the outermost of them."""
    waits: list[Wait] = field(default_factory=list)


_state = _State()


def request(number: int, on_deferred: Callable[[int], None] | None = None) -> None:
    """What a signal handler calls. Raises Interrupted, now or at the end of the block that defers it.

    `on_deferred` is called where the signal has to wait. A second signal does not wait.
    """
    if _state.depth and _state.pending is None and not _state.waits:
        _state.pending = number
        if on_deferred:
            on_deferred(number)
        return
    raise Interrupted(number if _state.pending is None else _state.pending)


def pending() -> int | None:
    """The signal that waits for the end of a block of `deferred`."""
    return _state.pending


def _receives_signals() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def deferred() -> Iterator[None]:
    """A block that one signal does not interrupt: it raises Interrupted at the block's end. For the main thread."""
    if not _receives_signals():
        yield
        return
    _state.depth += 1
    try:
        yield
    finally:
        _state.depth -= 1
        number = _state.pending
        if _state.depth == 0:
            _state.pending = None
    if _state.depth == 0 and number is not None:
        raise Interrupted(number)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A block that waits for something outside this process: signals interrupt it at once. For the main thread.

    `what` follows "waiting for" in a sentence.
    """
    if not _receives_signals():
        yield
        return
    _state.waits.append(Wait(what, time.monotonic()))
    try:
        yield
    finally:
        _state.waits.pop()


def current_wait() -> Wait | None:
    """What the main thread waits for now."""
    waits = _state.waits[-1:]
    return waits[0] if waits else None
