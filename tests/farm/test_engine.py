"""Errors as JSON, and when a task is given up."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from zoomdream.errors import (
    JournalError,
    OfflineError,
    OutOfMemoryError,
    SourceError,
    UnknownNameError,
    UsageError,
    WorkerError,
    ZoomdreamError,
)
from zoomdream.farm.engine import MOST_ATTEMPTS, Attempts, TaskError, lost_error
from zoomdream.progress import Progress

ERRORS = [
    UsageError("an argument"),
    JournalError("a journal", differs=True, matching=7),
    OfflineError("weights", network="vgg16"),
    UnknownNameError("fire99", kind="layer", network="squeezenet1_1"),
    OutOfMemoryError("memory", needed=12, tiled=True),
]


def sent(error: TaskError) -> TaskError:
    """The error on the other side of a pipe."""
    return TaskError.from_values(json.loads(json.dumps(asdict(error))))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_arrives_with_all_that_it_carries(error: ZoomdreamError) -> None:
    arrived = sent(TaskError.of(error)).exception
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)


def test_notes_arrive() -> None:
    error = SourceError("a photo")
    error.add_note("3 of 9 frames are kept")
    assert sent(TaskError.of(error)).exception.__notes__ == ["3 of 9 frames are kept"]


def test_what_nobody_foresaw_is_named_with_its_trace() -> None:
    error = sent(TaskError.of(KeyError("octave"), "Traceback ..."))
    assert type(error.exception) is ZoomdreamError
    assert str(error.exception) == "something failed that nobody foresaw: KeyError: 'octave'"
    assert error.trace == "Traceback ..."


def test_an_error_of_a_newer_worker_is_a_plain_one() -> None:
    assert type(TaskError("MoonError", "eclipsed").exception) is ZoomdreamError
    assert str(TaskError("UsageError", "wrong", attributes={"moon": 1}).exception) == "wrong"
    assert type(TaskError("difflib", "no error at all").exception) is ZoomdreamError


def test_a_task_is_given_up_after_three_workers_without_a_frame() -> None:
    attempts = Attempts()
    given_up = []
    for _ in range(MOST_ATTEMPTS):
        attempts.begin()
        given_up.append(attempts.is_lost())
    assert given_up == [False, False, True]
    assert attempts.count == 3


def test_workers_that_leave_finished_frames_do_not_count() -> None:
    attempts = Attempts()
    for kept in range(10 * MOST_ATTEMPTS):
        attempts.begin()
        attempts.note(Progress(kept, 99, "frame", before=kept))
        assert not attempts.is_lost()


def test_frames_that_are_lost_with_their_worker_do_not_count() -> None:
    attempts = Attempts()
    given_up = []
    for _ in range(MOST_ATTEMPTS):
        attempts.note(Progress(20, 99, "frame", before=20))  # of an earlier run
        attempts.note(Progress(25, 99, "frame", before=20))
        given_up.append(attempts.is_lost())
    assert given_up == [False, False, True]


def test_a_download_is_no_frame() -> None:
    attempts = Attempts()
    attempts.note(Progress(500, 900, "byte"))
    assert not attempts.is_begun
    attempts.note(Progress(0, 9, "frame"))
    assert attempts.is_begun


def test_a_lost_task_says_how_its_last_worker_ended() -> None:
    error = lost_error("was ended by signal 9 (SIGKILL)").exception
    assert isinstance(error, WorkerError)
    assert str(error).endswith("the last one was ended by signal 9 (SIGKILL)")
