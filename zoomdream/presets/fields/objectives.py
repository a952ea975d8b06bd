"""How a preset writes what is dreamed: a mix as short forms with weights or as a list of mappings, over time.

`{fire8: 1, "class:espresso": 0.5}` and `[fire8, {class: espresso, weight: 0.5, mask: face.png}]`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from zoomdream.errors import SettingError, nearest
from zoomdream.objectives.specs.regions import Region
from zoomdream.objectives.specs.short_form import parse, parse_channels
from zoomdream.objectives.specs.spec import (
    ChannelSpec,
    ClassSpec,
    DirectionSpec,
    GuideSpec,
    LayerSpec,
    NeuronSpec,
    Spec,
)
from zoomdream.presets.fields.common import PathText, PictureText, Section, WrittenAs
from zoomdream.presets.fields.formulas import string_or_formula_or
from zoomdream.presets.fields.masks import MaskField
from zoomdream.presets.sample_pictures import check_sample
from zoomdream.schedule.tables.mix_table import LARGEST_WEIGHT
from zoomdream.schedule.tracks import TrackWeight

Weight: Any = string_or_formula_or(Annotated[float, Field(ge=-LARGEST_WEIGHT, le=LARGEST_WEIGHT)])
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
    mask: Annotated[
        MaskField | None,
        Field(description="Where it works: white in a picture, a video or a folder of pictures; or a mapping"),
    ] = None

    @abstractmethod
    def spec(self) -> Spec:
        """The objective without its weight."""

    @property
    def region(self) -> Path | Region | None:
        """The mask, with its path as it is written."""
        return Path(self.mask) if isinstance(self.mask, str) else self.mask

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
        return LayerSpec(self.layer, self.score, self.relu, mask=self.region)


class ChannelEntry(ObjectiveEntry):
    """One channel of a layer: its mean."""

    layer: LayerName
    channel: Channel
    relu: ReluChoice = "before"

    def spec(self) -> ChannelSpec:
        """The objective without its weight."""
        return ChannelSpec(self.layer, (self.channel,), self.relu, mask=self.region)


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
        return ChannelSpec(self.layer, self._numbers(), self.relu, mask=self.region)

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
        return NeuronSpec(self.layer, self.channel, self.x, self.y, self.relu, mask=self.region)


class ClassEntry(ObjectiveEntry):
    """A class: its logit."""

    class_: Annotated[
        Annotated[Annotated[int, Field(ge=0)], Tag("<index>")] | Annotated[str, Field(min_length=1), Tag("<name>")],
        Discriminator(lambda value: "<index>" if isinstance(value, int) else "<name>"),
        Field(alias="class", description="Its name or its index"),
    ]

    def spec(self) -> ClassSpec:
        """The objective without its weight."""
        return ClassSpec(self.class_, mask=self.region)


class GuideEntry(ObjectiveEntry):
    """Another picture, whose features at a layer draw the dream."""

    guide: Annotated[PictureText, Field(description="A picture; relative to this file")]
    layer: LayerName
    match: MatchChoice = "dot"
    relu: ReluChoice = "after"

    def spec(self) -> GuideSpec:
        """The objective without its weight."""
        return GuideSpec(self.layer, Path(self.guide), self.match, self.relu, mask=self.region)


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
        return DirectionSpec(self.layer, vector, self.match, self.relu, mask=self.region)


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


SpecMix = dict[Spec, TrackWeight]

# -- a mix of objectives ----------------------------------------------------------------------------------------------


def parse_objective(short_form: str) -> Spec:
    """The objective of a short form. Raises SettingError, also for a sample that does not exist."""
    spec = parse(short_form)
    for file in spec.files:
        check_sample(str(file))
    return spec


def _mix_of_short_forms(weights: Mapping[str, TrackWeight]) -> SpecMix:
    return _mix((parse_objective(short_form), weight) for short_form, weight in weights.items())


def _mix_of_entries(entries: Iterable[str | ObjectiveEntry]) -> SpecMix:
    return _mix(
        (parse_objective(entry), 1.0) if isinstance(entry, str) else (entry.spec(), entry.weight) for entry in entries
    )


def _mix(pairs: Iterable[tuple[Spec, TrackWeight]]) -> SpecMix:
    mix: SpecMix = {}
    for spec, weight in pairs:
        if spec in mix:
            raise SettingError(f"{spec} is there twice: give it one weight")
        mix[spec] = weight
    return mix


Mix = Annotated[
    Annotated[SpecMix, WrittenAs(Annotated[dict[str, Weight], Field(min_length=1)], _mix_of_short_forms), Tag("<mix>")]
    | Annotated[SpecMix, WrittenAs(Annotated[list[Entry], Field(min_length=1)], _mix_of_entries), Tag("<list>")],
    Discriminator(lambda value: "<list>" if isinstance(value, list) else "<mix>"),
]
"""Objectives with their weights."""
