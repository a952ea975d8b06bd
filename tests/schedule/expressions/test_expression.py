"""Expressions have the value that Python's own arithmetic gives, and nothing else of Python is reached from them."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.expression_texts import HOSTILE, damaged_text, expression_text
from zoomdream.errors import SettingError
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.expressions.functions import EXPRESSION, SOUND_NAMES
from zoomdream.schedule.expressions.syntax import DEEPEST, LONGEST, MOST_NODES, ExpressionError

FRAMES = np.arange(12.0)
VARIABLES: Mapping[str, FloatArray | float] = {
    **dict.fromkeys(SOUND_NAMES, FRAMES % 5 / 4),
    **{"frame": FRAMES, "time": FRAMES / 10, "progress": FRAMES / 11, "beat": FRAMES / 5, "bar": FRAMES / 20},
    **{"frames": 12.0, "duration": 1.2, "fps": 10.0, "seed": 7.0, "pi": math.pi, "tau": math.tau},
}
SEEDS = st.integers(0, 2**32)


def value(text: str, **variables: float) -> float:
    """An expression's value, alone."""
    return float(np.ravel(Expression.parse(text).evaluate({**VARIABLES, **variables}))[0])


def refusal(text: str) -> ExpressionError:
    """The error with which an expression is refused."""
    with pytest.raises(ExpressionError) as caught:
        Expression.parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 8", 6.5),
        ("-2 ** 2", -4),
        ("7 % 3 + (0-7) % 3 + 7 // 2", 6),
        ("mod(-0.25, 1)", 0.75),
        ("sin(pi/6) + cos(0) + tan(0)", 1.5),
        ("asin(1) - acos(0) + atan(0) + atan2(0, -1)", math.pi),
        ("abs(-2) + sign(-3) + sqrt(9) + exp(0) + log(exp(2)) + pow(2, 3)", 2 - 1 + 3 + 1 + 2 + 8),
        ("floor(-1.5) + ceil(1.2) + round(2.6)", -2 + 2 + 3),
        ("min(3, 1, 2) + max(1, 5)", 6),
        ("clamp(5, 0, 1) + clamp(-5, 0, 1) + clamp(0.5, 0, 1)", 1.5),
        ("lerp(10, 20, 0.25)", 12.5),
        ("smoothstep(0, 2, 0.5) + smoothstep(0, 1, 9)", 0.15625 + 1),
        ("if(2 > 1, 5, 6)", 5),
        ("if (2 < 1, 5, 6)", 6),
        ("5 if 2 > 1 else 6", 5),
        ("5 if (2 < 1) else if(1, 7, 8)", 7),
        ("1 and if(0, 1, 2)", 1),
        ("(1 < 2) + (1 < 2)", 2),
        ("1 < 2 < 3", 1),
        ("1 < 3 < 2", 0),
        ("not 0 and 1 or 0", 1),
        ("(1 < 2) & (3 > 2) | (0 > 1)", 1),
        ("~(1 < 2)", 0),
        ("6 & 3", 2),
        ("~5", -6),
        ("frame + 1\n + 1", 2),
        ("low + high - bass - treble", 0),
    ],
)
def test_values_worked_out_by_hand(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("saw(4)", [0, 0.25, 0.5, 0.75, 0, 0.25]),
        ("saw(4, 0.5)", [0.5, 0.75, 0, 0.25, 0.5, 0.75]),
        ("tri(4)", [0, 0.5, 1, 0.5, 0, 0.5]),
        ("square(4)", [1, 1, 0, 0, 1, 1]),
        ("pulse(4)", [1, 0, 0, 0, 1, 0]),
        ("saw(beat, 2, 0)", [0, 0.25, 0.5, 0.75, 0, 0.25]),
    ],
)
def test_waves_go_from_0_to_1_in_a_period(text: str, expected: list[float]) -> None:
    variables = {"time": np.arange(6.0), "beat": np.arange(6) / 2}
    assert Expression.parse(text).evaluate(variables).tolist() == expected


