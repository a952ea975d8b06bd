"""A film's mix of objectives at every frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoomdream.objectives.specs.spec import CANCELLED
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.curve import Rows, Segment
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.formulas import Bounds
from zoomdream.schedule.expressions.variables import Variables
from zoomdream.schedule.tracks import Crossfade, Key, Sweep

LARGEST_WEIGHT = 1e6
"""An objective's weight is at most this, and at least its negative."""

_MOST_ROWS = 2**16  # that are computed at once: half a megabyte for each column

_Signs = NDArray[np.int8]

Groups = Sequence[Sequence[Key]]
"""Keys that stand for one objective, as `fire5` and `features.7` do."""


@dataclass(frozen=True)
class MixRun:
    """Neighbouring frames that mix the same objectives, each with a weight of the same sign."""

    start: int
    """Its first frame."""

    stop: int
    """The frame after its last."""

    signs: bytes
    """Equal for runs of one choice and the same signs."""


class MixTable:
    """The weights of a film's objectives at every frame."""

    def __init__(self, mix: Crossfade | Sweep, clock: Clock, variables: Variables | None = None) -> None:
        self.keys = mix.keys
        self._curve = mix.curve(clock, variables)
        self._curve.refuse_outside(Bounds(-LARGEST_WEIGHT, LARGEST_WEIGHT))
        self._rows: Rows[Any] = Rows(self._curve.values, clock.frames)

    def row(self, index: int) -> tuple[tuple[Key, float], ...]:
        """One frame's objectives and weights, without zeros."""
        weights = zip(self.keys, self._rows[index], strict=True)
        return tuple((key, weight) for key, weight in weights if weight)

    def values(self, start: int, stop: int) -> FloatArray:
        """Frames x keys, or once where nothing changes."""
        return self._curve.values(start, start + 1 if self._curve.is_still(start, stop) else stop)

    def runs(self, stop: int, groups: Groups = ()) -> list[MixRun]:
        """The frames from 0 to `stop` - 1 as runs, in order.

        Of each of the `groups`, the sign of the sum of weights is the same throughout a run, or the sum is 0.
        """
        indices = [[self.keys.index(key) for key in group] for group in groups if len(group) > 1]
        runs: list[MixRun] = []
        known: dict[bytes, bytes] = {}
        for start, end, signs in self._signs(stop, indices):
            same = known.setdefault(signs, signs)
            if runs and runs[-1].signs == same:
                runs[-1] = MixRun(runs[-1].start, end, same)
            else:
                runs.append(MixRun(start, end, same))
        return runs

    def _signs(self, stop: int, groups: list[list[int]]) -> Iterator[tuple[int, int, bytes]]:
        """(first frame, frame after the last, signs of the keys and of the groups' sums)."""
        for segment in self._curve.segments:
            size = _MOST_ROWS if len(segment.changing) else segment.stop
            for first in range(segment.start, min(segment.stop, stop), size):
                last = min(first + size, segment.stop, stop)
                yield from _sign_runs(segment, first, last, groups)


def _sign_runs(segment: Segment, start: int, stop: int, groups: list[list[int]]) -> Iterator[tuple[int, int, bytes]]:
    """The runs of frames with equal signs within a segment."""
    columns: Mapping[int, FloatArray] = {}
    if len(segment.changing):
        columns = dict(zip(segment.changing.tolist(), segment.changes(start, stop).T, strict=True))
    signs = np.sign(segment.before).astype(np.int8)
    moving = {key: np.sign(column).astype(np.int8) for key, column in columns.items()}
    sums = [_sum_signs([columns.get(key, segment.before[key : key + 1]) for key in group]) for group in groups]
    changes = [np.flatnonzero(np.diff(column)) + 1 for column in (*moving.values(), *sums) if len(column) > 1]
    starts = np.unique(np.concatenate([[0], *changes])).astype(int).tolist()
    for first, last in zip(starts, [*starts[1:], stop - start], strict=True):
        for key, column in moving.items():
            signs[key] = column[first]
        of_groups = np.array([column[min(first, len(column) - 1)] for column in sums], np.int8)
        yield start + first, start + last, signs.tobytes() + of_groups.tobytes()


def _sum_signs(weights: Sequence[FloatArray]) -> _Signs:
    """For each frame 1, 0 or -1; 2 where the weights cancel, which is when `Objective.mixed` refuses them."""
    total, largest = np.zeros(1), np.zeros(1)
    for column in weights:
        total, largest = total + column, np.maximum(largest, np.abs(column))
    cancels = (np.abs(total) < CANCELLED * largest) & (largest > 0)
    return np.where(cancels, 2, np.sign(total)).astype(np.int8)
