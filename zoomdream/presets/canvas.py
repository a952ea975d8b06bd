"""A preset's canvas: the film's frame, rate and length, and the canvas that its settings were written for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from zoomdream.errors import SettingError
from zoomdream.images.colors.color_names import BLACK, Color, parse_color
from zoomdream.presets.fields.common import Section, as_validator, zero_time
from zoomdream.schedule.adaptation import Adaptation
from zoomdream.schedule.clock import TIME_PATTERN, BeatGrid, Clock, Time, parse_rate
from zoomdream.settings import Deinterlace, Fit

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

SOURCE: Literal["source"] = "source"
"""In place of a size or a rate: what the source gives a film that does not name its own."""
ANY = "any"
"""In place of a size or a rate: the film's own, whatever it is."""

DEFAULT_RATE = Fraction(30)
"""Frames per second of a film from a picture that does not name its rate."""


def parse_size(value: object) -> tuple[int, int]:
    """Width and height from `640x360`. Raises SettingError."""
    sides = re.fullmatch(r"(\d{1,6}) ?[x×] ?(\d{1,6})", str(value).strip().lower())
    if not sides:
        raise SettingError(f"{value!r} is no size: write WIDTHxHEIGHT in pixels, such as 640x360")
    width, height = int(sides[1]), int(sides[2])
    if not (16 <= width <= 16384 and 16 <= height <= 16384):
        raise SettingError(f"{width}x{height} is no size for a film: each side must be from 16 to 16384 pixels")
    return width, height


def _parse_duration(value: object) -> Time:
    time = Time.parse(value)
    if time.unit == "%" or not time.amount:
        raise SettingError(f"a film cannot last {time.text}: write 12s, 1:30 or 360f")
    return time


def authored_text(before: object, after: object) -> str | None:
    """What `canvas.authored` is where a preset's canvas has become another one by overrides: its own until then.

    `before` and `after` are the canvas as it is written. None: nothing is to be written.
    """
    old, new = (canvas if isinstance(canvas, dict) else {} for canvas in (before, after))
    size, rate = ((old.get(key), new.get(key)) for key in ("size", "fps"))
    if "authored" in new or (rate[0] == rate[1] and (size[0] is None or size[0] == size[1])):
        return None
    return f"{ANY if size[0] is None else size[0]}@{SOURCE if rate[0] is None else rate[0]}"


@dataclass(frozen=True)
class Authored:
    """The canvas that a preset's settings were written for: rendered on another, they are adapted to look alike."""

    size: tuple[int, int] | Literal["source"] | None = None
    """(width, height) in pixels; None: any."""
    fps: Fraction | Literal["source"] | None = None
    """Frames per second; None: any."""

    @classmethod
    def parse(cls, value: object) -> Authored:
        """From `640x360@30` or `640x360`, with `source` or `any` in place of each, or `none`. Raises SettingError."""
        size, at, fps = (part.strip() for part in str(value).lower().partition("@"))
        if size == "none" and not at:
            return cls()
        if not size or (at and not fps):
            raise SettingError(f"{value!r} is no canvas: write its size and rate, such as 640x360@30, or none")
        return cls(
            SOURCE if size == SOURCE else None if size == ANY else parse_size(size),
            SOURCE if fps == SOURCE else None if fps in (ANY, "") else parse_rate(fps),
        )


def _black() -> Color:
    return BLACK


