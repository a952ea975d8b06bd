"""A value over a film's frames: pieces between keyframes, computed for the frames that are asked for.

A film of a day has millions of frames, and most of its settings hold still. So nothing is stored for each frame.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from zoomdream.schedule.easing import EASES, FloatArray

_BLOCK = 256  # rows that are computed at once where they are read one by one


@dataclass(frozen=True)
class Knot:
    """A keyframe on a clock."""

    at: Fraction
    """Position in frames, from 0; maybe between two frames."""

    value: tuple[float, ...]
    """One component or more."""

    ease: str
    """The way to the next knot: a name in `EASES`."""


@dataclass(frozen=True, eq=False)
class Segment:
    """The frames from one knot to the next."""

    start: int
    """Its first frame."""

    stop: int
    """The frame after its last."""

    before: FloatArray
    """The value at its knot: one number for each component."""

    after: FloatArray
    """The value at the next knot."""

    ease: str = "hold"
    """See `Knot.ease`."""

    at: float = 0.0
    """Its knot's position in frames."""

    length: float = 1.0
    """The frames to the next knot; above 0, maybe no whole number."""

    @cached_property
    def changing(self) -> NDArray[np.intp]:
        """The indices of the components that change in it."""
        return np.flatnonzero((self.before != self.after) & (self.ease != "hold"))

    def changes(self, start: int, stop: int) -> FloatArray:
        """The components that change: frames x len(changing), for frames that lie in the segment."""
        progress = (np.arange(start, stop) - self.at) / self.length
        before, after = self.before[self.changing], self.after[self.changing]
        return before + (after - before) * EASES[self.ease](progress)[:, np.newaxis]


class Curve:
    """A value at every frame of a film, held before the first knot and after the last.

    `knots` are in the order of their time. `segments` cover the frames in order.
    """

    def __init__(self, knots: Sequence[Knot], frames: int) -> None:
        values = [np.array(knot.value, dtype=float) for knot in knots]
        first_frames = [min(max(math.ceil(knot.at), 0), frames) for knot in knots]
        segments = [Segment(0, first_frames[0], values[0], values[0])]
        ends = pairwise(zip(first_frames, values, knots, strict=True))
        for (start, before, knot), (stop, after, following) in ends:
            length = float(following.at - knot.at)
            segments.append(Segment(start, stop, before, after, knot.ease, float(knot.at), length))
        segments.append(Segment(first_frames[-1], frames, values[-1], values[-1]))
        self.frames = frames
        self.segments = tuple(segment for segment in segments if segment.start < segment.stop)
        self._starts = [segment.start for segment in self.segments]

    def values(self, start: int, stop: int) -> FloatArray:
        """Frames x components, of the frames from `start` to `stop` - 1."""
        table = np.empty((stop - start, len(self.segments[0].before)))
        for segment in self._between(start, stop):
            first, last = max(segment.start, start), min(segment.stop, stop)
            part = table[first - start : last - start]
            part[:] = segment.before
            if len(segment.changing):
                part[:, segment.changing] = segment.changes(first, last)
        return table

    def is_still(self, start: int, stop: int) -> bool:
        """Whether the frames from `start` to `stop` - 1 lie in one segment in which nothing changes."""
        segments = self._between(start, stop)
        return len(segments) == 1 and not len(segments[0].changing)

    def _between(self, start: int, stop: int) -> Sequence[Segment]:
        first = max(bisect_right(self._starts, start) - 1, 0)
        last = first
        while last < len(self.segments) and self._starts[last] < stop:
            last += 1
        return self.segments[first:last]


Values = TypeVar("Values", bound=NDArray[Any])


class Rows(Generic[Values]):
    """Reads a table row by row, of which blocks of rows are computed when they are needed.

    `compute` gives the rows from a start to a stop, of `length`. Threads may read at the same time.
    """

    def __init__(self, compute: Callable[[int, int], Values], length: int) -> None:
        self._compute = compute
        self._length = length
        self._block: tuple[int, Values] | None = None

    def __getitem__(self, index: int) -> Any:
        """The row as Python's own numbers: one, or a list."""
        start = index - index % _BLOCK
        block = self._block  # read once: another thread may replace it
        if block is None or block[0] != start:
            block = start, self._compute(start, min(start + _BLOCK, self._length))
            self._block = block
        return block[1][index - start].tolist()
