"""How a preset writes what is dreamed: a mix as short forms with weights or as a list of mappings, over time.

`{fire8: 1, "class:espresso": 0.5}` and `[fire8, {class: espresso, weight: 0.5, mask: face.png}]`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from zoomdream.errors import SettingError, nearest
from zoomdream.objectives.short_form import parse, parse_channels
from zoomdream.objectives.spec import ChannelSpec, ClassSpec, DirectionSpec, GuideSpec, LayerSpec, NeuronSpec, Spec
from zoomdream.presets.fields import EaseName, PathText, PictureText, Section, TimeText, WrittenAs, zero_time
from zoomdream.presets.sample_pictures import check_sample
from zoomdream.presets.track_fields import ONLY_TIMES, track_shape
from zoomdream.schedule.clock import Time
from zoomdream.schedule.tracks import Crossfade, Sweep

Weight = Annotated[float, Field(ge=-1e6, le=1e6)]
Channel = Annotated[int, Field(ge=0)]
# JSON keys are text, so channel numbers come back as text from a film's recipe.
ChannelKey = Annotated[Channel, BeforeValidator(lambda key: int(key) if re.fullmatch(r"\d{1,9}", str(key)) else key)]
Position = Annotated[float, Field(ge=0, le=1)]
LayerName = Annotated[str, Field(min_length=1, description="A layer of the network; zoomdream layers lists them")]
ReluChoice = Annotated[Literal["before", "after"], Field(description="Whether the layer is seen before its ReLU")]
MatchChoice = Annotated[
    Literal["dot", "cosine"], Field(description="dot: stronger features count more; cosine: only their direction")
]


# -- one objective as a mapping ---------------------------------------------------------------------------------------


class ObjectiveEntry(Section, ABC):
    """An objective with its weight."""

    weight: Annotated[Weight, Field(description="Share of the step; negative: make it less")] = 1.0
    mask: Annotated[PictureText | None, Field(description="A grayscale picture: white where it works")] = None

    @abstractmethod
    def spec(self) -> Spec:
        """The objective without its weight."""

    @property
    def mask_file(self) -> Path | None:
        """The mask's path as it is written."""
        return Path(self.mask) if self.mask else None

    @classmethod
    def unknown_key(cls, key: str, known: list[str]) -> str:
        """See `Section.unknown_key`; a key of another kind of objective has a message of its own."""
        if key in _KEYS_OF_SOME_KINDS:
            return f"it does not go with the other keys; those that do: {', '.join(known)}"
        return f"there is no such key{nearest(key, [*known, *_KEYS_OF_SOME_KINDS])}"


class LayerEntry(ObjectiveEntry):
    """A whole layer."""

    layer: LayerName
    score: Annotated[
        Literal["l2", "mean"] | None, Field(description="Its energy or its mean; unset: what dream.objective says")
    ] = None
    relu: ReluChoice | None = None

    def spec(self) -> LayerSpec:
        """The objective without its weight."""
        return LayerSpec(self.layer, self.score, self.relu, mask=self.mask_file)


class ChannelEntry(ObjectiveEntry):
    """One channel of a layer: its mean."""

    layer: LayerName
    channel: Channel
    relu: ReluChoice = "before"

    def spec(self) -> ChannelSpec:
        """The objective without its weight."""
        return ChannelSpec(self.layer, (self.channel,), self.relu, mask=self.mask_file)


class ChannelsEntry(ObjectiveEntry):
    """Several channels of a layer: their mean."""

    layer: LayerName
    channels: Annotated[
        Annotated[list[Channel], Field(min_length=1), Tag("<list>")]
        | Annotated[Channel, Tag("<one>")]
        | Annotated[str, Tag("<text>")],
        Discriminator(lambda value: {list: "<list>", str: "<text>"}.get(type(value), "<one>")),
        Field(description="17, [3, 17], or 0:8 for those from 0 to 7"),
    ]
    relu: ReluChoice = "before"

    def spec(self) -> ChannelSpec:
        """The objective without its weight. Raises SettingError when the channels' text makes no sense."""
        return ChannelSpec(self.layer, self._numbers(), self.relu, mask=self.mask_file)

    def _numbers(self) -> tuple[int, ...]:
        if isinstance(self.channels, str):
            return parse_channels(self.channels)
        return (self.channels,) if isinstance(self.channels, int) else tuple(self.channels)


