"""How a preset writes a value that is computed: an expression, a feature of the sound, or a Deforum string.

`{expr: "0.2 + 0.1 * sin(time)"}`, `{follow: bass, from: 1, to: 1.4, release: 200ms}`, `"0:(1), 60:(1.05)"`, and a
string whose values are converted: `{deforum: "0:(1), 60:(1.05)", expr: "next ** fps"}`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Discriminator, Field, PlainValidator, Strict, Tag, WithJsonSchema

from zoomdream.errors import SettingError, nearest
from zoomdream.presets.fields.common import Section, WrittenAs, as_validator, zero_time
from zoomdream.schedule.clock import Time
from zoomdream.schedule.deforum_strings import DeforumTrack, is_deforum
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.expressions.formulas import Follow, Formula
from zoomdream.schedule.expressions.functions import CONVERSION, SOUND_ALIASES, SOUND_NAMES

Value = float | Formula
"""A number, or what is computed at every frame."""

_OPERATORS = re.compile(r"[()*/+<>=]")
_FEATURES = (*SOUND_NAMES, *SOUND_ALIASES)


def _parse_expression(written: object) -> Expression:
    if isinstance(written, int | float) and not isinstance(written, bool):
        written = repr(written)
    if not isinstance(written, str):
        raise SettingError('an expression is text in quotes, such as expr: "1 + 0.1 * sin(time)"')
    return Expression.parse(written)


class ExpressionEntry(Section):
    """A value that is computed at every frame."""

    expr: Annotated[
        Expression,
        PlainValidator(as_validator(_parse_expression)),
        WithJsonSchema({"type": ["string", "number"], "description": "Such as 1 + 0.1 * sin(tau * time / 4)"}),
    ]

    @classmethod
    def unknown_key(cls, key: str, known: list[str]) -> str:
        """See `Section.unknown_key`; in braces, a comma ends an expression without quotes."""
        if key == "deforum":
            return "a Deforum string has keyframes of its own, and stands for the whole setting"
        return 'there is no such key beside expr; an expression with commas goes in quotes: {expr: "min(time, 2)"}'


def _parse_conversion(written: object) -> Expression:
    if not isinstance(written, str):
        raise SettingError('an expression is text in quotes, such as expr: "next ** fps"')
    return Expression.parse(written, CONVERSION)


def _parse_part(written: object) -> DeforumTrack:
    if not isinstance(written, str):
        raise SettingError('a Deforum string is text in quotes, such as deforum: "0:(1.02), 60:(1.05)"')
    return _parse_string(written)


class ConversionEntry(Section):
    """A Deforum string, and what is computed from its values."""

    deforum: Annotated[
        DeforumTrack,
        PlainValidator(as_validator(_parse_part)),
        WithJsonSchema({"type": "string", "pattern": r"^[^:]+:", "description": "Deforum's keyframes: 0:(1.02)"}),
    ]
    expr: Annotated[
        Expression,
        PlainValidator(as_validator(_parse_conversion)),
        WithJsonSchema({"type": "string", "description": "Such as next ** fps: next is the string's next value"}),
    ]


def _converted(entry: ConversionEntry) -> DeforumTrack:
    return replace(entry.deforum, conversion=entry.expr)


def _parse_feature(written: object) -> str:
    name = SOUND_ALIASES.get(str(written), str(written))
    if name in SOUND_NAMES:
        return name
    if name in ("beat", "bar"):
        raise SettingError(f"'{name}' is a number that grows: on_beat is 1 at each beat and falls to 0")
    raise SettingError(f"there is no feature {str(written)!r} of a sound{nearest(str(written), _FEATURES)}")


def _parse_smoothing(written: object) -> Time:
    time = Time.parse(written)
    if time.unit == "%":
        raise SettingError(f"{time.text} is no length to smooth over: write 20ms or 0.2s")
    return time


_Smoothing = Annotated[
    Time,
    PlainValidator(as_validator(_parse_smoothing)),
    WithJsonSchema({"type": ["string", "integer"], "default": 0}),
]


class FollowEntry(Section):
    """A value that follows a feature of the film's sound."""

    follow: Annotated[str, PlainValidator(as_validator(_parse_feature)), WithJsonSchema({"enum": list(_FEATURES)})]
    from_: Annotated[float, Field(alias="from", description="The value where the feature is 0")]
    to: Annotated[float, Field(description="The value where it is 1")]
    attack: Annotated[_Smoothing, Field(description="How long it takes to rise", default_factory=zero_time)]
    release: Annotated[_Smoothing, Field(description="How long it takes to fall", default_factory=zero_time)]


