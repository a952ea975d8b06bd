"""The thread that writes a journal: what is closed when, and what a failing disk does."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from zoomdream.films.journal import JournalWriter
from zoomdream.films.journal.segments import OpenSegment, list_segments
from zoomdream.films.journal.writer import Snapshot
from zoomdream.images.frame import Levels
from zoomdream.images.pictures.png import encode_png


def frame(index: int, shape: tuple[int, int] = (8, 8)) -> Levels:
    return np.random.default_rng(index).integers(0, 256, (*shape, 3), np.uint8)


def snapshot(index: int, values: int = 12) -> Snapshot:
    return Snapshot(index, "zoom", 1, lambda: {"start": torch.full((values,), float(index))})


def digest(first: int, stop: int) -> str:
    return f"rows {first}-{stop}"


def write(folder: Path, first: int, count: int, values: int = 12) -> None:
    with JournalWriter(folder, list_segments(folder), digest, 192) as writer:
        for index in range(first, first + count):
            writer.append(frame(index), snapshot(index + 1, values))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every frame closes a segment, once the one before is closed."""
    monkeypatch.setattr("zoomdream.films.journal.writer.MIN_SECONDS", 0.0)


def test_one_segment_with_the_state_after_its_last_frame(tmp_path: Path) -> None:
    write(tmp_path, 0, 5)
    (segment,) = list_segments(tmp_path)
    assert (segment.first, segment.stop, segment.rows) == (0, 5, "rows 0-5")
    state = segment.load_state()
    assert state is not None
    assert state["start"][0] == 5
    assert all(np.array_equal(a, frame(k)) for k, a in enumerate(segment.frames(0, 5)))
    assert len(list(tmp_path.iterdir())) == 2


def test_frames_that_are_encoded_at_once_stay_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = threading.Event()

    def encode(pixels: Levels) -> bytes:
        if np.array_equal(pixels, frame(0)):
            assert later.wait(30)  # the first is encoded when the second is
        else:
            later.set()
        return encode_png(pixels)

    monkeypatch.setattr("zoomdream.films.journal.writer.ENCODERS", 2)
    monkeypatch.setattr("zoomdream.films.journal.writer.encode_png", encode)
    write(tmp_path, 0, 4)
    (segment,) = list_segments(tmp_path)
    assert all(np.array_equal(a, frame(k)) for k, a in enumerate(segment.frames(0, 4)))


def test_a_frame_that_cannot_be_encoded_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(pixels: Levels) -> bytes:
        raise MemoryError

    monkeypatch.setattr("zoomdream.films.journal.writer.encode_png", encode)
    with pytest.raises(MemoryError):
        write(tmp_path, 0, 1)


def test_a_later_run_goes_on(tmp_path: Path) -> None:
    write(tmp_path, 0, 5)
    write(tmp_path, 5, 2)
    assert [(segment.first, segment.stop) for segment in list_segments(tmp_path)] == [(0, 5), (5, 7)]


def test_what_is_finished_is_kept_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), JournalWriter(tmp_path, (), digest, 192) as writer:  # noqa: PT012
        writer.append(frame(0), snapshot(1))
        raise KeyboardInterrupt
    assert [segment.stop for segment in list_segments(tmp_path)] == [1]


@contextmanager
def interrupted_wait(_: str) -> Iterator[None]:
    """What a signal does that comes when the thread has taken what was handed over."""
    yield
    raise KeyboardInterrupt


def test_a_frame_whose_state_is_not_known_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = JournalWriter(tmp_path, (), digest, 192)
    writer.append(frame(0), snapshot(1))
    with monkeypatch.context() as patch:
        patch.setattr("zoomdream.films.journal.writer.waiting", interrupted_wait)
        with pytest.raises(KeyboardInterrupt):
            writer.append(frame(1), snapshot(2))
    writer.close()
    (segment,) = list_segments(tmp_path)
    state = segment.load_state()
    assert state is not None
    assert (segment.stop, segment.rows, len(list(segment.frames(0, 9))), state["start"][0]) == (1, "rows 0-1", 1, 1)
    write(tmp_path, 1, 1)
    assert list_segments(tmp_path)[-1].stop == 2


def test_a_segment_is_closed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = JournalWriter(tmp_path, (), digest, 192)
    writer.append(frame(0), snapshot(1))
    calls = iter([nullcontext(), interrupted_wait("")])
    with monkeypatch.context() as patch:
        patch.setattr("zoomdream.films.journal.writer.time.monotonic", lambda: float("inf"))
        patch.setattr("zoomdream.films.journal.writer.waiting", lambda _: next(calls))
        with pytest.raises(KeyboardInterrupt):
            writer.append(frame(1), snapshot(2))
    writer.close()
    assert [segment.stop for segment in list_segments(tmp_path)] == [2]


def test_nothing_written_leaves_nothing(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with JournalWriter(tmp_path, (), digest, 192):
        pass
    assert list(tmp_path.iterdir()) == []
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize(("values", "kept"), [(4000, 2), (12, 10)])
def test_states_take_no_more_room_than_frames_and_two_states(values: int, kept: int, tmp_path: Path) -> None:
    for index in range(10):  # a segment each: frames of 0.4 kB, states of 16 kB or 0.1
        write(tmp_path, index, 1, values)
    states = [path.stat().st_size for path in tmp_path.glob("state-*")]
    assert len(list_segments(tmp_path)) == 10
    assert len(states) == kept
    assert sum(states) <= sum(path.stat().st_size for path in tmp_path.glob("frames-*")) + 2 * states[0]
    assert list_segments(tmp_path)[-1].load_state() is not None


def test_going_on_before_a_state_that_was_removed(tmp_path: Path) -> None:
    """Where the last segments are dropped, those before have no state any more."""
    for index in range(4):
        write(tmp_path, index, 1, 4000)
    left = list_segments(tmp_path)
    assert not left[0].state_path.exists()
    with JournalWriter(tmp_path, left[:2], digest, 192) as writer:
        writer.append(frame(2), snapshot(3))
    assert [segment.stop for segment in list_segments(tmp_path)][:3] == [1, 2, 3]


def test_a_film_goes_on_from_a_state_before_which_another_was_removed(tmp_path: Path) -> None:
    for index in range(6):
        write(tmp_path, index, 1, 4000)
    segments = list_segments(tmp_path)[:5]
    assert not segments[3].state_path.exists()
    for index in (5, 6):
        with JournalWriter(tmp_path, segments, digest, 192) as writer:
            writer.append(frame(index), snapshot(index + 1, 4000))
        segments = list_segments(tmp_path)[: index + 1]
    assert [segment.stop for segment in segments] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.usefixtures("at_once")
def test_segments_are_closed_as_time_goes_on(tmp_path: Path) -> None:
    write(tmp_path, 0, 40)
    segments = list_segments(tmp_path)
    assert segments[-1].stop == 40
    assert len(segments) > 1


def test_a_full_disk_is_raised_and_what_was_closed_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 0, 2)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(OpenSegment, "append", fail)
    writer = JournalWriter(tmp_path, list_segments(tmp_path), digest, 192)
    writer.append(frame(2), snapshot(3))
    with pytest.raises(OSError, match="No space left"):
        writer.close()
    assert [segment.stop for segment in list_segments(tmp_path)] == [2]
    assert len(list(tmp_path.iterdir())) == 2