def test_noise_is_smooth_and_stays_within_1() -> None:
    x = np.linspace(-50, 50, 100_001)
    noise = Expression.parse("noise(time)").evaluate({"time": x, "seed": 3.0})
    assert -1 <= noise.min() < -0.8
    assert 0.8 < noise.max() <= 1
    assert abs(noise.mean()) < 0.15
    assert np.abs(np.diff(noise, 2)).max() < 2e-5  # no corner: its second derivative is at most 5.8 times the change


def test_random_is_another_number_for_each_whole_number_seed_and_stream() -> None:
    n = np.arange(20_000.0)
    rows = [
        Expression.parse(text).evaluate({"frame": n, "seed": seed})
        for text, seed in (("random(frame)", 1.0), ("random(frame)", 2.0), ("random(frame, 1)", 1.0))
    ]
    for numbers in rows:
        assert 0 <= numbers.min() <= numbers.max() < 1
        assert numbers.mean() == pytest.approx(0.5, abs=0.01)
        assert np.histogram(numbers, 10, (0, 1))[0].min() > 1800
        assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.03
    assert np.abs(np.corrcoef(np.array(rows)) - np.eye(3)).max() < 0.03
    assert value("random(2.9)") == value("random(2)")


def test_the_numbers_of_chance_stay_what_they_are() -> None:
    """A film's rows must be the same with every version."""
    assert [round(value(text), 12) for text in ("random(0)", "random(7)", "noise(0.5)", "noise(0.5, 1)")] == CHANCE


CHANCE = [0.926876623185, 0.577544379104, 0.924515617699, 0.11605010727]


# Python's own functions of one number, by which Python itself evaluates an expression.
TWIN = {
    **{name: getattr(math, name) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "exp", "log")},
    **{"sqrt": math.sqrt, "floor": math.floor, "ceil": math.ceil, "round": round, "abs": abs, "min": min, "max": max},
    "pow": lambda x, y: x**y,
    "mod": lambda x, y: x % y,
    "sign": lambda x: (x > 0) - (x < 0),
    "clamp": lambda x, low, high: min(max(x, low), high),
    "lerp": lambda one, other, share: one + (other - one) * share,
    "IF": lambda condition, one, other: one if condition else other,
}


@given(SEEDS)
@settings(max_examples=150)
def test_all_that_the_grammar_allows_has_the_value_that_python_gives(seed: int) -> None:
    """The slow, obvious twin, where Python has a value: it knows no nan, no infinity, and complex powers. (Not of
    atan2: Python's -False is no -0.0.)"""
    text = expression_text(Random(seed)).replace(" and ", " * ").replace(" or ", " + ")  # Python's give an operand
    text = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", text)  # Python's whole numbers are as long as the memory
    together = np.broadcast_to(Expression.parse(text).evaluate(VARIABLES), (12,))
    for frame in (0, 5, 11):
        alone = {name: float(np.ravel(each)[frame if np.ndim(each) else 0]) for name, each in VARIABLES.items()}
        names = {**TWIN, **alone, "low": alone["bass"], "high": alone["treble"], "__builtins__": {}}
        try:
            expected = eval(text.replace("if(", "IF("), names)
        except (ArithmeticError, ValueError, TypeError, NameError):
            continue
        if not isinstance(expected, complex) and math.isfinite(expected):
            assert together[frame] == pytest.approx(float(expected), rel=1e-9, abs=1e-9), text


