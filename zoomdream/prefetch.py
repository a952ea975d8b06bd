"""Computes the next items of a generator in a thread while the caller works on the present one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from zoomdream import interruption
from zoomdream.errors import ZoomdreamError

Item = TypeVar("Item")


class _Stop:
    """What ends the item in work early."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[], None]] = []
        self._is_called = False

    def add(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)
        if self._is_called:
            callback()

    def __call__(self) -> None:
        self._is_called = True
        for callback in list(self._callbacks):
            callback()


_in_thread = threading.local()


def on_early_end(callback: Callable[[], None]) -> None:
    """For a generator that `prefetch` runs: what ends a wait of its, where the caller wants no more items.

    It is called from the caller's thread, perhaps twice or after the wait. Elsewhere this does nothing.
    """
    stop: _Stop | None = getattr(_in_thread, "stop", None)
    if stop is not None:
        stop.add(callback)


def prefetch(
    items: Generator[Item, None, None], depth: int, *, what: str = "the next source frame"
) -> Generator[Item, None, None]:
    """The same items in the same order, up to `depth` of them computed in advance by one thread.

    An error of the generator is raised after the items before it, as without the thread. When the caller stops early
    the generator is closed; it never runs in two threads at once. `what` is waited for, in `interruption`'s words; a
    second interruption at the end leaves the thread with its item.

    Raises ZoomdreamError where no thread can be started.
    """
    end, stop = object(), _Stop()
    thread = ThreadPoolExecutor(1, thread_name_prefix="prefetch", initializer=lambda: setattr(_in_thread, "stop", stop))
    try:
        try:
            pending = deque(thread.submit(next, items, end) for _ in range(depth))
        except RuntimeError as error:
            raise ZoomdreamError(f"{what} cannot be computed ahead: {error}") from error
        while True:
            with interruption.waiting(what):
                item = pending.popleft().result()
            if item is end:
                break
            pending.append(thread.submit(next, items, end))
            yield item  # type: ignore[misc]
    finally:
        stop()
        with interruption.waiting(what):
            thread.shutdown(wait=True, cancel_futures=True)
        items.close()