class Canvas(Section):
    """The film's frame and length; what is unset comes from the source, or from `clock`'s defaults."""

    size: Annotated[
        tuple[int, int] | None,
        PlainValidator(as_validator(parse_size)),
        WithJsonSchema({"type": "string", "pattern": r"^\d+ ?[xX×] ?\d+$"}),
        Field(description="Width and height in pixels: 640x360"),
    ] = None
    fps: Annotated[
        Fraction | None,
        PlainValidator(as_validator(parse_rate)),
        WithJsonSchema({"type": ["number", "string"], "pattern": r"^\d+/\d+$", "minimum": 0.1, "maximum": 1000}),
        Field(description="Frames per second: 30, 24000/1001, or 23.976, which means the same"),
    ] = None
    duration: Annotated[
        Time | None,
        PlainValidator(as_validator(_parse_duration)),
        WithJsonSchema({"type": "string", "pattern": TIME_PATTERN}),
        Field(description="The film's length: 12s, 1:30 or 360f"),
    ] = None
    fit: Annotated[Fit, Field(description="fill: crop what stands over the frame; fit: show all of it")] = "fill"
    start: Annotated[
        Time,
        PlainValidator(as_validator(Time.parse)),
        WithJsonSchema({"type": ["string", "integer"], "pattern": TIME_PATTERN, "default": 0}),
        Field(description="Where in a video the film begins", default_factory=zero_time),
    ]
    times: Annotated[
        Literal["film", "clip"], Field(description="Whether keyframes count from the film's beginning or the clip's")
    ] = "film"
    background: Annotated[
        Color,
        PlainValidator(as_validator(parse_color)),
        WithJsonSchema({"type": "string", "default": "black"}),
        Field(description="What is seen where the source is transparent: a name or #rrggbb", default_factory=_black),
    ]
    deinterlace: Annotated[
        Deinterlace, Field(description="Whether interlaced frames of a video are deinterlaced: auto or off")
    ] = "auto"
    authored: Annotated[
        Authored | None,
        PlainValidator(as_validator(Authored.parse)),
        WithJsonSchema({"type": "string"}),
        Field(
            description="The canvas that the settings were written for, 640x360@30: on another they are adapted, so "
            "that the film looks alike; none: they count as they are. Unset: size and fps as this file has them"
        ),
    ] = None

    def clock(self, clip: Clock | None = None, beats: BeatGrid | None = None) -> Clock:
        """The film's clock: over a video, `clip`'s rate and what is left of it after `start` unless set; else 30 frames
        per second and 10 s. `beats` is its tempo. Raises SettingError when the range leaves the clip, or is in beats
        without a tempo.
        """
        fps = self.fps or (clip.fps if clip else DEFAULT_RATE)
        if clip is None:
            return Clock.lasting(fps, self.duration or Time.parse("10s"), beats)
        whole = Clock(fps, max(1, round(clip.seconds * fps)), beats=beats)
        first = self.first_frame(whole)
        if first >= whole.frames:
            raise SettingError(f"the film begins at {self.start.text}, but the clip lasts {float(clip.seconds):.3f} s")
        origin = first / fps if self.times == "clip" else Fraction(0)
        frames = Clock.lasting(fps, self.duration, beats).frames if self.duration else whole.frames - first
        if first + frames > whole.frames:
            raise SettingError(
                f"the film would last {self.duration and self.duration.text} from {self.start.text} on, but the clip "
                f"lasts {float(clip.seconds):.3f} s: at most {float((whole.frames - first) / fps):.3f} s are left"
            )
        return Clock(fps, frames, origin, beats)

    def first_frame(self, whole: Clock) -> int:
        """The frame of the clip, counted at the film's rate, that the film begins with."""
        return round(whole.length(self.start))

    def adaptation(
        self, size: Size, fps: Fraction, source: tuple[Size, Fraction], *, is_video: bool
    ) -> Adaptation | None:
        """What keeps the authored look in a film of `size` (width, height) at `fps`; None: nothing differs.

        `source` is the size and rate that the film would have if it named none.
        """
        if self.authored is None:
            return None
        written, rate = self.authored.size or size, self.authored.fps or fps
        width, height = source[0] if isinstance(written, str) else written
        rate = source[1] if isinstance(rate, str) else rate
        if (width * height, rate) == (size[0] * size[1], fps):
            return None
        return Adaptation(math.sqrt(size[0] * size[1] / (width * height)), float(rate / fps), is_video)
