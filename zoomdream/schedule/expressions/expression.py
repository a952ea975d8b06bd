"""An expression: a value computed from the film's time, size, seed and sound, over all frames at once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.functions import EXPRESSION, Language, Value
from zoomdream.schedule.expressions.syntax import ExpressionError, function_name, operands, syntax_tree, written

_OPERATORS: Mapping[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
_BITWISE: Mapping[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.BitAnd: np.bitwise_and,
    ast.BitOr: np.bitwise_or,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_WHOLE = 2.0**53


@dataclass(frozen=True)
class Expression:
    """A parsed expression. `evaluate` is its value; nothing else of Python can be reached from its text."""

    text: str
    """As it was written."""

    language: Language = field(repr=False)
    """Its words."""

    tree: ast.expr = field(repr=False, compare=False)

    names: frozenset[str] = field(repr=False, compare=False)
    """The variables that it needs, by the names of `Variables`."""

    source: str = field(repr=False)
    """The text that it is a part of, by which errors are placed; its own where it stands alone."""

    offset: int = field(repr=False)
    """Where it begins in the source, from 0."""

    @classmethod
    def parse(
        cls, text: str, language: Language = EXPRESSION, *, source: str | None = None, offset: int = 0
    ) -> Expression:
        """Read `0.2 + 0.1 * sin(tau * time / 4)`. Raises ExpressionError with the mistake's column in the source."""
        source = text if source is None else source
        try:
            tree = syntax_tree(text, language)
        except ExpressionError as error:
            raise ExpressionError(error.reason, source, offset + error.column) from None
        nodes = list(_walk(tree))
        names = {language.names[node.id] for node in nodes if isinstance(node, ast.Name)}
        calls = [language.functions[function_name(node)] for node in nodes if isinstance(node, ast.Call)]
        names.update(*(function.variables for function in calls))
        return cls(text, language, tree, frozenset(names), source, offset)

    def error(self, reason: str, column: int = 1) -> ExpressionError:
        """An error about this expression, at a column of its own text."""
        return ExpressionError(reason, self.source, self.offset + column)

    def evaluate(self, variables: Mapping[str, FloatArray | float]) -> FloatArray:
        """Its value for every frame, or once where no variable differs from frame to frame.

        `variables` has all of `names`. Where it is not defined the value is nan, where it is too large infinite.
        """
        with np.errstate(all="ignore"):
            return np.asarray(_number(self._value(self.tree, variables)), dtype=float)

    def column_of(self, variable: str) -> int:
        """Where a variable is first used: a column from 1."""
        for node in _walk(self.tree):
            if isinstance(node, ast.Name) and self.language.names.get(node.id) == variable:
                return max(node.col_offset, 1)
        return 1

    def refuse(self, variables: Mapping[str, FloatArray | float], where: str) -> ExpressionError:
        """Why its value is not finite for variables of one frame, which `where` names: `at frame 12`."""
        with np.errstate(all="ignore"):
            node = self._culprit(self.tree, variables)
            return self.error(f"{self._fault(node, variables)} {where}", max(node.col_offset, 1))

    def _value(self, node: ast.expr, variables: Mapping[str, Any]) -> Value:
        match node:
            case ast.Constant(value=number):
                assert isinstance(number, int | float)
                return np.float64(number)
            case ast.Name(id=name):
                return np.asarray(variables[self.language.names[name]], dtype=float)
            case ast.Call(args=arguments):
                function = self.language.functions[function_name(node)]
                values = [_number(self._value(argument, variables)) for argument in arguments]
                if function.is_choice:
                    values[0] = _truth(values[0])
                return function.call(*(variables[name] for name in function.variables), *values)
        return _operation(node, [self._value(operand, variables) for operand in operands(node)])

    def _culprit(self, node: ast.expr, variables: Mapping[str, Any]) -> ast.expr:
        """The innermost part that is not finite though all that it is computed from is."""
        parts = operands(node)
        if self._is_choice(node):
            condition, one, other = parts
            parts = [condition, one if _truth(self._value(condition, variables)).all() else other]
        for part in parts:
            if not np.isfinite(_number(self._value(part, variables))).all():
                return self._culprit(part, variables)
        return node

    def _is_choice(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return self.language.functions[function_name(node)].is_choice
        return isinstance(node, ast.IfExp)

    def _fault(self, node: ast.expr, variables: Mapping[str, Any]) -> str:
        values = [float(np.ravel(_number(self._value(part, variables)))[0]) for part in operands(node)]
        text = written(node, self.text)
        divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Mod | ast.FloorDiv)
        if (divides or (isinstance(node, ast.Call) and function_name(node) == "mod")) and values[1] == 0:
            return f"{text} divides by zero"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and values[0] == 0:
            return f"{text} divides by zero, as a negative power of 0 does,"
        is_nan = np.isnan(_number(self._value(node, variables))).all()
        of = f", of {', '.join(f'{value:g}' for value in values)}," if values else ""
        return f"{text}{of} is {'not a number (nan)' if is_nan else 'infinite'}"


def _walk(node: ast.expr) -> list[ast.expr]:
    return [node, *(below for part in operands(node) for below in _walk(part))]


def _operation(node: ast.expr, values: list[Value]) -> Value:
    match node:
        case ast.BinOp(op=op):
            if type(op) in _BITWISE:
                return _bitwise(_BITWISE[type(op)], values)
            return _OPERATORS[type(op)](*map(_number, values))
        case ast.UnaryOp(op=ast.Not()):
            return np.logical_not(_truth(values[0]))
        case ast.UnaryOp(op=ast.Invert()):
            return np.logical_not(values[0]) if _is_bool(values[0]) else -values[0] - 1
        case ast.UnaryOp(op=ast.USub()):
            return -_number(values[0])
        case ast.UnaryOp():
            return _number(values[0])
        case ast.BoolOp(op=op):
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return join.reduce(np.broadcast_arrays(*map(_truth, values)))
        case ast.Compare(ops=ops):
            numbers = [_number(value) for value in values]
            pairs = zip(ops, numbers, numbers[1:], strict=False)
            holds = [_COMPARISONS[type(op)](left, right) for op, left, right in pairs]
            return np.logical_and.reduce(np.broadcast_arrays(*holds))
        case ast.IfExp():
            return np.where(_truth(values[0]), _number(values[1]), _number(values[2]))
    raise AssertionError(f"{node} is not on the list")


def _is_bool(value: Value) -> bool:
    return bool(np.asarray(value).dtype == bool)


def _number(value: Value) -> Value:
    return np.asarray(value).astype(float) if _is_bool(value) else value


def _truth(value: Value) -> Value:
    return value if _is_bool(value) else np.not_equal(value, 0)


def _bitwise(operate: Callable[[Value, Value], Value], values: list[Value]) -> Value:
    """Of conditions, as numexpr has them; of whole numbers, bit by bit."""
    if all(map(_is_bool, values)):
        return operate(*values)
    numbers = [np.asarray(_number(value)) for value in values]
    usable = np.logical_and.reduce(np.broadcast_arrays(*(np.abs(number) < _WHOLE for number in numbers)))
    whole = (np.where(np.abs(number) < _WHOLE, number, 0).astype(np.int64) for number in numbers)
    return np.where(usable, operate(*whole).astype(float), np.nan)
