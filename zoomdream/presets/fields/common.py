"""What all parts of the preset's schema share: strict mappings, times and eases, and errors that are whole sentences.

A union's alternatives carry tags in angle brackets (`<times>`), which messages leave out of a key's path.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from zoomdream.errors import SettingError, UnknownNameError, nearest
from zoomdream.presets.error_messages import SENTENCE
from zoomdream.presets.sample_pictures import check_sample, check_sample_sound
from zoomdream.schedule.clock import TIME_PATTERN, Time
from zoomdream.schedule.ease_names import EASE_PATTERN, ease_name
from zoomdream.schedule.easing import EASES
from zoomdream.schedule.expressions.syntax import ExpressionError

Written = TypeVar("Written")
Value = TypeVar("Value")


def sentence(reason: str, column: int = 0) -> PydanticCustomError:
    """A validation error whose message needs nothing but the key's place before it.

    `column` is where in the value's text the mistake is, from 1; 0: it is about all of it.
    """
    return PydanticCustomError(SENTENCE, "{reason}", {"reason": reason, "column": column})


def as_validator(parse: Callable[[Written], Value]) -> Callable[[Written], Value]:
    """A parser that raises SettingError or UnknownNameError, as a function that pydantic can call."""

    def validate(written: Written) -> Value:
        try:
            return parse(written)
        except ExpressionError as error:
            raise sentence(error.reason, error.column) from None
        except (SettingError, UnknownNameError) as error:
            raise sentence(str(error)) from None

    return validate


@dataclass(frozen=True)
class WrittenAs:
    """For `Annotated[Value, WrittenAs(form, convert)]`: a preset writes a form, which `convert` turns into a Value."""

    form: object
    """A type as pydantic knows it, with its constraints."""

    convert: Callable[[Any], object]
    """From a checked `form`; may raise SettingError or UnknownNameError."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler.generate_schema(self.form)
        return core_schema.no_info_after_validator_function(as_validator(self.convert), schema)


class Section(BaseModel):
    """Base of every mapping in a preset: no unknown keys, no conversions, no nan or infinity."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def of_defaults(cls) -> Self:
        """The section when a preset leaves it out. Raises pydantic's ValidationError when it has required keys."""
        return cls.model_validate({})

    def written(self) -> dict[str, object]:
        """The values of the keys that the preset writes, in the schema's order; all others have their defaults."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}

    @classmethod
    def unknown_key(cls, key: str, known: list[str]) -> str:
        """The message about a key that is not one of those known here."""
        return f"there is no such key{nearest(key, known)}"

    @model_validator(mode="before")
    @classmethod
    def _check_keys(cls, data: object) -> object:
        """As `extra="forbid"`, but the message says which keys there are."""
        known = _known_keys(cls)
        if not isinstance(data, dict):
            raise sentence(f"this must be a mapping with the keys {', '.join(known)}")
        unknown = [
            InitErrorDetails(type=sentence(cls.unknown_key(str(key), known)), loc=(key,), input=value)
            for key, value in data.items()
            if key not in known
        ]
        if unknown:
            raise ValidationError.from_exception_data(cls.__name__, unknown)
        return data


@cache
def _known_keys(section: type[Section]) -> list[str]:
    return [info.alias or name for name, info in section.model_fields.items()]


class KeyframeSection(Section):
    """Base of what stands at a time, with an ease."""

    @classmethod
    def unknown_key(cls, key: str, known: list[str]) -> str:
        """See `Section.unknown_key`; in braces, a comma ends an ease with numbers that has no quotes."""
        if re.fullmatch(r"[-+\d. ]+\)?|[a-z]+\)", key):
            return 'there is no such key; commas need quotes: ease: "cubic-bezier(0.4, 0, 0.2, 1)"'
        return super().unknown_key(key, known)


TimeText = Annotated[
    Time,
    PlainValidator(as_validator(Time.parse)),
    WithJsonSchema({"type": ["string", "integer"], "pattern": TIME_PATTERN, "minimum": 0, "maximum": 0}),
]


def zero_time() -> Time:
    """The default of times. (A default *value* must have a form in JSON, and pydantic 2.7 finds none for a Time.)"""
    return Time.parse(0)


EaseName = Annotated[
    str,
    AfterValidator(as_validator(ease_name)),
    WithJsonSchema(
        {
            "anyOf": [{"enum": list(EASES)}, {"type": "string", "pattern": EASE_PATTERN}],
            "description": "The way to the next keyframe",
        }
    ),
]


def _any_name(path: object, check: Callable[[object], object]) -> object:
    """Let names pass that are no UTF-8, which Python reads with halves of characters and pydantic takes for no text."""
    is_halved = isinstance(path, str) and re.search("[\ud800-\udfff]", path) is not None and "\0" not in path
    return path if is_halved else check(path)


PathText = Annotated[str, Field(pattern=r"^[^\x00]+$"), WrapValidator(_any_name)]

PictureText = Annotated[PathText, AfterValidator(as_validator(check_sample))]
"""A picture's or video's path, or `sample:NAME` with the name of a sample that exists."""

SoundText = Annotated[PathText, AfterValidator(as_validator(check_sample_sound))]
"""A sound's path, or `sample:NAME` with the name of a sample sound that exists."""