class NeuronEntry(ObjectiveEntry):
    """One unit of a channel, at a place of the frame."""

    layer: LayerName
    channel: Channel
    x: Annotated[Position, Field(description="Fraction of the frame's width from the left; 0.5 is the middle")]
    y: Annotated[Position, Field(description="Fraction of the frame's height from the top")]
    relu: ReluChoice = "before"

    def spec(self) -> NeuronSpec:
        """The objective without its weight."""
        return NeuronSpec(self.layer, self.channel, self.x, self.y, self.relu, mask=self.mask_file)


class ClassEntry(ObjectiveEntry):
    """A class: its logit."""

    class_: Annotated[
        Annotated[Annotated[int, Field(ge=0)], Tag("<index>")] | Annotated[str, Field(min_length=1), Tag("<name>")],
        Discriminator(lambda value: "<index>" if isinstance(value, int) else "<name>"),
        Field(alias="class", description="Its name or its index"),
    ]

    def spec(self) -> ClassSpec:
        """The objective without its weight."""
        return ClassSpec(self.class_, mask=self.mask_file)


class GuideEntry(ObjectiveEntry):
    """Another picture, whose features at a layer draw the dream."""

    guide: Annotated[PictureText, Field(description="A picture; relative to this file")]
    layer: LayerName
    match: MatchChoice = "dot"
    relu: ReluChoice = "after"

    def spec(self) -> GuideSpec:
        """The objective without its weight."""
        return GuideSpec(self.layer, Path(self.guide), self.match, self.relu, mask=self.mask_file)


class DirectionEntry(ObjectiveEntry):
    """A direction in the space of a layer's channels."""

    direction: Annotated[
        Annotated[dict[ChannelKey, float], Field(min_length=1), Tag("<factors>")] | Annotated[PathText, Tag("<file>")],
        Discriminator(lambda value: "<factors>" if isinstance(value, dict) else "<file>"),
        Field(description="Channels and factors, {17: 1, 31: -0.5}, or a .npy file with one number per channel"),
    ]
    layer: LayerName
    match: MatchChoice = "dot"
    relu: ReluChoice = "before"

    def spec(self) -> DirectionSpec:
        """The objective without its weight."""
        vector = Path(self.direction) if isinstance(self.direction, str) else tuple(self.direction.items())
        return DirectionSpec(self.layer, vector, self.match, self.relu, mask=self.mask_file)


def _entry_kind(value: object) -> str:
    """Which objective a mapping is meant to be: the first key that only one of them has."""
    if isinstance(value, str):
        return "<short>"
    keys = value.keys() if isinstance(value, Mapping) else ()
    return next((f"<{kind}>" for key, kind in _KINDS.items() if key in keys), "<layer>")


_KINDS = {
    "class": "class",
    "guide": "guide",
    "direction": "direction",
    "x": "neuron",
    "y": "neuron",
    "channels": "channels",
    "channel": "channel",
}

_KEYS_OF_SOME_KINDS = (*_KINDS, "layer", "score", "relu", "match")

ShortForm = Annotated[str, Field(min_length=1, description="An objective in its short form, with a weight of 1")]

Entry = Annotated[
    Annotated[ShortForm, Tag("<short>")]
    | Annotated[LayerEntry, Tag("<layer>")]
    | Annotated[ChannelEntry, Tag("<channel>")]
    | Annotated[ChannelsEntry, Tag("<channels>")]
    | Annotated[NeuronEntry, Tag("<neuron>")]
    | Annotated[ClassEntry, Tag("<class>")]
    | Annotated[GuideEntry, Tag("<guide>")]
    | Annotated[DirectionEntry, Tag("<direction>")],
    Discriminator(_entry_kind),
]


# -- a mix of objectives ----------------------------------------------------------------------------------------------


