"""How a preset writes `dream.layers`: a mix of objectives, mixes over time, a sweep, or a walk.

`{fire8: 1}`, `{0s: {fire5: 1}, 4s: {fire8: 1}}`, `{sweep: [conv1, fire2], hold: 5s, fade: 1s}` and
`{wander: {channels: fire8}, hold: 3s, fade: 1s}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, Tag

from zoomdream.errors import SettingError
from zoomdream.objectives.specs.spec import Spec
from zoomdream.presets.fields.common import EaseName, KeyframeSection, Section, TimeText, WrittenAs, zero_time
from zoomdream.presets.fields.formulas import formula_shape, refuse_ease
from zoomdream.presets.fields.objectives import Mix, SpecMix, parse_objective
from zoomdream.presets.fields.tracks import ONLY_TIMES
from zoomdream.schedule.clock import Time
from zoomdream.schedule.deforum_strings import DeforumTrack
from zoomdream.schedule.expressions.formulas import Formula
from zoomdream.schedule.repeating import Repetition
from zoomdream.schedule.tracks import Crossfade, RepeatingTrack, Sweep, Track
from zoomdream.schedule.wandering import Distance, Wander


class MixKeyframe(KeyframeSection):
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


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


class WanderPlaces(Section):
    """What a walk goes through, and how."""

    channels: Annotated[
        list[str], BeforeValidator(_as_list), Field(description="A layer or several, through whose channels it goes")
    ] = Field(default_factory=list)
    classes: Annotated[
        list[str | int],
        BeforeValidator(_as_list),
        Field(description="Families of classes such as birds, classes, or patterns such as '*terrier*'"),
    ] = Field(default_factory=list)
    distance: Annotated[Distance, Field(description="near: the next one dreams alike; far: it dreams otherwise")] = (
        "near"
    )
    weight: Annotated[float, Field(ge=-1000, le=1000, description="Of the objective whose turn it is")] = 1.0
    seed: Annotated[int | None, Field(ge=0, le=2**63 - 1, description="Another seed, another walk; the film's")] = None
    beside: Annotated[Mix | None, Field(alias="with", description="What is dreamed all along beside it")] = None


class LayerWander(Section):
    """Channels or classes, each alone for `hold`, then a crossfade of `fade` to the next, to the film's end."""

    wander: WanderPlaces
    hold: Annotated[TimeText, Field(description="How long each one stays")]
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
    if isinstance(value, dict) and "wander" in value:
        return "<wander>"
    if isinstance(value, dict) and value.keys() & {"sweep", "hold", "fade"}:
        return "<sweep>"
    if isinstance(value, dict) and value.keys() & {"keyframes", "loop"}:
        return "<repeating>"
    if isinstance(value, list) and all(
        isinstance(item, str) or (isinstance(item, dict) and not {"at", "mix"} & item.keys()) for item in value
    ):
        return "<value>"
    if isinstance(value, list):
        return "<keyframes>" if any(isinstance(item, dict) for item in value) else "<value>"
    if isinstance(value, dict) and "at" not in value:
        is_mix = all(formula_shape(mix) or not isinstance(mix, dict | list) for mix in value.values())
        return "<value>" if is_mix else "<times>"
    return "<keyframes>" if isinstance(value, dict) else "<value>"


def _by_time(mixes: Mapping[Time, SpecMix]) -> Crossfade:
    return Crossfade.of(*((at, _of_moment(at, mix), "linear") for at, mix in mixes.items()))


def _of_keyframes(keyframes: Iterable[MixKeyframe]) -> Crossfade:
    for keyframe in keyframes:
        if "ease" in keyframe.model_fields_set:
            refuse_ease(keyframe.at, tuple(_of_moment(keyframe.at, keyframe.mix).values()))
    return Crossfade.of(*((each.at, _of_moment(each.at, each.mix), each.ease) for each in keyframes))


def _of_moment(at: Time, mix: SpecMix) -> dict[Spec, float | Formula]:
    weights = {spec: weight for spec, weight in mix.items() if not isinstance(weight, DeforumTrack)}
    if strings := [spec for spec in mix if spec not in weights]:
        raise SettingError(
            f"the weight of {strings[0]} at {at.text} is a Deforum string, which has times of its own: "
            "it goes into a mix that has none"
        )
    return weights


def _sweep(written: LayerSweep) -> Sweep:
    return Sweep(tuple(map(parse_objective, written.sweep)), written.hold, written.fade, written.ease)


def _wander(written: LayerWander) -> Wander:
    places = written.wander
    return Wander(
        written.hold,
        written.fade,
        tuple(dict.fromkeys(places.channels)),
        tuple(dict.fromkeys(places.classes)),
        places.distance,
        places.weight,
        places.seed,
        Crossfade.steady(places.beside) if places.beside else None,
        written.ease,
    )


_MixesByTime = Annotated[Crossfade, WrittenAs(Annotated[dict[TimeText, Mix], ONLY_TIMES], _by_time), Tag("<times>")]
_MixKeyframes = Annotated[
    Crossfade, WrittenAs(Annotated[list[MixKeyframe], Field(min_length=1)], _of_keyframes), Tag("<keyframes>")
]


class RepeatingMixes(Section):
    """Mixes that repeat to the film's end."""

    keyframes: Annotated[
        _MixesByTime | _MixKeyframes,
        Discriminator(lambda written: "<keyframes>" if isinstance(written, list) else "<times>"),
    ]
    loop: Annotated[
        Repetition, Field(description="cycle: from the last keyframe to the first again; pingpong: there and back")
    ]


def _repeating(entry: RepeatingMixes) -> Crossfade:
    mixes = entry.keyframes
    assert isinstance(mixes.track, Track)
    return Crossfade(mixes.keys, RepeatingTrack(mixes.track, entry.loop))


Layers = Annotated[
    Annotated[Crossfade, WrittenAs(Mix, Crossfade.steady), Tag("<value>")]
    | _MixesByTime
    | _MixKeyframes
    | Annotated[Crossfade, WrittenAs(RepeatingMixes, _repeating), Tag("<repeating>")]
    | Annotated[Sweep, WrittenAs(LayerSweep, _sweep), Tag("<sweep>")]
    | Annotated[Wander, WrittenAs(LayerWander, _wander), Tag("<wander>")],
    Discriminator(_layers_shape),
    Field(description="What is dreamed, how strongly, when"),
]
"""`dream.layers`: mixes as a constant, by time or as keyframes, which may repeat, a sweep, or a walk."""
