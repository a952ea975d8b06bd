"""Keyframes that repeat: a segment of a curve which goes through them again and again, to the film's end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zoomdream.schedule.curve import Curve, Knot, Segment
from zoomdream.schedule.ease_names import ease_of
from zoomdream.schedule.easing import FloatArray

Repetition = Literal["cycle", "pingpong"]
"""From the last keyframe on to the first again, or back through all of them and then on again."""

_LARGEST = 2**62  # that whole numbers of 64 bits hold with room for a sum


@dataclass(frozen=True)
class Period:
    """The time that keyframes take, from the first to the last, and how they repeat."""

    first: Fraction
    """The position of the first keyframe, in frames."""
    length: Fraction
    """In frames; above 0."""
    repetition: Repetition

    def positions(self, start: int, stop: int) -> FloatArray:
        """Where the frames from `start` to `stop` - 1 lie among the keyframes: from 0 to `length`, exactly rounded.

        `start` is not before the first keyframe.
        """
        turns = 2 if self.repetition == "pingpong" else 1
        unit = math.lcm(self.first.denominator, self.length.denominator)
        length = int(self.length * unit)
        if max(stop * unit, turns * length) >= _LARGEST:
            at = np.mod(np.arange(start, stop) - float(self.first), turns * float(self.length))
            return np.asarray(np.minimum(at, turns * float(self.length) - at) if turns == 2 else at)
        counts = (np.arange(start, stop, dtype=np.int64) * unit - int(self.first * unit)) % (turns * length)
        if turns == 2:
            counts = np.minimum(counts, 2 * length - counts)
        return np.asarray(counts / unit)


@dataclass(frozen=True, eq=False)
class RepeatingSegment(Segment):
    """The frames from the first keyframe to the film's end. Its values are all in `knots`."""

    knots: tuple[tuple[float, FloatArray, str], ...] = ()
    """Each keyframe's frames after the first one, its value and its ease."""
    period: Period = Period(Fraction(0), Fraction(1), "cycle")

    @cached_property
    def changing(self) -> NDArray[np.intp]:
        """The indices of the components that change in it."""
        return np.flatnonzero(np.ptp(np.stack([value for _, value, _ in self.knots]), axis=0))

    def changes(self, start: int, stop: int) -> FloatArray:
        """The components that change: frames x len(changing), for frames that lie in the segment."""
        at = self.period.positions(start, stop)
        places = np.array([place for place, _, _ in self.knots])
        index = np.minimum(np.searchsorted(places, at, side="right") - 1, len(places) - 1)
        table = np.empty((stop - start, len(self.changing)))
        for number, (place, value, ease) in enumerate(self.knots):
            rows = index == number
            before = value[self.changing]
            if number + 1 == len(self.knots):  # which only the turn of a pingpong reaches
                table[rows] = before
                continue
            after_place, after, _ = self.knots[number + 1]
            progress = (at[rows] - place) / (after_place - place)
            table[rows] = before + (after[self.changing] - before) * ease_of(ease)(progress)[:, np.newaxis]
        return table


def repeating_curve(knots: Sequence[Knot], frames: int, repetition: Repetition) -> Curve:
    """The curve of two knots or more, in the order of their time and without formulas, that repeat to a film's end."""
    first, last = knots[0].at, knots[-1].at
    values = [np.array(knot.value, dtype=float) for knot in knots]
    places = tuple((float(knot.at - first), value, knot.ease) for knot, value in zip(knots, values, strict=True))
    start = min(max(math.ceil(first), 0), frames)
    whole = RepeatingSegment(
        start, frames, values[0], values[-1], knots=places, period=Period(first, last - first, repetition)
    )
    return Curve.of_segments([Segment(0, start, values[0], values[0]), whole], frames)
