"""What a keyframe's value may be beside a number: an expression, or a feature of the sound that it follows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zoomdream.errors import SettingError
from zoomdream.schedule.clock import Time
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.expressions.syntax import ExpressionError
from zoomdream.schedule.expressions.variables import Variables

# Frames are computed in blocks that begin at multiples of this and are whole: NumPy's sine of a number may depend on
# the number's place in the processor's registers, and a frame's must not depend on which others are asked for.
_GRAIN = 1024
_MOST = 2**16  # frames at once: half a megabyte


@dataclass(frozen=True)
class Follow:
    """A value that follows a feature of the sound: `low + (high - low) * feature`."""

    feature: str
    """One of `SOUND_NAMES`."""

    low: float
    """The value where the feature is 0."""

    high: float
    """The value where it is 1."""

    attack: Time
    """How long it takes to rise."""

    release: Time
    """How long it takes to fall."""


@dataclass(frozen=True)
class Line:
    """Straight lines between points, held before the first and after the last: the numbers of a Deforum string."""

    frames: tuple[int, ...]
    """In their order, at least one."""

    values: tuple[float, ...]

    columns: tuple[int, ...]
    """Where in the source each value stands, from 1."""

    source: str
    """The text that they are from."""


Formula = Expression | Follow


@dataclass(frozen=True)
class Bounds:
    """The values that a setting may have."""

    low: float = -np.inf

    high: float = np.inf

    is_whole: bool = False
    """Whether values are rounded."""

    @property
    def advice(self) -> str:
        """What a message says."""
        low, high = self.low, self.high
        return f"it must be from {low:.6g} to {high:.6g}; clamp(..., {low:.6g}, {high:.6g}) keeps it there"

    def are_left_by(self, values: FloatArray) -> NDArray[np.bool_]:
        """For each value whether it is out of bounds."""
        numbers = np.rint(values) if self.is_whole else values
        return (numbers < self.low) | (numbers > self.high)


class Column(Protocol):
    """A formula's values on one film."""

    def values(self, start: int, stop: int) -> FloatArray:
        """One number for each frame from `start` to `stop` - 1."""
        ...

    def fault(self, frame: int, advice: str) -> SettingError:
        """The error about its value at a frame: why it is not finite, or else what is wrong with it."""
        ...


@dataclass(frozen=True)
class ExpressionColumn:
    """An expression's values on one film. Raises ExpressionError where the film lacks something that it names."""

    expression: Expression
    variables: Variables

    def values(self, start: int, stop: int) -> FloatArray:
        """One number for each frame from `start` to `stop` - 1; not finite where it is not defined."""
        values = self.expression.evaluate(self.known(start, stop))
        return np.broadcast_to(values, (stop - start,)) if values.size == 1 else values

    def fault(self, frame: int, advice: str) -> SettingError:
        """See `Column.fault`."""
        value = self.values(frame, frame + 1)[0]
        if np.isfinite(value):
            return self.expression.error(f"the value at frame {frame} is {value:.6g}: {advice}")
        return self.expression.refuse(self.known(frame, frame + 1), f"at frame {frame}")

    def known(self, start: int, stop: int) -> Mapping[str, FloatArray | float]:
        """What the expression's names stand for at the frames from `start` to `stop` - 1."""
        variables: dict[str, FloatArray | float] = {}
        for name in sorted(self.expression.names):
            try:
                variables |= self.variables.columns([name], start, stop)
            except SettingError as error:
                raise self.expression.error(str(error), self.expression.column_of(name)) from None
        return variables


@dataclass(frozen=True)
class FollowColumn:
    """A followed feature's values on one film. Raises SettingError where the film has no sound."""

    follow: Follow
    variables: Variables

    def values(self, start: int, stop: int) -> FloatArray:
        """One number for each frame from `start` to `stop` - 1."""
        clock, follow = self.variables.clock, self.follow
        attack, release = (float(clock.length(time) / clock.fps) for time in (follow.attack, follow.release))
        feature = self.variables.follow(follow.feature, start, stop, attack, release)
        return follow.low + (follow.high - follow.low) * feature

    def fault(self, frame: int, advice: str) -> SettingError:
        """See `Column.fault`."""
        value = self.values(frame, frame + 1)[0]
        return SettingError(f"the value at frame {frame}, following {self.follow.feature}, is {value:.6g}: {advice}")


