"""The pieces of the preset's schema: strict mappings, times, and the three forms in which a track can be written.

A union's alternatives carry tags in angle brackets (`<times>`), which messages leave out of a key's path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    ValidationError,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from zoomdream.errors import SettingError, nearest
from zoomdream.schedule.clock import TIME_PATTERN, Time
from zoomdream.schedule.easing import EASES
from zoomdream.schedule.tracks import Keyframe, Track

SENTENCE = "sentence"
"""The type of an error whose message says everything, value included."""


def sentence(reason: str) -> PydanticCustomError:
    """A problem, in words that need no more than its place before them."""
    return PydanticCustomError(SENTENCE, "{reason}", {"reason": reason})


def reading(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A parser that raises SettingError, as a validator."""

    def validate(value: Any) -> Any:
        try:
            return parse(value)
        except SettingError as error:
            raise sentence(str(error)) from None

    return validate


class Section(BaseModel):
    """Base of every mapping in a preset: no unknown keys, no conversions, no nan or infinity."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def _unknown(cls, key: str, known: list[str]) -> str:
        return f"there is no such key{nearest(key, known)}"

    @model_validator(mode="before")
    @classmethod
    def _know_every_key(cls, data: Any) -> Any:
        """As `extra="forbid"`, but the message says which keys there are."""
        known = [info.alias or name for name, info in cls.model_fields.items()]
        if not isinstance(data, dict):
            raise sentence(f"this must be a mapping with the keys {', '.join(known)}")
        unknown = [
            InitErrorDetails(type=sentence(cls._unknown(str(key), known)), loc=(key,), input=value)
            for key, value in data.items()
            if key not in known
        ]
        if unknown:
            raise ValidationError.from_exception_data(cls.__name__, unknown)
        return data


TimeText = Annotated[
    Time,
    PlainValidator(reading(Time.parse)),
    WithJsonSchema({"type": ["string", "integer"], "pattern": TIME_PATTERN, "minimum": 0, "maximum": 0}),
]


def _parse_ease(name: str) -> str:
    if name not in EASES:
        raise SettingError(f"{name!r} is no ease{nearest(name, EASES)}")
    return name


EaseName = Annotated[
    str,
    AfterValidator(reading(_parse_ease)),
    WithJsonSchema({"enum": list(EASES), "description": "The way to the next keyframe"}),
]


def track_shape(value: Any) -> str:
    """Which form of a track this is meant to be."""
    if isinstance(value, dict):
        return "<keyframes>" if "at" in value else "<times>"
    return "<keyframes>" if isinstance(value, list) and any(isinstance(item, dict) for item in value) else "<value>"


ONLY_TIMES = Field(min_length=1, json_schema_extra={"additionalProperties": False})


def _components(value: Any) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)


def _track(given: Any) -> Track:
    if isinstance(given, dict):
        return Track(tuple(Keyframe(at, _components(value)) for at, value in given.items()))
    if isinstance(given, list):
        return Track(tuple(Keyframe(key.at, _components(key.value), key.ease) for key in given))
    return Track.constant(*_components(given))


def tracked(name: str, value: Any) -> Any:
    """The type of a track whose values have the type `value`; validates to a Track."""
    keyframe = create_model(
        f"{name.title().replace('_', '')}Keyframe",
        __base__=Section,
        __doc__=f"A value of {name} at a time.",
        at=(TimeText, ...),
        value=(value, ...),
        ease=(EaseName, "linear"),
    )
    forms: list[Any] = [
        Annotated[value, Tag("<value>")],
        Annotated[dict[TimeText, value], ONLY_TIMES, Tag("<times>")],
        Annotated[list[keyframe], Field(min_length=1), Tag("<keyframes>")],  # type: ignore[valid-type]
    ]
    return Annotated[Union[*forms], Discriminator(track_shape), AfterValidator(_track)]
