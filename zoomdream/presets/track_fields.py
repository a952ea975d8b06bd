"""How a preset writes a setting that may change over time: as a value, as values by time, or as keyframes.

`1.5`, `{0s: 1, 6s: 2}` and `[{at: 0s, value: 1, ease: in-quad}, {at: 6s, value: 2}]`.

Nothing of a setting is repeated in the schema: type, range, default and description come from `settings.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union

from pydantic import Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict, Tag, create_model
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema, to_jsonable_python

from zoomdream.presets.fields import EaseName, Section, TimeText, WrittenAs
from zoomdream.schedule.clock import Time
from zoomdream.schedule.tracks import Keyframe, Track
from zoomdream.settings import Pair, Settings

ONLY_TIMES = Field(min_length=1, json_schema_extra={"additionalProperties": False})


@dataclass(frozen=True)
class SettingField:
    """For `Annotated[Type, SettingField(...)]`: a field with the range, default and description of a setting."""

    setting: FieldInfo
    """The setting, in its class in `settings.py`."""

    form: object
    """What a preset may write, as a type that pydantic knows; validates to the field's Python type."""

    default: Callable[[], object]
    """The field's value when a preset leaves it out."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_default_schema(handler.generate_schema(self.form), default_factory=self.default)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        about = {"default": to_jsonable_python(self.setting.default), "description": self.setting.description}
        return handler(schema) | about


def value_of(settings: type[Settings], name: str) -> SettingField:
    """The field of a setting that stays the same all along."""
    setting = settings.model_fields[name]
    return SettingField(setting, _value_form(setting), lambda: setting.default)


def track_of(settings: type[Settings], name: str) -> SettingField:
    """The field of a setting that may change over time: a number or a pair of numbers. It validates to a Track."""
    setting = settings.model_fields[name]
    return SettingField(setting, _track_form(name, _value_form(setting)), lambda: _constant(setting.default))


def _value_form(setting: FieldInfo) -> Any:
    """The type of a setting's values with their bounds: built at run time, so no type checker knows it."""
    form: Any = setting.annotation
    if form == Pair:
        form = Annotated[form, Strict(False)]  # YAML has no tuples: a strict pair would refuse every list
    for bound in setting.metadata:
        form = Annotated[form, bound]
    return form


# -- the three forms of a track ---------------------------------------------------------------------------------------


class KeyframeEntry(Section):
    """A value of a setting at a time."""

    at: TimeText
    value: float | Pair
    ease: EaseName = "linear"


def _track_form(name: str, value: Any) -> Any:
    """What a preset may write for a track whose values are written as `value`."""
    keyframe = create_model(  # the setting's bounds at `value`, and a name of its own in the JSON schema
        f"{name.title().replace('_', '')}Keyframe",
        __base__=KeyframeEntry,
        __doc__=f"A value of {name} at a time.",
        value=(value, ...),
    )
    forms: list[Any] = [
        Annotated[Track, WrittenAs(value, _constant), Tag("<value>")],
        Annotated[Track, WrittenAs(Annotated[dict[TimeText, value], ONLY_TIMES], _by_time), Tag("<times>")],
        Annotated[
            Track,
            WrittenAs(Annotated[list[keyframe], Field(min_length=1)], _of_keyframes),  # type: ignore[valid-type]
            Tag("<keyframes>"),
        ],
    ]
    return Annotated[Union[*forms], Discriminator(track_shape)]


def track_shape(value: object) -> str:
    """Which form of a track this is meant to be."""
    if isinstance(value, dict):
        return "<keyframes>" if "at" in value else "<times>"
    return "<keyframes>" if isinstance(value, list) and any(isinstance(item, dict) for item in value) else "<value>"


def _constant(value: float | Pair) -> Track:
    return Track.constant(*_components(value))


def _by_time(values: Mapping[Time, float | Pair]) -> Track:
    return Track(tuple(Keyframe(at, _components(value)) for at, value in values.items()))


def _of_keyframes(entries: list[KeyframeEntry]) -> Track:
    return Track(tuple(Keyframe(entry.at, _components(entry.value), entry.ease) for entry in entries))


def _components(value: float | Pair) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)