@given(SEEDS)
@settings(max_examples=150)
def test_a_damaged_expression_is_evaluated_or_refused_with_a_column(seed: int) -> None:
    text = damaged_text(Random(seed))
    try:
        expression = Expression.parse(text)
    except ExpressionError:
        error = refusal(text)
        assert (1 <= error.column <= max(len(text), 1), error.text) == (True, text)
        return
    assert expression.names <= set(EXPRESSION.names.values())
    assert expression.evaluate({**VARIABLES, "width": 64.0, "height": 36.0}).dtype == float


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_else_of_python_is_reached(text: str) -> None:
    try:
        tree = Expression.parse(text).tree
    except ExpressionError:
        return
    allowed = (ast.Constant, ast.Name, ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop, ast.expr_context)
    assert all(isinstance(node, allowed) for node in ast.walk(tree))


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("1 + tme", 5, "there is no name 'tme'; did you mean time"),
        ("sinn(1)", 1, "there is no function 'sinn'; did you mean sin"),
        ("2 * (time + 1", 5, "this parenthesis is never closed"),
        ("time)", 5, "a parenthesis is closed here that was never opened"),
        ("1 +", 3, "the expression ends in the middle"),
        ("  ", 1, "the expression is empty"),
        ("1 + * 2", 5, "'*' cannot stand here"),
        ("2 time", 1, "an operator or a comma is missing in '2 time'"),
        ("2time", 2, "write * between 2 and what follows it"),
        ("2 ^ 3", 3, "'^' is no operator here: write ** for a power"),
        ("time = 2", 6, "'=' is no operator here: to compare, write =="),
        ("time && 1", 6, "'&&' is no operator here: write 'and'"),
        ("1 if time", 1, "a choice needs both: a if condition else b"),
        ("time > 1 ? 2 : 3", 10, "the character '?' has no place here: a choice is if(condition, a, b)"),
        ("1 + π", 5, "the character 'π' has no place here"),
        ("clamp(1, 2)", 1, "clamp takes 3 arguments, and here are 2"),
        ("min(1)", 1, "min takes 2 or more arguments, and here are 1"),
        ("saw(1, 2, 3, 4)", 1, "saw takes 1 to 3 arguments, and here are 4"),
        ("1 + sin", 5, "'sin' is a function: write sin(...)"),
        ("time(2)", 1, "'time' is no function"),
        ("(1)(2)", 1, "only a function stands before a parenthesis"),
        ("1 + time.real", 5, "a dot stands only in numbers"),
        ("1, 2", 1, "here are several values, and one is needed"),
        ("1 + 1e999", 5, "this number is too large"),
        ("1 is 2", 1, "this comparison has no place"),
        ("1 << 2", 1, "this operator has no place"),
        ("(" * 101, DEEPEST + 1, "parentheses are nested deeper than"),
        ("-" * 150 + "1", DEEPEST + 1, "this is nested deeper than"),
        ("1" * (LONGEST + 1), LONGEST, f"an expression has at most {LONGEST} characters"),
        ("+".join(["noise(1)"] * 44), 385, f"an expression has at most {MOST_NODES} numbers"),
        (f"max({', '.join(['1'] * MOST_NODES)})", 902, f"an expression has at most {MOST_NODES} numbers"),
    ],
)
def test_a_mistake_is_named_with_its_column(text: str, column: int, reason: str) -> None:
    error = refusal(text)
    assert (error.column, error.reason[: len(reason)]) == (column, reason)
    assert isinstance(error, SettingError)


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("2 + 1 / (frame - 10)", 5, "1 / (frame - 10) divides by zero at frame 10"),
        ("frame % 0", 1, "frame % 0 divides by zero at frame 10"),
        ("(frame - 10) ** -1", 1, "(frame - 10) ** -1 divides by zero, as a negative power of 0 does, at frame 10"),
        ("1 + sqrt(5 - frame)", 5, "sqrt(5 - frame), of -5, is not a number (nan) at frame 10"),
        ("exp(100 * frame)", 1, "exp(100 * frame), of 1000, is infinite at frame 10"),
        ("if(frame == 10, 1 / 0, 0)", 17, "1 / 0 divides by zero at frame 10"),
        ("if(frame < 10, 1 / 0, log(0 - 1))", 23, "log(0 - 1), of -1, is not a number (nan) at frame 10"),
        ("log(0 - 1) if frame == 10 else 1 / 0", 1, "log(0 - 1), of -1, is not a number (nan) at frame 10"),
    ],
)
def test_what_makes_a_value_no_number_is_pointed_at(text: str, column: int, reason: str) -> None:
    error = Expression.parse(text).refuse({**VARIABLES, "frame": np.array([10.0])}, "at frame 10")
    assert (error.column, error.reason) == (column, reason)


def test_an_expression_knows_the_variables_that_it_needs() -> None:
    assert Expression.parse("low + noise(beat) * pulse(2) + pi").names == {"bass", "seed", "beat", "time", "pi"}


def test_a_part_of_a_longer_text_is_placed_in_it() -> None:
    with pytest.raises(ExpressionError, match="column 13"):
        Expression.parse("1 + tme", source="0:(1), 9:1 + tme", offset=8)
