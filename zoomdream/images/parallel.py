"""Parts of a frame computed in several threads: OpenCV and NumPy release the interpreter's lock while they compute.

The threads take part after part. So one that does not get a core holds nobody up but with the part it has begun, where
PyTorch's wait for the slowest of equal shares.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

import torch


class _Parts:
    """What is to be done, each part once, by whichever thread comes next."""

    def __init__(self, parts: range, work: Callable[[int], None]) -> None:
        self._parts: Iterator[int] = iter(parts)
        self._work = work

    def run(self) -> None:
        try:
            while (part := next(self._parts, None)) is not None:  # under the interpreter's lock: no part comes twice
                self._work(part)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Begin no further part."""
        self._parts = iter(range(0))


class _Helpers:
    """The threads that help the one that asks; they are started when they are first needed, and shared."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._pool: ThreadPoolExecutor | None = None

    def submit(self, work: Callable[[], None], count: int) -> list[Future[None]]:
        """Have `work` called in up to `count` threads beside the caller's; none where no thread can be started."""
        helping: list[Future[None]] = []
        with suppress(RuntimeError), self._lock:
            if self._pool is None or self._count < count:
                if self._pool is not None:
                    self._pool.shutdown(wait=False)
                self._pool, self._count = ThreadPoolExecutor(count, thread_name_prefix="strips"), count
            helping.extend(self._pool.submit(work) for _ in range(count))
        return helping


_helpers = _Helpers()


def _forget_helpers() -> None:
    """A process that was forked has none of its parent's threads."""
    global _helpers
    _helpers = _Helpers()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_helpers)


def in_parallel(parts: range, work: Callable[[int], None]) -> None:
    """Call `work` with each number of `parts`, in as many threads as PyTorch uses; the caller's is one of them.

    Each call must depend on no other. Raises what a call raises; then no further part is begun. A thread that a signal
    has interrupted may leave the parts that others have begun in work: they end by themselves, in memory of their own.
    """
    threads = min(torch.get_num_threads(), len(parts))
    job = _Parts(parts, work)
    helping = _helpers.submit(job.run, threads - 1) if threads > 1 else []
    try:
        job.run()
    finally:
        job.end()
        begun = [helper for helper in helping if not helper.cancel()]
        wait(begun)
    for helper in begun:
        helper.result()
