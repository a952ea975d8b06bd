from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import pytest
import torch

from zoomdream.images.parallel import in_parallel


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def by_two_threads(work: threading.Barrier) -> set[int]:
    """Which threads have computed two parts that wait for one another."""
    threads: set[int] = set()

    def part(number: int) -> None:
        work.wait()
        threads.add(threading.get_ident())

    in_parallel(range(2), part)
    return threads


def test_each_part_is_done_once() -> None:
    done: list[int] = []
    in_parallel(range(0, 1000, 7), done.append)
    assert sorted(done) == list(range(0, 1000, 7))
    in_parallel(range(0), done.append)
    assert len(done) == 143


def test_two_threads_compute_at_once() -> None:
    threads = by_two_threads(threading.Barrier(2, timeout=60))
    assert len(threads) == 2
    assert threading.get_ident() in threads


def test_one_thread_computes_by_itself() -> None:
    torch.set_num_threads(1)
    threads: set[int] = set()
    in_parallel(range(5), lambda part: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("of_the_caller", [True, False])
def test_an_error_is_raised_and_ends_the_work(of_the_caller: bool) -> None:
    """Whichever thread it belongs to; what is in work is waited for."""
    meeting, caller = threading.Barrier(2, timeout=60), threading.get_ident()
    begun: list[int] = []

    def part(number: int) -> None:
        begun.append(number)
        if number < 2:
            meeting.wait()
        if (threading.get_ident() == caller) == of_the_caller:
            raise ValueError("no such color")

    with pytest.raises(ValueError, match="no such color"):
        in_parallel(range(10_000_000), part)
    assert len(begun) < 10_000_000
    assert by_two_threads(threading.Barrier(2, timeout=60)), "the threads go on after an error"


def test_parts_may_have_parts_and_other_threads_may_ask() -> None:
    done: list[int] = []

    def ask() -> None:
        in_parallel(range(4), lambda outer: in_parallel(range(10), lambda inner: done.append(10 * outer + inner)))

    others = [threading.Thread(target=ask) for _ in range(3)]
    for other in others:
        other.start()
    ask()
    for other in others:
        other.join(60)
    assert sorted(done) == sorted(list(range(40)) * 4)


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    by_two_threads(threading.Barrier(2, timeout=60))
    child = os.fork()
    if child == 0:
        try:
            os._exit(len(by_two_threads(threading.Barrier(2, timeout=60))))
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
