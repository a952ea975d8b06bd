"""A Deforum string whose values are converted by an expression: `{deforum: "0:(1.02)", expr: "next ** fps"}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from zoomdream.schedule.curve import Curve, Knot
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.expressions.formulas import ExpressionColumn, FormulaColumn
from zoomdream.schedule.expressions.variables import Variables

_OF_STRING = {"value": 0, "next": 1}
"""The names that stand for a string's value, each with how many frames it is ahead."""


@dataclass(frozen=True)
class ConvertedColumn(ExpressionColumn):
    """An expression's values on one film, with a string's values as `value` (a frame's) and `next` (the next one's)."""

    curve: Curve
    """The string's, of one component."""

    def known(self, start: int, stop: int) -> Mapping[str, FloatArray | float]:
        """See `ExpressionColumn.known`. After the last frame's value comes the same again."""
        plain = ExpressionColumn(_without(self.expression, _OF_STRING), self.variables).known(start, stop)
        return {**plain, **{name: self._ahead(start, stop, ahead) for name, ahead in _OF_STRING.items()}}

    def _ahead(self, start: int, stop: int, ahead: int) -> FloatArray:
        frames = self.curve.frames
        first, last = min(start + ahead, frames - 1), min(stop + ahead, frames)
        values = self.curve.values(first, last)[:, 0]
        return np.pad(values, (0, stop - start - len(values)), mode="edge")


def converted(curve: Curve, expression: Expression, variables: Variables) -> Curve:
    """The values of a string's curve, converted. Raises SettingError when they are read, as any expression does."""
    is_constant = variables.are_constant(expression.names - _OF_STRING.keys()) and curve.is_still(0, curve.frames)
    column = FormulaColumn.of(ConvertedColumn(expression, variables, curve), is_constant=is_constant)
    return Curve([Knot(Fraction(0), (column,), "linear")], curve.frames)


def _without(expression: Expression, names: Mapping[str, int]) -> Expression:
    return replace(expression, names=expression.names - names.keys())