def _follow(entry: FollowEntry) -> Follow:
    return Follow(entry.follow, entry.from_, entry.to, entry.attack, entry.release)


def _parse_string(written: str) -> DeforumTrack:
    if not is_deforum(written):
        raise SettingError(
            f"'{written:.60}' is no Deforum string, which begins with a frame, such as \"0:(1.02)\"; an expression is "
            'written {expr: "1 + 0.1 * sin(time)"}'
        )
    return DeforumTrack.parse(written)


ExpressionText = Annotated[Expression, WrittenAs(ExpressionEntry, lambda entry: entry.expr)]
"""`{expr: ...}`."""

FollowedFeature = Annotated[Follow, WrittenAs(FollowEntry, _follow)]
"""`{follow: ..., from: ..., to: ...}`."""

KeyframeString = Annotated[
    DeforumTrack,
    PlainValidator(as_validator(_parse_string)),
    WithJsonSchema({"type": "string", "pattern": r"^[^:]+:", "description": "Deforum's keyframes: 0:(1), 60:(1.05)"}),
]
"""A Deforum string."""

ConvertedString = Annotated[DeforumTrack, WrittenAs(ConversionEntry, _converted)]
"""`{deforum: ..., expr: ...}`."""


def formula_shape(value: object) -> str | None:
    """Which formula a mapping is meant to be; None: none."""
    if not isinstance(value, dict):
        return None
    if "deforum" in value:
        return "<deforum>"
    return "<expr>" if "expr" in value else "<follow>" if "follow" in value else None


def is_keyframe_text(text: str) -> bool:
    """Whether a text in a track's place is meant to be a Deforum string or an expression."""
    return is_deforum(text) or (_OPERATORS.search(text) is not None and re.search("[A-Za-z0-9]", text) is not None)


def formula_or(number: Any) -> Any:
    """The type of a value that is written as `number`, or computed."""

    def shape(value: object) -> str:
        kind = formula_shape(value) or "<number>"
        return "<expr>" if kind == "<deforum>" else kind

    return Annotated[
        Annotated[number, Tag("<number>")]
        | Annotated[ExpressionText, Tag("<expr>")]
        | Annotated[FollowedFeature, Tag("<follow>")],
        Discriminator(shape),
    ]


def string_or_formula_or(number: Any) -> Any:
    """The type of a value that is written as `number`, computed, or a Deforum string."""

    def shape(value: object) -> str:
        is_string = isinstance(value, str) and is_keyframe_text(value)
        return "<string>" if is_string else formula_shape(value) or "<number>"

    return Annotated[
        Annotated[number, Tag("<number>")]
        | Annotated[ExpressionText, Tag("<expr>")]
        | Annotated[FollowedFeature, Tag("<follow>")]
        | Annotated[KeyframeString, Tag("<string>")]
        | Annotated[ConvertedString, Tag("<deforum>")],
        Discriminator(shape),
    ]


def pair_of(form: Any) -> Any:
    """The type of two values of a form: YAML has no tuples, and a strict one would refuse every list."""
    return Annotated[tuple[form, form], Strict(False)]


def refuse_ease(at: Time, value: tuple[Value, ...]) -> None:
    """Raise SettingError where a keyframe's ease has no number to lead from."""
    if value and all(isinstance(each, Formula) for each in value):
        raise SettingError(
            f"the keyframe at {at.text} has an ease, and its value is computed until the next one: leave the ease out"
        )
