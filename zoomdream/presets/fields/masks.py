"""How a preset writes where an objective works: a file, a shape whose numbers are tracks, or what moves.

`mask.png`, `{file: mask.mp4, invert: true}`, `{circle: [0.5, 0.5, {0s: 0.1, 4s: 0.4}], feather: 0.05}` and
`{motion: subject}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Union

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Strict,
    Tag,
    WithJsonSchema,
    model_validator,
)

from zoomdream.objectives.specs.regions import FEATHER, SHAPES, Region, RegionNumber
from zoomdream.presets.fields.common import PictureText, Section, TimeText, WrittenAs, as_validator, sentence
from zoomdream.presets.fields.formulas import formula_or, refuse_ease
from zoomdream.presets.fields.tracks import ONLY_TIMES, KeyframeEntry, track_form
from zoomdream.schedule.clock import Time, parse_rate
from zoomdream.schedule.tracks import AnyTrack, JoinedTrack, Keyframe, Track

KINDS = ("file", *SHAPES, "motion")
"""The keys of which a mask has exactly one."""


def _bounded(number: RegionNumber) -> Any:
    return Annotated[float, Field(ge=number.low, le=number.high)]


def _joined(tracks: Sequence[Any]) -> AnyTrack:
    return JoinedTrack(tuple(tracks))


def _by_time(values: Mapping[Time, tuple[Any, ...]]) -> Track:
    return Track(tuple(Keyframe(at, value) for at, value in values.items()))


def _of_keyframes(entries: Sequence[KeyframeEntry]) -> Track:
    for entry in entries:
        if "ease" in entry.model_fields_set:
            refuse_ease(entry.at, entry.value)
    return Track(tuple(Keyframe(entry.at, entry.value, entry.ease) for entry in entries))


def _numbers_shape(value: object) -> str:
    """Which form of a shape's numbers this is meant to be."""
    if isinstance(value, dict):
        return "<keyframes>" if "at" in value else "<times>"
    if isinstance(value, list) and value and all(isinstance(item, dict) and "at" in item for item in value):
        return "<keyframes>"
    return "<numbers>"


def _counted(shape: str) -> BeforeValidator:
    """Refuses a list that has more or fewer numbers than the shape."""
    names = [number.name for number in SHAPES[shape]]

    def check(written: object) -> object:
        if not isinstance(written, list) or len(written) != len(names):
            here = f"a list of {len(written)}" if isinstance(written, list) else f"{written!r:.40}"
            raise sentence(f"{shape} is a list of {len(names)} numbers, [{', '.join(names)}]: here is {here}")
        return written

    return BeforeValidator(check)


def _numbers_form(shape: str) -> Any:
    """A list with a track for each number; or lists of numbers by time, or as keyframes."""
    numbers = SHAPES[shape]
    names = [f"{shape}_{number.name.replace(' ', '_')}" for number in numbers]
    tracks = [track_form(name, _bounded(number)) for name, number in zip(names, numbers, strict=True)]
    values = [formula_or(_bounded(number)) for number in numbers]
    each: Any = Annotated[tuple[tuple(tracks)], Strict(False), _counted(shape)]  # type: ignore[misc]
    moment: Any = Annotated[tuple[tuple(values)], Strict(False), _counted(shape)]  # type: ignore[misc]

    class ShapeKeyframe(KeyframeEntry):
        """A shape's numbers at a time."""

        model_config = ConfigDict(title=f"{shape.title()}Keyframe")

        value: moment

    ShapeKeyframe.__name__ = f"{shape.title()}Keyframe"
    forms = (
        Annotated[JoinedTrack, WrittenAs(each, _joined), Tag("<numbers>")],
        Annotated[Track, WrittenAs(Annotated[dict[TimeText, moment], ONLY_TIMES], _by_time), Tag("<times>")],
        Annotated[
            Track,
            WrittenAs(Annotated[list[ShapeKeyframe], Field(min_length=1)], _of_keyframes),
            Tag("<keyframes>"),
        ],
    )
    return Annotated[Union[forms], Discriminator(_numbers_shape)]  # noqa: UP007


Circle: Any = _numbers_form("circle")
Ellipse: Any = _numbers_form("ellipse")
Box: Any = _numbers_form("box")
Feather: Any = track_form("feather", _bounded(FEATHER))

_Rate = Annotated[
    Fraction,
    PlainValidator(as_validator(parse_rate)),
    WithJsonSchema({"type": ["number", "string"], "minimum": 0.1, "maximum": 1000}),
]


class MaskSection(Section):
    """Where an objective works, by exactly one of file, circle, ellipse, box and motion."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [kind]} for kind in KINDS]},
    )

    file: Annotated[
        PictureText | None, Field(description="A picture, a video or a folder of pictures: white where it works")
    ] = None
    fps: Annotated[
        _Rate | None,
        Field(description="The rate of a folder's pictures; unset: the rate of the video it is over, or the film's"),
    ] = None
    circle: Annotated[
        Circle | None, Field(description="[x, y, radius] in fractions of the frame, the radius of its width")
    ] = None
    ellipse: Annotated[
        Ellipse | None, Field(description="[x, y, radius across, radius down] in fractions of the frame")
    ] = None
    box: Annotated[
        Box | None, Field(description="[x, y, width, height] around its center, in fractions of the frame")
    ] = None
    motion: Annotated[
        Literal["subject", "background"] | None,
        Field(description="Over a video: subject, what moves against the camera; background, all else"),
    ] = None
    invert: Annotated[bool, Field(description="Work where the mask is black")] = False
    feather: Annotated[
        Feather | None,
        Field(description="How wide the soft edge is, in fractions of the frame's width"),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _check_kinds(cls, data: object) -> object:
        given = [kind for kind in KINDS if isinstance(data, dict) and data.get(kind) is not None]
        if isinstance(data, dict) and not set(data) - set(cls.model_fields):
            if len(given) != 1:
                named = " and ".join(given) if given else "none of them"
                raise sentence(f"a mask has exactly one of {', '.join(KINDS)}: here is {named}")
            if data.get("fps") is not None and given != ["file"]:
                raise sentence("fps goes with file: it is the rate of a folder's pictures")
        return data

    def region(self) -> Region:
        """The region, with its path as it is written."""
        shape = next((name for name in SHAPES if getattr(self, name) is not None), None)
        return Region(
            file=Path(self.file) if self.file else None,
            fps=self.fps,
            shape=shape,
            numbers=getattr(self, shape) if shape else None,
            motion=self.motion,
            invert=self.invert,
            feather=self.feather,
        )


MaskField: Any = Annotated[
    Annotated[PictureText, Tag("<path>")]
    | Annotated[Region, WrittenAs(MaskSection, MaskSection.region), Tag("<mask>")],
    Discriminator(lambda value: "<mask>" if isinstance(value, dict | Region) else "<path>"),
]
"""A path, or a mapping."""
