"""What the page is told without asking: jobs, previews and files that have changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

Event = Mapping[str, object]

_MOST_WAITING = 256
"""Events for a page that does not read them; it asks for everything anew when it comes back."""


class Events:
    """Hands events to every page that is open. Threads may use it at the same time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._readers: dict[asyncio.Queue[Event], asyncio.AbstractEventLoop] = {}

    def publish(self, event: Event) -> None:
        """Tell all pages."""
        with self._lock:
            readers = list(self._readers.items())
        for queue, loop in readers:
            try:
                loop.call_soon_threadsafe(_put, queue, event)
            except RuntimeError:  # its loop is closed: the server ends
                continue

    @contextmanager
    def reader(self) -> Iterator[asyncio.Queue[Event]]:
        """A queue with the events from now on, for the loop that runs."""
        queue: asyncio.Queue[Event] = asyncio.Queue(_MOST_WAITING)
        with self._lock:
            self._readers[queue] = asyncio.get_running_loop()
        try:
            yield queue
        finally:
            with self._lock:
                del self._readers[queue]


def _put(queue: asyncio.Queue[Event], event: Event) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(event)
