"""How a preset writes a setting that may change over time: a value, values by time, keyframes, or formulas.

`1.5`, `{0s: 1, 6s: 2}`, `[{at: 0s, value: 1, ease: in-quad}, {at: 6s, value: 2}]`, `{expr: "1 + 0.1 * sin(time)"}`,
`{follow: bass, from: 1, to: 1.4}`, Deforum's `"0:(1), 60:(1.05)"` and `{deforum: "0:(1.02)", expr: "next ** fps"}`.

Nothing of a setting is repeated in the schema: type, range, default and description come from `settings.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import (
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    Strict,
    Tag,
    WithJsonSchema,
    create_model,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema, to_jsonable_python

from zoomdream.errors import SettingError
from zoomdream.presets.fields.common import EaseName, KeyframeSection, Section, TimeText, WrittenAs, as_validator
from zoomdream.presets.fields.formulas import (
    ConvertedString,
    ExpressionText,
    FollowedFeature,
    KeyframeString,
    Value,
    formula_or,
    formula_shape,
    is_keyframe_text,
    pair_of,
    refuse_ease,
    string_or_formula_or,
)
from zoomdream.schedule.clock import Time
from zoomdream.schedule.deforum_strings import DeforumTrack
from zoomdream.schedule.repeating import Repetition
from zoomdream.schedule.tracks import AnyTrack, JoinedTrack, Keyframe, RepeatingTrack, Track
from zoomdream.settings import Pair, Settings

_COMPUTED = ("<expr>", "<follow>", "<string>", "<deforum>")
"""The forms of one value that is computed."""

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
    return SettingField(setting, track_form(name, _value_form(setting)), lambda: _constant(setting.default))


def _value_form(setting: FieldInfo) -> Any:
    """The type of a setting's values with their bounds: built at run time, so no type checker knows it."""
    form: Any = setting.annotation
    if form == Pair:
        form = Annotated[form, Strict(False)]  # YAML has no tuples: a strict pair would refuse every list
    for bound in setting.metadata:
        form = Annotated[form, bound]
    return form


# -- the forms of a track ---------------------------------------------------------------------------------------------


class KeyframeEntry(KeyframeSection):
    """A value of a setting at a time."""

    at: TimeText
    value: Any
    ease: EaseName = "linear"


class RepeatingEntry(Section):
    """Keyframes that repeat to the film's end."""

    keyframes: Any
    loop: Annotated[
        Repetition, Field(description="cycle: from the last keyframe to the first again; pingpong: there and back")
    ]

    @classmethod
    def unknown_key(cls, key: str, known: list[str]) -> str:
        """See `Section.unknown_key`; times stand one level further in."""
        return "what repeats goes into keyframes: {keyframes: {0s: 1, 2s: 1.5}, loop: cycle}"


def _keyframes_form(times: Any, entries: Any) -> Any:
    return Annotated[
        Union[times, entries],  # noqa: UP007  they are values here
        Discriminator(lambda written: "<keyframes>" if isinstance(written, list) else "<times>"),
    ]


def _repeating(entry: RepeatingEntry) -> RepeatingTrack:
    return RepeatingTrack(entry.keyframes, entry.loop)


def track_form(name: str, value: Any) -> Any:
    """What a preset may write for a track whose values are written as `value`; it validates to an AnyTrack."""
    is_pair = get_origin(value) is Annotated and get_args(value)[0] == Pair
    moving: Any = pair_of(formula_or(float)) if is_pair else formula_or(value)
    keyframe = create_model(  # the setting's bounds at `value`, and a name of its own in the JSON schema
        f"{name.title().replace('_', '')}Keyframe",
        __base__=KeyframeEntry,
        __doc__=f"A value of {name} at a time.",
        value=(moving, ...),
    )
    forms: list[Any] = [
        Annotated[Track, WrittenAs(value, _constant), Tag("<value>")],
        Annotated[Track, WrittenAs(Annotated[dict[TimeText, moving], ONLY_TIMES], _by_time), Tag("<times>")],
        Annotated[
            Track,
            WrittenAs(Annotated[list[keyframe], Field(min_length=1)], _of_keyframes),  # type: ignore[valid-type]
            Tag("<keyframes>"),
        ],
        *(_PAIR_FORMS if is_pair else _NUMBER_FORMS),
    ]
    repeating = create_model(
        f"{name.title().replace('_', '')}Repetition",
        __base__=RepeatingEntry,
        __doc__=f"Keyframes of {name} that repeat to the film's end.",
        keyframes=(_keyframes_form(forms[1], forms[2]), ...),
    )
    forms.append(Annotated[RepeatingTrack, WrittenAs(repeating, _repeating), Tag("<repeating>")])
    tags = {"<value>", "<times>", "<keyframes>", "<repeating>", *("<parts>", "<one>") * is_pair}
    tags |= {*_COMPUTED}

    def shape(written: object) -> str:
        kind = track_shape(written)
        if is_pair and kind in _COMPUTED:
            return "<one>"
        return kind if kind in tags else "<value>"

    return Annotated[Union[*forms], Discriminator(shape)]


def track_shape(value: object) -> str:
    """Which form of a track this is meant to be."""
    if isinstance(value, str):
        return "<string>" if is_keyframe_text(value) else "<value>"
    if isinstance(value, dict):
        formula = formula_shape(value)
        if not formula and value.keys() & {"keyframes", "loop"}:
            return "<repeating>"
        return formula or ("<keyframes>" if "at" in value else "<times>")
    if isinstance(value, list):
        if any(isinstance(item, dict) and not formula_shape(item) for item in value):
            return "<keyframes>"
        return "<parts>" if any(isinstance(item, dict | str) for item in value) else "<value>"
    return "<value>"


def _constant(value: Value | tuple[Value, Value]) -> Track:
    return Track.constant(*_components(value))


def _by_time(values: Mapping[Time, Value | tuple[Value, Value]]) -> Track:
    return Track(tuple(Keyframe(at, _components(value)) for at, value in values.items()))


def _of_keyframes(entries: list[KeyframeEntry]) -> Track:
    for entry in entries:
        if "ease" in entry.model_fields_set:
            refuse_ease(entry.at, _components(entry.value))
    return Track(tuple(Keyframe(entry.at, _components(entry.value), entry.ease) for entry in entries))


def _of_parts(parts: tuple[Value | DeforumTrack, Value | DeforumTrack]) -> AnyTrack:
    plain = [part for part in parts if not isinstance(part, DeforumTrack)]
    if len(plain) == len(parts):
        return Track.constant(*plain)
    return JoinedTrack(tuple(part if isinstance(part, DeforumTrack) else Track.constant(part) for part in parts))


def _components(value: Value | tuple[Value, ...]) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else (value,)


def _one_for_two(written: object) -> Track:
    raise SettingError('here is one value, and two are needed: write a list of two, such as [{expr: "..."}, 0]')


_NUMBER_FORMS: tuple[Any, ...] = (
    Annotated[Track, WrittenAs(ExpressionText, Track.constant), Tag("<expr>")],
    Annotated[Track, WrittenAs(FollowedFeature, Track.constant), Tag("<follow>")],
    Annotated[KeyframeString, Tag("<string>")],
    Annotated[ConvertedString, Tag("<deforum>")],
)
_PAIR_FORMS: tuple[Any, ...] = (
    Annotated[AnyTrack, WrittenAs(pair_of(string_or_formula_or(float)), _of_parts), Tag("<parts>")],
    Annotated[Track, PlainValidator(as_validator(_one_for_two)), WithJsonSchema({"not": {}}), Tag("<one>")],
)