class LineColumn:
    """A line's values, to the last bit those of a track with the same keyframes."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._frames, self._values = (np.array(each, dtype=float) for each in (line.frames, line.values))

    def values(self, start: int, stop: int) -> FloatArray:
        """One number for each frame from `start` to `stop` - 1."""
        frame, (at, value) = np.arange(start, stop, dtype=float), (self._frames, self._values)
        if len(at) == 1:
            return np.full(stop - start, value[0])
        left = np.clip(np.searchsorted(at, frame, side="right") - 1, 0, len(at) - 2)
        progress = np.maximum((frame - at[left]) / (at[left + 1] - at[left]), 0.0)
        between: FloatArray = value[left] + (value[left + 1] - value[left]) * progress
        return np.where(frame >= at[-1], value[-1], between)

    def fault(self, frame: int, advice: str) -> SettingError:
        """See `Column.fault`."""
        line, value = self.line, self.values(frame, frame + 1)[0]
        column = line.columns[max(bisect_right(line.frames, frame) - 1, 0)]
        return ExpressionError(f"the value at frame {frame} is {value:.6g}: {advice}", line.source, column)


class FormulaColumn:
    """A formula's values on one film, the same for any choice of frames."""

    def __init__(self, formula: Formula | Line, variables: Variables) -> None:
        self._column: Column
        if isinstance(formula, Expression):
            self._column = ExpressionColumn(formula, variables)
            self.is_constant = variables.are_constant(formula.names)
        elif isinstance(formula, Follow):
            self._column, self.is_constant = FollowColumn(formula, variables), False
        else:
            self._column, self.is_constant = LineColumn(formula), len(set(formula.values)) == 1

    @classmethod
    def of(cls, column: Column, *, is_constant: bool) -> FormulaColumn:
        """The same for a column that is there; `is_constant` says whether all its values are the same."""
        formula_column = cls.__new__(cls)
        formula_column._column, formula_column.is_constant = column, is_constant
        return formula_column

    def values(self, start: int, stop: int) -> FloatArray:
        """One number for each frame from `start` to `stop` - 1. Raises SettingError where one is not finite."""
        return np.concatenate([values for _, values in self.blocks(start, stop)]) if stop > start else np.empty(0)

    def refuse_outside(self, start: int, stop: int, bounds: Bounds) -> None:
        """Raise SettingError, with the frame, where a value from `start` to `stop` - 1 leaves the bounds."""
        for first, values in self.blocks(start, start + 1 if self.is_constant else stop):
            outside = bounds.are_left_by(values)
            if outside.any():
                raise self._column.fault(first + int(outside.argmax()), bounds.advice)

    def blocks(self, start: int, stop: int) -> Iterator[tuple[int, FloatArray]]:
        """The values in parts that fit into little memory, each with its first frame. Raises SettingError."""
        for begin, values in self._parts(start, stop):
            if not np.isfinite(values).all():
                raise self.fault(begin + int(np.isfinite(values).argmin()))
            yield begin, values

    def runs(self, start: int, stop: int) -> list[tuple[int, int]]:
        """The frames from `start` to `stop` - 1 at which the value is not nan, as (first, frame after the last)."""
        edges: list[int] = []
        was_number = False
        for begin, values in self._parts(start, stop):
            are_numbers = ~np.isnan(values)
            changes = np.flatnonzero(np.diff(are_numbers, prepend=was_number)) + begin
            edges += changes.tolist()
            was_number = bool(are_numbers[-1])
        edges += [stop] if was_number else []
        return list(zip(edges[::2], edges[1::2], strict=True))

    def gaps(self, start: int, stop: int) -> list[int]:
        """The first frame of each stretch from `start` to `stop` - 1 at which the value is nan."""
        ends = [start, *(end for _, end in self.runs(start, stop))]
        firsts = [*(first for first, _ in self.runs(start, stop)), stop]
        return [end for end, first in zip(ends, firsts, strict=True) if end < first]

    def fault(self, frame: int) -> SettingError:
        """The error about a value that is no finite number."""
        return self._column.fault(frame, "it must be a number")

    def _parts(self, start: int, stop: int) -> Iterator[tuple[int, FloatArray]]:
        for first in range(start - start % _GRAIN, stop, _MOST):
            last = min(first + _MOST, stop + -stop % _GRAIN)
            begin, end = max(first, start), min(last, stop)
            yield begin, self._column.values(first, last)[begin - first : end - first]
