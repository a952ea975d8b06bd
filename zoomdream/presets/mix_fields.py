"""How a preset writes what is dreamed: a mix as short forms with weights or as a list of mappings, over time.

`{fire8: 1, "class:espresso": 0.5}` and `[fire8, {class: espresso, weight: 0.5, mask: face.png}]`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from zoomdream.errors import nearest
from zoomdream.objectives.short_form import parse, parse_channels
from zoomdream.objectives.spec import ChannelSpec, ClassSpec, DirectionSpec, GuideSpec, LayerSpec, NeuronSpec, Spec
from zoomdream.presets.fields import ONLY_TIMES, EaseName, Section, TimeText, reading, sentence, track_shape
from zoomdream.schedule.clock import Time
from zoomdream.schedule.tracks import Crossfade, Sweep

Weight = Annotated[float, Field(ge=-1e6, le=1e6)]
PathText = Annotated[str, Field(pattern=r"^[^\x00]+$")]
Channel = Annotated[int, Field(ge=0)]
# JSON, and so a film's recipe, has no keys but texts.
ChannelKey = Annotated[Channel, BeforeValidator(lambda key: int(key) if str(key).isdecimal() else key)]
Fraction = Annotated[float, Field(ge=0, le=1)]
LayerName = Annotated[str, Field(min_length=1, description="A layer of the network; zoomdream layers lists them")]
ReluChoice = Annotated[Literal["before", "after"], Field(description="Whether the layer is seen before its ReLU")]
MatchChoice = Annotated[
    Literal["dot", "cosine"], Field(description="dot: stronger features count more; cosine: only their direction")
]


class ObjectiveEntry(Section, ABC):
    """An objective with its weight."""

    weight: Annotated[Weight, Field(description="Share of the step; negative: make it less")] = 1.0
    mask: Annotated[PathText | None, Field(description="A grayscale picture: white where it works")] = None

    def spec(self) -> Spec:
        """What it means."""
        given = self.model_dump(exclude={"weight", "mask"}, exclude_none=True)
        return self._spec(given | {"mask": Path(self.mask) if self.mask else None})

    @abstractmethod
    def _spec(self, given: dict[str, Any]) -> Spec: ...

    @classmethod
    def _unknown(cls, key: str, known: list[str]) -> str:
        if key in _OF_SOME:
            return f"it does not go with the other keys; those that do: {', '.join(known)}"
        return f"there is no such key{nearest(key, [*known, *_OF_SOME])}"


class LayerEntry(ObjectiveEntry):
    """A whole layer."""

    layer: LayerName
    score: Annotated[
        Literal["l2", "mean"] | None, Field(description="Its energy or its mean; unset: what dream.objective says")
    ] = None
    relu: ReluChoice | None = None

    def _spec(self, given: dict[str, Any]) -> Spec:
        return LayerSpec(**given)


class ChannelEntry(ObjectiveEntry):
    """One channel of a layer: its mean."""

    layer: LayerName
    channel: Channel
    relu: ReluChoice = "before"

    def _spec(self, given: dict[str, Any]) -> Spec:
        return ChannelSpec(channels=(given.pop("channel"),), **given)


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

    def _spec(self, given: dict[str, Any]) -> Spec:
        channels = given.pop("channels")
        found = parse_channels(channels) if isinstance(channels, str) else channels
        return ChannelSpec(channels=(found,) if isinstance(found, int) else tuple(found), **given)


class NeuronEntry(ObjectiveEntry):
    """One unit of a channel, at a place of the frame."""

    layer: LayerName
    channel: Channel
    x: Annotated[Fraction, Field(description="Fraction of the frame's width from the left; 0.5 is the middle")]
    y: Annotated[Fraction, Field(description="Fraction of the frame's height from the top")]
    relu: ReluChoice = "before"

    def _spec(self, given: dict[str, Any]) -> Spec:
        return NeuronSpec(**given)


class ClassEntry(ObjectiveEntry):
    """A class: its logit."""

    class_: Annotated[
        Annotated[Annotated[int, Field(ge=0)], Tag("<index>")] | Annotated[str, Field(min_length=1), Tag("<name>")],
        Discriminator(lambda value: "<index>" if isinstance(value, int) else "<name>"),
        Field(alias="class", description="Its name or its index"),
    ]

    def _spec(self, given: dict[str, Any]) -> Spec:
        return ClassSpec(given["class_"], mask=given["mask"])


class GuideEntry(ObjectiveEntry):
    """Another picture, whose features at a layer draw the dream."""

    guide: Annotated[PathText, Field(description="A picture; relative to this file")]
    layer: LayerName
    match: MatchChoice = "dot"
    relu: ReluChoice = "after"

    def _spec(self, given: dict[str, Any]) -> Spec:
        return GuideSpec(picture=Path(given.pop("guide")), **given)


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

    def _spec(self, given: dict[str, Any]) -> Spec:
        direction = given.pop("direction")
        vector = Path(direction) if isinstance(direction, str) else tuple(direction.items())
        return DirectionSpec(vector=vector, **given)


def _kind(value: Any) -> str:
    """Which objective a mapping is meant to be: the first key that only one of them has."""
    if isinstance(value, str):
        return "<short>"
    keys = value.keys() if isinstance(value, Mapping) else ()
    for key, kind in _KINDS.items():
        if key in keys:
            return f"<{kind}>"
    return "<layer>"


_KINDS = {
    "class": "class",
    "guide": "guide",
    "direction": "direction",
    "x": "neuron",
    "y": "neuron",
    "channels": "channels",
    "channel": "channel",
}

_OF_SOME = (*_KINDS, "layer", "score", "relu", "match")  # keys that some kinds have and others have not

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
    Discriminator(_kind),
]


def _mix(given: Any) -> dict[Spec, float]:
    pairs = (
        [(parse(key), weight) for key, weight in given.items()]
        if isinstance(given, dict)
        else [(parse(entry), 1.0) if isinstance(entry, str) else (entry.spec(), entry.weight) for entry in given]
    )
    mix: dict[Spec, float] = {}
    for spec, weight in pairs:
        if spec in mix:
            raise sentence(f"{spec} is there twice: give it one weight")
        mix[spec] = weight
    return mix


Mix = Annotated[
    Annotated[dict[str, Weight], Field(min_length=1), Tag("<mix>")]
    | Annotated[list[Entry], Field(min_length=1), Tag("<list>")],
    Discriminator(lambda value: "<list>" if isinstance(value, list) else "<mix>"),
    AfterValidator(reading(_mix)),
]


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
        TimeText, Field(description="How long a crossfade takes; 0: a cut", json_schema_extra={"default": 0})
    ] = Time.parse(0)
    ease: EaseName = "linear"


def _layers_shape(value: Any) -> str:
    if isinstance(value, dict) and value.keys() & {"sweep", "hold", "fade"}:
        return "<sweep>"
    if isinstance(value, list) and all(
        isinstance(item, str) or (isinstance(item, dict) and not {"at", "mix"} & item.keys()) for item in value
    ):
        return "<value>"
    shape = track_shape(value)
    is_mix = shape == "<times>" and not any(isinstance(mix, dict | list) for mix in value.values())
    return "<value>" if is_mix else shape


def _layers(given: Any) -> Crossfade | Sweep:
    if isinstance(given, LayerSweep):
        return Sweep(tuple(map(parse, given.sweep)), given.hold, given.fade, given.ease)
    if isinstance(given, list):
        return Crossfade.of(*((key.at, key.mix, key.ease) for key in given))
    by_time = given if any(isinstance(mix, dict) for mix in given.values()) else {Time.parse(0): given}
    return Crossfade.of(*((at, mix, "linear") for at, mix in by_time.items()))


Layers = Annotated[
    Annotated[Mix, Tag("<value>")]
    | Annotated[dict[TimeText, Mix], ONLY_TIMES, Tag("<times>")]
    | Annotated[list[MixKeyframe], Field(min_length=1), Tag("<keyframes>")]
    | Annotated[LayerSweep, Tag("<sweep>")],
    Discriminator(_layers_shape),
    AfterValidator(reading(_layers)),
    Field(description="What is dreamed, how strongly, when"),
]
