"""A value over a film's frames: pieces between keyframes, computed for the frames that are asked for.

A film of a day has millions of frames, and most of its settings hold still. So nothing is stored for each frame.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from zoomdream.schedule.ease_names import ease_of
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.formulas import Bounds, FormulaColumn

_BLOCK = 256  # rows that are computed at once where they are read one by one


@dataclass(frozen=True)
class Knot:
    """A keyframe on a clock."""

    at: Fraction
    """Position in frames, from 0; maybe between two frames."""

    value: tuple[float | FormulaColumn, ...]
    """One component or more; a formula is computed at every frame until the next knot."""

    ease: str
    """The way to the next knot: a name that `ease_of` knows. Formulas have none."""


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

    formulas: Mapping[int, FormulaColumn] = field(default_factory=dict)
    """The components that are computed from formulas; their first value stands in `before` and in `after`."""

    @cached_property
    def changing(self) -> NDArray[np.intp]:
        """The indices of the components that change in it."""
        changes = (self.before != self.after) & (self.ease != "hold")
        changes[[k for k, formula in self.formulas.items() if not formula.is_constant]] = True
        return np.flatnonzero(changes)

    def changes(self, start: int, stop: int) -> FloatArray:
        """The components that change: frames x len(changing), for frames that lie in the segment."""
        progress = (np.arange(start, stop) - self.at) / self.length
        before, after = self.before[self.changing], self.after[self.changing]
        table = before + (after - before) * ease_of(self.ease)(progress)[:, np.newaxis]
        for column, component in enumerate(self.changing.tolist()):
            if component in self.formulas:
                table[:, column] = self.formulas[component].values(start, stop)
        return table


@dataclass(frozen=True, eq=False)
class JoinedSegment(Segment):
    """Segments of several curves side by side, as far as all of them go."""

    parts: tuple[Segment, ...] = ()

    @classmethod
    def of(cls, start: int, stop: int, parts: Sequence[Segment]) -> JoinedSegment:
        """Of one segment or more that all cover these frames."""
        before, after = (np.concatenate([getattr(part, name) for part in parts]) for name in ("before", "after"))
        offsets = np.cumsum([0, *(len(part.before) for part in parts)])
        formulas = {
            int(offset) + component: formula
            for offset, part in zip(offsets, parts, strict=False)
            for component, formula in part.formulas.items()
        }
        return cls(start, stop, before, after, formulas=formulas, parts=tuple(parts))

    @cached_property
    def changing(self) -> NDArray[np.intp]:
        """The indices of the components that change in it."""
        offsets = np.cumsum([0, *(len(part.before) for part in self.parts)])
        return np.concatenate([part.changing + offset for part, offset in zip(self.parts, offsets, strict=False)])

    def changes(self, start: int, stop: int) -> FloatArray:
        """The components that change: frames x len(changing), for frames that lie in the segment."""
        return np.hstack([part.changes(start, stop) for part in self.parts])


class Curve:
    """A value at every frame of a film, held before the first knot and after the last.

    `knots` are in the order of their time. `segments` cover the frames in order. Before an expression, a number goes
    its way to the expression's first value; after one, the next keyframe's value is there at once. Raises SettingError
    where a value that is needed to go there is not finite.
    """

    def __init__(self, knots: Sequence[Knot], frames: int) -> None:
        first_frames = [min(max(math.ceil(knot.at), 0), frames) for knot in knots]
        reached = [True, *(first < frames for first in first_frames[:-1])]
        values = _first_values(knots, first_frames, reached)
        segments = [Segment(0, first_frames[0], values[0], values[0])]
        ends = pairwise(zip(first_frames, values, knots, strict=True))
        for (start, before, knot), (stop, after, following) in ends:
            length, formulas = float(following.at - knot.at), _formulas(knot)
            if formulas:
                after = after.copy()
                after[list(formulas)] = before[list(formulas)]
            segments.append(Segment(start, stop, before, after, knot.ease, float(knot.at), length, formulas))
        last = _formulas(knots[-1])
        segments.append(Segment(first_frames[-1], frames, values[-1], values[-1], formulas=last))
        self._cover(segments, frames)

    def _cover(self, segments: Iterable[Segment], frames: int) -> None:
        self.frames = frames
        self.segments = tuple(segment for segment in segments if segment.start < segment.stop)
        self._starts = [segment.start for segment in self.segments]

    @classmethod
    def joined(cls, curves: Sequence[Curve]) -> Curve:
        """One curve with the components of all of these, which have equally many frames."""
        starts = sorted({segment.start for curve in curves for segment in curve.segments})
        frames = curves[0].frames
        joined = (
            JoinedSegment.of(start, stop, [each.segment_at(start) for each in curves])
            for start, stop in pairwise([*starts, frames])
        )
        return cls.of_segments(joined, frames)

    @classmethod
    def of_segments(cls, segments: Iterable[Segment], frames: int) -> Curve:
        """Of segments in order that cover the frames; those without a frame are left out."""
        curve = cls.__new__(cls)
        curve._cover(segments, frames)
        return curve

    def segment_at(self, frame: int) -> Segment:
        """The segment that a frame lies in."""
        return self.segments[bisect_right(self._starts, frame) - 1]

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

    def refuse_outside(self, bounds: Bounds) -> None:
        """Raise SettingError, with the frame, where a formula leaves the bounds or is not finite."""
        for segment in self.segments:
            for formula in segment.formulas.values():
                formula.refuse_outside(segment.start, segment.stop, bounds)

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


def _first_values(knots: Sequence[Knot], first_frames: Sequence[int], reached: Sequence[bool]) -> FloatArray:
    """The knots' values at their first frames: knots x components.

    Formulas that no frame of the film goes to are not computed.
    """

    def of(value: float | FormulaColumn, knot: Knot, first: int, is_reached: bool) -> float:
        if not isinstance(value, FormulaColumn):
            return value
        frame = max(first, math.ceil(knot.at))
        return float(value.values(frame, frame + 1)[0]) if is_reached else 0.0

    rows = zip(knots, first_frames, reached, strict=True)
    return np.array([[of(value, *row) for value in row[0].value] for row in rows], dtype=float)


def _formulas(knot: Knot) -> Mapping[int, FormulaColumn]:
    return {k: value for k, value in enumerate(knot.value) if isinstance(value, FormulaColumn)}


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