def _parse(short_form: str) -> Spec:
    spec = parse(short_form)
    for file in spec.files:
        check_sample(str(file))
    return spec


def _mix_of_short_forms(weights: Mapping[str, float]) -> dict[Spec, float]:
    return _mix((_parse(short_form), weight) for short_form, weight in weights.items())


def _mix_of_entries(entries: Iterable[str | ObjectiveEntry]) -> dict[Spec, float]:
    return _mix((_parse(entry), 1.0) if isinstance(entry, str) else (entry.spec(), entry.weight) for entry in entries)


def _mix(pairs: Iterable[tuple[Spec, float]]) -> dict[Spec, float]:
    mix: dict[Spec, float] = {}
    for spec, weight in pairs:
        if spec in mix:
            raise SettingError(f"{spec} is there twice: give it one weight")
        mix[spec] = weight
    return mix


SpecMix = dict[Spec, float]

Mix = Annotated[
    Annotated[SpecMix, WrittenAs(Annotated[dict[str, Weight], Field(min_length=1)], _mix_of_short_forms), Tag("<mix>")]
    | Annotated[SpecMix, WrittenAs(Annotated[list[Entry], Field(min_length=1)], _mix_of_entries), Tag("<list>")],
    Discriminator(lambda value: "<list>" if isinstance(value, list) else "<mix>"),
]
"""Objectives with their weights."""


# -- mixes over time --------------------------------------------------------------------------------------------------


class MixKeyframe(Section):
    """A mix of objectives at a time."""

    at: TimeText
    mix: Mix
    ease: EaseName = "linear"


class LayerSweep(Section):
    """Each objective alone for `hold`, then a crossfade of `fade` to the next."""

    sweep: Annotated[list[str], Field(min_length=1, description="Layers or other objectives' short forms, in order")]
    hold: Annotated[TimeText, Field(description="How long each layer stays")]
    fade: Annotated[
        TimeText,
        Field(
            description="How long a crossfade takes; 0: a cut",
            default_factory=zero_time,
            json_schema_extra={"default": 0},
        ),
    ]
    ease: EaseName = "linear"


def _layers_shape(value: object) -> str:
    """Which form of `dream.layers` this is meant to be."""
    if isinstance(value, dict) and value.keys() & {"sweep", "hold", "fade"}:
        return "<sweep>"
    if isinstance(value, list) and all(
        isinstance(item, str) or (isinstance(item, dict) and not {"at", "mix"} & item.keys()) for item in value
    ):
        return "<value>"
    shape = track_shape(value)
    is_mix = isinstance(value, dict) and not any(isinstance(mix, dict | list) for mix in value.values())
    return "<value>" if shape == "<times>" and is_mix else shape


def _constant(mix: Mapping[Spec, float]) -> Crossfade:
    return Crossfade.of((Time.parse(0), mix, "linear"))


def _by_time(mixes: Mapping[Time, Mapping[Spec, float]]) -> Crossfade:
    return Crossfade.of(*((at, mix, "linear") for at, mix in mixes.items()))


def _of_keyframes(keyframes: Iterable[MixKeyframe]) -> Crossfade:
    return Crossfade.of(*((keyframe.at, keyframe.mix, keyframe.ease) for keyframe in keyframes))


def _sweep(written: LayerSweep) -> Sweep:
    return Sweep(tuple(map(_parse, written.sweep)), written.hold, written.fade, written.ease)


Layers = Annotated[
    Annotated[Crossfade, WrittenAs(Mix, _constant), Tag("<value>")]
    | Annotated[Crossfade, WrittenAs(Annotated[dict[TimeText, Mix], ONLY_TIMES], _by_time), Tag("<times>")]
    | Annotated[
        Crossfade, WrittenAs(Annotated[list[MixKeyframe], Field(min_length=1)], _of_keyframes), Tag("<keyframes>")
    ]
    | Annotated[Sweep, WrittenAs(LayerSweep, _sweep), Tag("<sweep>")],
    Discriminator(_layers_shape),
    Field(description="What is dreamed, how strongly, when"),
]
"""`dream.layers`: mixes as a constant, by time or as keyframes, or a sweep."""
