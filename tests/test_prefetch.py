"""Items computed in advance: the same and in the same order as without the thread, and no thread is left."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from zoomdream.errors import ZoomdreamError
from zoomdream.prefetch import on_early_end, prefetch


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Generator[None, None, None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) == before


def counting(stop: int, made: list[int] | None = None) -> Generator[int, None, None]:
    for number in range(stop):
        if made is not None:
            made.append(number)
        yield number


@pytest.mark.parametrize("depth", [1, 2, 3, 50])
@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_items_come_in_order_and_none_is_lost(count: int, depth: int) -> None:
    assert list(prefetch(counting(count), depth)) == list(range(count))


def test_an_item_of_none_is_an_item() -> None:
    assert list(prefetch((item for item in (1, None, 2, None)), 2)) == [1, None, 2, None]


def test_an_error_comes_after_the_items_before_it() -> None:
    def failing() -> Generator[int, None, None]:
        yield from range(4)
        raise OSError("at item 4")

    seen = []
    with pytest.raises(OSError, match="at item 4"):  # noqa: PT012
        for item in prefetch(failing(), 3):
            seen.append(item)
    assert seen == [0, 1, 2, 3]


def test_a_caller_that_stops_early_closes_the_generator() -> None:
    closed = threading.Event()

    def endless() -> Generator[int, None, None]:
        try:
            yield from range(10**9)
        finally:
            closed.set()

    items = endless()  # held here, so that it is closed and not just forgotten
    taken = prefetch(items, 3)
    assert [next(taken) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert not closed.is_set()
    taken.close()
    assert closed.is_set()


def test_an_error_of_the_caller_closes_the_generator() -> None:
    closed = threading.Event()

    def endless() -> Generator[int, None, None]:
        try:
            yield from range(10**9)
        finally:
            closed.set()

    items = endless()
    taken = prefetch(items, 2)
    next(taken)
    with pytest.raises(KeyboardInterrupt):
        taken.throw(KeyboardInterrupt)
    assert closed.is_set()


def test_stopping_waits_for_the_item_in_work() -> None:
    """A generator that is closed while another thread runs it would raise `generator already executing`."""
    working, go_on, closed = threading.Event(), threading.Event(), threading.Event()

    def slow() -> Generator[int, None, None]:
        try:
            yield 0
            working.set()
            assert go_on.wait(10)
            yield 1
        finally:
            closed.set()

    taken = prefetch(slow(), 2)
    assert next(taken) == 0
    assert working.wait(10)
    stopper = threading.Thread(target=taken.close)
    stopper.start()
    assert not closed.wait(0.05)
    go_on.set()
    stopper.join(10)
    assert closed.is_set()


@pytest.mark.parametrize("depth", [1, 3])
def test_it_works_ahead_by_depth_and_no_further(depth: int) -> None:
    """While the caller holds an item, `depth` more are made; the next is begun only when the caller asks again."""
    made = threading.Semaphore(0)

    def signalling() -> Generator[int, None, None]:
        for number in range(100):
            made.release()
            yield number

    taken = prefetch(signalling(), depth)
    next(taken)
    for _ in range(1 + depth):
        assert made.acquire(timeout=10)
    assert not made.acquire(timeout=0.1)
    next(taken)
    assert made.acquire(timeout=10)
    assert not made.acquire(timeout=0.1)
    taken.close()


def test_all_items_are_made_by_one_thread_that_is_not_the_callers() -> None:
    def named() -> Generator[int, None, None]:
        for _ in range(6):
            yield threading.get_ident()

    idents = set(prefetch(named(), 3))
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_nothing_is_begun_before_the_first_item_is_asked_for() -> None:
    made: list[int] = []
    taken = prefetch(counting(5, made), 3)
    assert made == []
    taken.close()
    assert made == []


def test_a_wait_of_the_generator_is_ended_where_the_caller_stops_early() -> None:
    waiting, enough, closed = threading.Event(), threading.Event(), threading.Event()

    def waits() -> Generator[int, None, None]:
        on_early_end(enough.set)
        try:
            yield 0
            waiting.set()
            enough.wait()
            yield 1
        finally:
            closed.set()

    taken = prefetch(waits(), 2)
    assert next(taken) == 0
    assert waiting.wait(10)
    taken.close()
    assert closed.is_set()


def test_elsewhere_nothing_is_ended_early() -> None:
    called = []
    on_early_end(lambda: called.append(1))
    assert list(prefetch(counting(2), 1)) == [0, 1]
    assert called == []


def test_without_a_thread_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(ZoomdreamError, match="cannot be computed ahead: can't start"):
        next(prefetch(counting(2), 1))
