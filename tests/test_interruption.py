"""Signals that wait for the end of a frame."""

from __future__ import annotations

import signal
import threading

import pytest

from zoomdream.interruption import Interrupted, current_wait, deferred, request, waiting


def test_a_signal_outside_of_any_block_is_raised_at_once() -> None:
    with pytest.raises(Interrupted) as caught:
        request(signal.SIGTERM)
    assert caught.value.number == signal.SIGTERM
    assert isinstance(caught.value, KeyboardInterrupt)


def test_a_deferred_signal_is_raised_at_the_end_of_the_block() -> None:
    told: list[int] = []
    reached = False
    with pytest.raises(Interrupted) as caught, deferred():  # noqa: PT012
        request(signal.SIGINT, told.append)
        reached = True
    assert reached
    assert told == [signal.SIGINT]
    assert caught.value.number == signal.SIGINT


def test_the_outermost_block_decides() -> None:
    inner_left = False
    with pytest.raises(Interrupted), deferred():  # noqa: PT012
        with deferred():
            request(signal.SIGHUP)
        inner_left = True
    assert inner_left


def test_a_second_signal_does_not_wait() -> None:
    with pytest.raises(Interrupted) as caught, deferred():  # noqa: PT012
        request(signal.SIGTERM)
        request(signal.SIGINT)
        pytest.fail("the second signal waited")
    assert caught.value.number == signal.SIGTERM


def test_a_signal_during_a_wait_is_raised_at_once() -> None:
    with pytest.raises(Interrupted), deferred(), waiting("ffmpeg to take a frame"):  # noqa: PT012
        wait = current_wait()
        assert wait is not None
        assert wait.what == "ffmpeg to take a frame"
        request(signal.SIGINT)
        pytest.fail("the signal waited")
    assert current_wait() is None


def test_an_error_in_the_block_wins_over_the_signal_and_leaves_no_trace() -> None:
    with pytest.raises(ValueError, match="mine"), deferred():  # noqa: PT012
        request(signal.SIGINT)
        raise ValueError("mine")
    with deferred():
        pass


def test_other_threads_neither_defer_nor_wait() -> None:
    waits = []

    def work() -> None:
        with deferred(), waiting("a disk"):
            waits.append(current_wait())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert waits == [None]
