"""Deforum's keyframe strings: `0:(1.0025+0.002*sin(1.25*3.14*t/30)), 60:(1.05)`.

The rules are those of Deforum's animation_key_frames.py (2024): a number sets its frame, and the frames between two
numbers are filled linearly; anything else is an expression in numexpr's words, computed at every frame from its own
until the next one's. So a number goes to an expression's first value, and after an expression the next value is there
at once. The first value is held back to the film's beginning, the last one to its end; keyframes outside of the film do
not count; of two at one frame, the last one does. Frames at which an expression is not a number, as a fractional power
of a negative number is, are filled linearly from their neighbours. Commas and colons within parentheses, which break a
string there, are understood here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from zoomdream.errors import SettingError
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.conversions import converted
from zoomdream.schedule.curve import Curve, Knot
from zoomdream.schedule.expression_functions import DEFORUM
from zoomdream.schedule.expression_syntax import ExpressionError
from zoomdream.schedule.expressions import Expression
from zoomdream.schedule.formulas import FormulaColumn, Line
from zoomdream.schedule.variables import Variables

LONGEST_STRING = 1_000_000
"""Characters of a string; those that programs write hold a value for every frame."""

_NUMBER = re.compile(r"(?=.)[+-]?[0-9]*(\.[0-9]+)?")
_BEGINNING = re.compile(r"""\s*["']?\s*(?:\d+|max_f[\s\d*/+.-]*)\s*["']?\s*:""")


@dataclass(frozen=True)
class DeforumKey:
    """One entry of a string."""

    frame: int | Expression
    """Which frame, or an expression of `max_f` and `s` that says it."""

    value: float | Expression

    text: str
    """The frame as it was written."""

    column: int
    """Where the value stands in the string, from 1."""


@dataclass(frozen=True)
class DeforumTrack:
    """A track that is written as a Deforum string: one component."""

    text: str

    keys: tuple[DeforumKey, ...] = field(repr=False)

    conversion: Expression | None = None
    """What is computed from its values, `value` and `next` (see `schedule.conversions`); None: they are taken as they
    are."""

    @classmethod
    def parse(cls, text: str, conversion: Expression | None = None) -> DeforumTrack:
        """Read a string. Raises ExpressionError with the mistake's column."""
        if len(text) > LONGEST_STRING:
            raise ExpressionError(f"a Deforum string has at most {LONGEST_STRING} characters", text, LONGEST_STRING)
        keys = tuple(_key(text, start, stop) for start, stop in _entries(text))
        if not keys:
            raise ExpressionError("there is no keyframe: write frame:(value), such as 0:(1.02)", text, 1)
        return cls(text, keys, conversion)

    def curve(self, clock: Clock, variables: Variables | None = None) -> Curve:
        """Its values on a clock.

        Raises SettingError where no keyframe lies in the film, or a value that is needed for another is not finite.
        """
        variables = variables or Variables(clock)
        placed = {frame: key for frame, key in self.placed(variables) if 0 <= frame < clock.frames}
        if not placed:
            raise SettingError(f"no keyframe of this Deforum string lies in a film of {clock.frames} frames")
        knots = _Pieces(self.text, variables).knots(placed)
        if not knots:
            value = placed[min(placed)].value
            assert isinstance(value, Expression)
            raise FormulaColumn(value, variables).fault(min(placed))
        curve = Curve(knots, clock.frames)
        return curve if self.conversion is None else converted(curve, self.conversion, variables)

    def after_end(self, clock: Clock) -> list[str]:
        """The frames of the keyframes that lie after the film's end, as they are written."""
        return [key.text for frame, key in self.placed(Variables(clock)) if frame >= clock.frames]

    def filled(self, clock: Clock, variables: Variables | None = None) -> list[int]:
        """The first frame of each stretch at which an expression is not a number, and is filled linearly."""
        variables = variables or Variables(clock)
        placed = {frame: key.value for frame, key in self.placed(variables) if 0 <= frame < clock.frames}
        return [
            gap
            for start, stop in pairwise([*sorted(placed), clock.frames])
            if isinstance(value := placed[start], Expression)
            for gap in FormulaColumn(value, variables).gaps(start, stop)
        ]

    def placed(self, variables: Variables) -> Iterator[tuple[int, DeforumKey]]:
        """The keyframes as they are written, each with its frame, which may lie outside of the film."""
        for key in self.keys:
            if isinstance(key.frame, int):
                yield key.frame, key
            else:
                # as Python's int() cuts it
                yield int(FormulaColumn(key.frame, variables).values(0, 1)[0]), key


class _Pieces:
    """The lines and the expressions that a string consists of on one film."""

    def __init__(self, text: str, variables: Variables) -> None:
        self._text = text
        self._variables = variables
        self._knots: list[Knot] = []
        self._points: list[tuple[int, float, int]] = []  # frame, value, column
        self._before: tuple[int, FormulaColumn, int] | None = None  # the last frame of an expression, and its column

    def knots(self, keys: Mapping[int, DeforumKey]) -> list[Knot]:
        """One for each piece, for keys by their frames; none where no value is a number."""
        frames = self._variables.clock.frames
        for start, stop in pairwise([*sorted(keys), frames]):
            key = keys[start]
            if isinstance(key.value, Expression):
                self._expression(key.value, key.column, start, stop)
            else:
                self._bridge(start)
                self._points.append((start, key.value, key.column))
        self._bridge(frames)
        if self._points:
            last = self._points[-1]
            self._end_line()
            self._points = [last]  # a piece of its own, so that what comes after holds still
            self._end_line()
        return self._knots

    def _expression(self, expression: Expression, column: int, start: int, stop: int) -> None:
        """Where it is a number; from where it is not (nan), a line leads to the next value."""
        computed = FormulaColumn(expression, self._variables)
        for first, end in computed.runs(start, stop):
            self._bridge(first)
            if self._points:
                self._points.append((first, float(computed.values(first, first + 1)[0]), column))
                self._end_line()
            self._add(first, computed)
            self._before = end - 1, computed, column

    def _bridge(self, frame: int) -> None:
        """Begin a line from an expression's last value where it does not reach up to a frame."""
        if self._before is not None and self._before[0] + 1 < frame and not self._points:
            last, computed, column = self._before
            self._points.append((last, float(computed.values(last, last + 1)[0]), column))
        self._before = None

    def _end_line(self) -> None:
        frames, values, columns = zip(*self._points, strict=True)
        self._add(frames[0], FormulaColumn(Line(frames, values, columns, self._text), self._variables))
        self._points = []

    def _add(self, frame: int, column: FormulaColumn) -> None:
        if self._knots and self._knots[-1].at == frame:
            self._knots.pop()  # it has no frame of its own
        self._knots.append(Knot(Fraction(frame), (column,), "hold"))


def is_deforum(text: str) -> bool:
    """Whether a text is meant to be a Deforum string: it begins with a frame and a colon."""
    return _BEGINNING.match(text) is not None


def _entries(text: str) -> Iterator[tuple[int, int]]:
    """The parts between commas that are in no parentheses, as positions; a comma at the end ends nothing."""
    depth, start, opened = 0, 0, 0
    for position, character in enumerate(text):
        if character == "(":
            opened, depth = (position if depth == 0 else opened), depth + 1
        elif character == ")":
            depth -= 1
            if depth < 0:
                raise ExpressionError("a parenthesis is closed here that was never opened", text, position + 1)
        elif character == "," and depth == 0:
            yield start, position
            start = position + 1
    if depth:
        raise ExpressionError("this parenthesis is never closed", text, opened + 1)
    if text[start:].strip():
        yield start, len(text)


def _key(text: str, start: int, stop: int) -> DeforumKey:
    colon = text.find(":", start, stop)
    written = text[start:stop].strip()
    first = start + len(text[start:stop]) - len(text[start:stop].lstrip())
    if colon < 0:
        raise ExpressionError(
            f"a keyframe is frame:(value), such as 0:(1.02), and here is '{written:.40}'", text, first + 1
        )
    column = _stripped(text, colon + 1, stop)[0] + 1
    return DeforumKey(_frame(text, start, colon), _value(text, colon + 1, stop), text[start:colon].strip(), column)


def _frame(text: str, start: int, stop: int) -> int | Expression:
    start, stop = _stripped(text, start, stop)
    number = re.sub("['\"()]", "", text[start:stop]).strip()
    if re.fullmatch(r"[+-]?\d{1,9}", number):
        return int(number)
    if number and _NUMBER.fullmatch(number):
        raise ExpressionError(f"frames are whole, and here is {number}", text, start + 1)
    expression = _expression(text, *_unquoted(text, start, stop))
    if foreign := expression.names - {"max_f", "seed"}:
        raise expression.error("a keyframe's frame may name max_f and s alone", expression.column_of(min(foreign)))
    return expression


def _value(text: str, start: int, stop: int) -> float | Expression:
    start, stop = _stripped(text, start, stop)
    number = re.sub("['\"()]", "", text[start:stop])
    if _NUMBER.fullmatch(number) and any(map(str.isdigit, number)):
        return float(number)
    return _expression(text, *_unquoted(text, start, stop))


def _expression(text: str, start: int, stop: int) -> Expression:
    return Expression.parse(text[start:stop], DEFORUM, source=text, offset=start)


def _stripped(text: str, start: int, stop: int) -> tuple[int, int]:
    part = text[start:stop]
    return start + len(part) - len(part.lstrip()), max(stop - len(part) + len(part.rstrip()), start)


def _unquoted(text: str, start: int, stop: int) -> tuple[int, int]:
    """Without the quotes around an expression."""
    is_quoted = stop - start >= 2 and text[start] == text[stop - 1] and text[start] in "'\""
    return (start + 1, stop - 1) if is_quoted else (start, stop)
