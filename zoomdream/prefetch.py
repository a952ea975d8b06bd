"""Work done ahead in a thread, so that whoever takes the results seldom waits for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def prefetch(items: Generator[Item, None, None], depth: int) -> Generator[Item, None, None]:
    """The same items in the same order, `depth` of them made in advance by one thread.

    An error of the generator reaches the caller where it would have without the thread. When the caller stops early the
    generator is closed; it never runs in two threads at once.
    """
    end = object()
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
            try:
                waiting = deque(thread.submit(next, items, end) for _ in range(depth))
                while (item := waiting.popleft().result()) is not end:
                    waiting.append(thread.submit(next, items, end))
                    yield item  # type: ignore[misc]
            finally:
                thread.shutdown(wait=True, cancel_futures=True)
    finally:
        items.close()
