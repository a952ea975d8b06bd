"""Writes a journal in a thread beside the dreaming: frames into segments, a state at the end of each."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from zoomdream.errors import ZoomdreamError
from zoomdream.films.journal.segments import OpenSegment, Segment
from zoomdream.images.frame import Levels
from zoomdream.images.pictures.png import encode_png
from zoomdream.interruption import waiting

MIN_SECONDS = 2.0
"""A segment is closed when it has lasted as long at least. What it holds is what a kill loses."""

SHARE = 0.01
"""The largest share of the time that closing segments may take."""

MOST_SECONDS = 120.0
"""A segment is closed when it has lasted as long at the latest, however slow the disk is."""

_FRAME_BYTES = 48 * 2**20


@dataclass(frozen=True)
class Snapshot:
    """What the next frame begins with, ready to be written."""

    index: int
    """The next frame's."""
    kind: str
    form: int
    tensors: Callable[[], Mapping[str, torch.Tensor]]


ENCODERS = max(1, min(4, (os.cpu_count() or 1) // 4))
"""Threads that encode frames: one takes 40 ms for 1920x1080, which a GPU may dream faster."""


@dataclass(frozen=True)
class PartBeginning:
    """The beginning of a part of a film that depends on no frame before it."""

    first: int
    """The part's first frame."""
    begins: str
    """A digest of what it begins with: see `Segment.begins`."""


@dataclass(frozen=True)
class _Frame:
    png: Future[bytes]


@dataclass(frozen=True)
class _Close:
    snapshot: Snapshot


def _no_thread(error: RuntimeError) -> ZoomdreamError:
    return ZoomdreamError(f"no thread could be started that keeps finished frames: {error}")


class JournalWriter:
    """Context manager that appends frames to the journal in `folder`.

    Leaving the block closes the last segment, also after an error: what is finished is kept. Raises OSError, from
    `append` and `close`, where the disk fails.
    """

    def __init__(
        self,
        folder: Path,
        segments: Sequence[Segment],
        digest: Callable[[int, int], str],
        frame_bytes: int,
        part: PartBeginning | None = None,
    ) -> None:
        """Go on after `segments`, or begin a part of the film.

        `digest(first, stop)` is that of the frames' settings.
        """
        self._folder = folder
        self._segments = list(segments)
        self._digest = digest
        self._open: OpenSegment | None = None
        self._next = part.first if part else segments[-1].stop if segments else 0
        self._begins = part.begins if part else None
        self._last: Snapshot | None = None
        self._due = time.monotonic() + MIN_SECONDS
        self._error: Exception | None = None
        self._states_since_kept = 0
        self._queue: queue.Queue[_Frame | _Close | None] = queue.Queue(max(2, min(16, _FRAME_BYTES // frame_bytes)))
        self._closed = False
        # A further thread is started only where a frame comes and all others are busy.
        self._encoders = ThreadPoolExecutor(ENCODERS, "journal-encoder")
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:  # a limit on threads
            raise _no_thread(error) from error

    def append(self, pixels: Levels, snapshot: Snapshot) -> None:
        """Keep a finished frame, HxWx3 RGB, which nobody may change later, and what the next one begins with."""
        self._raise_error()
        self._put(_Frame(self._encoded(pixels)))
        self._last = snapshot
        if time.monotonic() >= self._due:
            self._due = float("inf")  # until this one is closed
            self._close_segment()

    def _encoded(self, pixels: Levels) -> Future[bytes]:
        try:
            return self._encoders.submit(encode_png, pixels)
        except RuntimeError as error:  # a limit on threads
            raise _no_thread(error) from error

    def close(self) -> None:
        """Close the last segment and wait until all is on the disk."""
        if self._closed:
            return
        self._closed = True
        if self._last is not None:
            self._close_segment()
        self._put(None)
        with waiting(f"the disk of {self._folder}"):
            self._thread.join()
        self._encoders.shutdown()
        self._raise_error()

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self.close()
            return
        with suppress(OSError):  # the error that ends the render comes first
            self.close()

    def _close_segment(self) -> None:
        assert self._last is not None
        tensors = self._last.tensors()  # copied from the device here: its memory may be another frame's soon
        self._put(_Close(replace(self._last, tensors=lambda: tensors)))
        self._last = None

    def _put(self, item: _Frame | _Close | None) -> None:
        with waiting(f"the disk of {self._folder}"):
            self._queue.put(item)

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    # -- in the thread ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        # after an error the queue is emptied all the same: the caller may be waiting for room in it
        while (item := self._queue.get()) is not None:
            if self._error is None:
                try:
                    self._write(item)
                except Exception as error:
                    self._error = error
        if self._open is not None:
            with suppress(OSError):
                self._open.discard()

    def _write(self, item: _Frame | _Close) -> None:
        if isinstance(item, _Frame):
            if self._open is None:
                self._open = OpenSegment(self._folder, self._next, self._begins)
            self._open.append(item.png.result())
            return
        # An interruption may have come between a frame and its state, or between closing a segment and noting it.
        snapshot = item.snapshot
        if self._open is None or snapshot.index <= self._open.first:
            return
        began = time.monotonic()
        first, stop = self._open.first, snapshot.index
        segment = self._open.close(self._digest(first, stop), snapshot.kind, snapshot.form, snapshot.tensors(), stop)
        self._open, self._next, self._begins = None, stop, None
        self._segments.append(segment)
        self._thin_states()
        now = time.monotonic()
        self._due = now + min(max(MIN_SECONDS, (now - began) / SHARE), MOST_SECONDS)

    def _thin_states(self) -> None:
        """Remove the last state but two where the frames since the one kept before it take less room than it does.

        So all states together take no more room than the frames and two states.
        """
        if len(self._segments) < 3:
            return
        old = self._segments[-3]
        if not old.state_path.is_file():  # an earlier run, which had come further, has removed it
            return
        self._states_since_kept += old.path.stat().st_size
        if self._states_since_kept < old.state_path.stat().st_size:
            old.state_path.unlink()
        else:
            self._states_since_kept = 0
