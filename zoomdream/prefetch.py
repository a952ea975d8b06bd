"""Computes the next items of a generator in a thread while the caller works on the present one."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def prefetch(items: Generator[Item, None, None], depth: int) -> Generator[Item, None, None]:
    """The same items in the same order, up to `depth` of them computed in advance by one thread.

    An error of the generator is raised after the items before it, as without the thread. When the caller stops early
    the generator is closed; it never runs in two threads at once.
    """
    end = object()
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as thread:
            try:
                pending = deque(thread.submit(next, items, end) for _ in range(depth))
                while (item := pending.popleft().result()) is not end:
                    pending.append(thread.submit(next, items, end))
                    yield item  # type: ignore[misc]
            finally:
                thread.shutdown(wait=True, cancel_futures=True)
    finally:
        items.close()
