"""Says what a command waits for where that takes long: a stopped encoder or reader, a network disk that is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from zoomdream.interruption import Wait, current_wait

FIRST = 10.0
"""Seconds after which a wait is told."""
AGAIN = 60.0
"""Seconds from one line to the next."""
KEPT = "Ctrl-C is safe: finished frames are kept"
"""What to do, where frames are kept."""
_LOOK = 1.0  # seconds between two looks


class Tell(Protocol):
    """Writes a line for a person, or a record for a program: `progress_bar.Display.tell` does."""

    def __call__(self, text: str, /, **record: object) -> None:
        """Write it."""


class Watch:
    """Tells of each wait once it has lasted `first` seconds, again every `again` seconds, and when it is over."""

    def __init__(self, tell: Tell, advice: str = KEPT, first: float = FIRST, again: float = AGAIN) -> None:
        self._tell, self._advice, self._first, self._again = tell, advice, first, again
        self._told: Wait | None = None
        self._next = 0.0

    def look(self, wait: Wait | None, now: float) -> None:
        """Tell what there is to tell of the wait at the time `now`, on `time.monotonic`'s clock; None: no wait."""
        if self._told is not None and wait != self._told:
            seconds = round(now - self._told.since)
            self._tell(f"going on after {seconds} s", waiting=None, seconds=seconds)
            self._told = None
        if wait is None or now < (wait.since + self._first if self._told is None else self._next):
            return
        seconds = round(now - wait.since)
        self._tell(f"waiting for {wait.what} for {seconds} s; {self._advice}", waiting=wait.what, seconds=seconds)
        self._told, self._next = wait, now + self._again


@contextmanager
def watch_waits(
    tell: Tell, advice: str = KEPT, *, first: float = FIRST, again: float = AGAIN, look: float = _LOOK
) -> Iterator[None]:
    """A block whose waits (`zoomdream.interruption.waiting`) are told of by a thread.

    Args:
        tell: called by the thread.
        advice: what the user may do, which ends the line.
        first: seconds after which a wait is told.
        again: seconds from one line to the next.
        look: seconds between two looks.
    """
    watch, over = Watch(tell, advice, first, again), threading.Event()

    def work() -> None:
        while not over.wait(look):
            watch.look(current_wait(), time.monotonic())

    thread = threading.Thread(target=work, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
