"""The preset's schema: pydantic models, strict, with every track derived from the settings that it moves.

Nothing of a setting is repeated here: its type, bounds and description come from `settings.py`, by way of
`timeline.SECTIONS`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, PlainValidator, Strict, WithJsonSchema, create_model

from zoomdream.errors import SettingError
from zoomdream.presets.fields import Section, reading, sentence, tracked
from zoomdream.presets.mix_fields import Layers, PathText
from zoomdream.schedule.clock import TIME_PATTERN, Clock, Time, parse_rate
from zoomdream.schedule.timeline import SECTIONS, is_tracked
from zoomdream.settings import OutputSettings, Pair, Settings


def parse_size(value: Any) -> tuple[int, int]:
    """Width and height from `640x360`. Raises SettingError."""
    sides = re.fullmatch(r"(\d{1,6}) ?[x×] ?(\d{1,6})", str(value).strip().lower())
    if not sides:
        raise SettingError(f"{value!r} is no size: write WIDTHxHEIGHT in pixels, such as 640x360")
    width, height = int(sides[1]), int(sides[2])
    if not (16 <= width <= 16384 and 16 <= height <= 16384):
        raise SettingError(f"{width}x{height} is no size for a film: each side must be from 16 to 16384 pixels")
    return width, height


def _parse_duration(value: Any) -> Time:
    time = Time.parse(value)
    if time.unit == "%" or not time.amount:
        raise SettingError(f"a film cannot last {time.text}: write 12s, 1:30 or 360f")
    return time


class Canvas(Section):
    """The film's frame and length; what is unset comes from the source, or from `clock`'s defaults."""

    size: Annotated[
        tuple[int, int] | None,
        PlainValidator(reading(parse_size)),
        WithJsonSchema({"type": "string", "pattern": r"^\d+ ?[xX×] ?\d+$"}),
        Field(description="Width and height in pixels: 640x360"),
    ] = None
    fps: Annotated[
        Fraction | None,
        PlainValidator(reading(parse_rate)),
        WithJsonSchema({"type": ["number", "string"], "pattern": r"^\d+/\d+$", "minimum": 0.1, "maximum": 1000}),
        Field(description="Frames per second: 30, 24000/1001, or 23.976, which means the same"),
    ] = None
    duration: Annotated[
        Time | None,
        PlainValidator(reading(_parse_duration)),
        WithJsonSchema({"type": "string", "pattern": TIME_PATTERN}),
        Field(description="The film's length: 12s, 1:30 or 360f"),
    ] = None
    fit: Annotated[
        Literal["fill", "fit"], Field(description="fill: crop what stands over the frame; fit: show all of it")
    ] = "fill"
    start: Annotated[
        Time,
        PlainValidator(reading(Time.parse)),
        WithJsonSchema({"type": ["string", "integer"], "pattern": TIME_PATTERN, "default": 0}),
        Field(description="Where in a video the film begins"),
    ] = Time.parse(0)
    times: Annotated[
        Literal["film", "clip"], Field(description="Whether keyframes count from the film's beginning or the clip's")
    ] = "film"

    def clock(self, clip: Clock | None = None) -> Clock:
        """The film's clock: over a video, `clip`'s rate and what is left of it after `start` unless set; else 30 frames
        per second and 10 s. Raises SettingError when the range leaves the clip.
        """
        fps = self.fps or (clip.fps if clip else Fraction(30))
        if clip is None:
            return Clock.lasting(fps, self.duration or Time.parse("10s"))
        whole = Clock(fps, max(1, round(clip.seconds * fps)))
        first = self.first_frame(whole)
        if first >= whole.frames:
            raise SettingError(f"the film begins at {self.start.text}, but the clip lasts {float(clip.seconds):.3f} s")
        origin = first / fps if self.times == "clip" else Fraction(0)
        frames = Clock.lasting(fps, self.duration).frames if self.duration else whole.frames - first
        if first + frames > whole.frames:
            raise SettingError(
                f"the film would last {self.duration and self.duration.text} from {self.start.text} on, but the clip "
                f"lasts {float(clip.seconds):.3f} s: at most {float((whole.frames - first) / fps):.3f} s are left"
            )
        return Clock(fps, frames, origin)

    def first_frame(self, whole: Clock) -> int:
        """The frame of the clip, counted at the film's rate, that the film begins with."""
        return round(whole.length(self.start))


def _section(settings: type[Settings], **extra: Any) -> type[Section]:
    """A preset's section for these settings: tracks where they are numbers that change with time."""
    moves = settings in SECTIONS.values()
    fields: dict[str, Any] = {}
    for name, info in settings.model_fields.items():
        value: Any = info.annotation
        if value == Pair:
            value = Annotated[value, Strict(False)]  # YAML has no tuples: a strict pair would refuse every list
        for bound in info.metadata:
            value = Annotated[value, bound]
        of_time = tracked(name, value) if moves and is_tracked(settings, name) else value
        fields[name] = (of_time, Field(info.default, description=info.description))
    return create_model(settings.__name__, __base__=Section, __doc__=settings.__doc__, **extra, **fields)


def _version(value: Any) -> Any:
    if type(value) is not int or value != 1:
        raise sentence(f"version {str(value).lower()} of the preset format is unknown: write zoomdream: 1")
    return value


def _optional(section: type[Section]) -> Any:
    return (section, Field(default_factory=section, description=section.__doc__))


class PresetHead(Section):
    """A film, described for zoomdream render."""

    zoomdream: Annotated[Literal[1], BeforeValidator(_version), Field(description="Version of the preset format")]
    source: Annotated[PathText, Field(description="A photo, a video, or noise; relative to this file")]
    canvas: Annotated[Canvas, Field(description="The film's frame and length", default_factory=Canvas)]
    seed: Annotated[int, Field(ge=0, le=2**63 - 1, description="Another seed, another film")] = 0
    network: Annotated[str, Field(min_length=1, description="Which network dreams")] = "squeezenet1_1"
    weights: Annotated[PathText | None, Field(description="The network's weights in a file; relative to this file")] = (
        None
    )
    folder: Annotated[
        PathText | None, Field(description="Where relative paths begin; the folder of this file when left out")
    ] = None


_SECTION_MODELS: dict[str, Any] = {
    name: _optional(_section(settings)) for name, settings in SECTIONS.items() if name != "dream"
}

PresetModel = cast(
    type[PresetHead],
    create_model(
        "Preset",
        __base__=PresetHead,
        __doc__=PresetHead.__doc__,
        dream=(_section(SECTIONS["dream"], layers=(Layers, ...)), ...),
        **_SECTION_MODELS,
        output=_optional(_section(OutputSettings)),
    ),
)
"""`PresetHead` with a section for each of `timeline.SECTIONS`, and `output`."""
