"""The preset's schema: what a preset file may hold, as strict pydantic models.

Nothing of a setting is repeated here: its type, range, default and description come from `settings.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from zoomdream.errors import SettingError
from zoomdream.images.color_names import BLACK, Color, parse_color
from zoomdream.networks import EMBEDDED
from zoomdream.presets.fields import PathText, PictureText, Section, as_validator, sentence, zero_time
from zoomdream.presets.objective_fields import Layers
from zoomdream.presets.track_fields import track_of, value_of
from zoomdream.schedule.clock import TIME_PATTERN, Clock, Time, parse_rate
from zoomdream.schedule.tracks import Track
from zoomdream.settings import (
    CameraSettings,
    CarrySettings,
    ColorSettings,
    Deinterlace,
    DreamSettings,
    Fit,
    OutputSettings,
)


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


class DreamSection(Section):
    __doc__ = DreamSettings.__doc__

    layers: Layers
    octaves: Annotated[Track, track_of(DreamSettings, "octaves")]
    octave_scale: Annotated[Track, track_of(DreamSettings, "octave_scale")]
    steps: Annotated[Track, track_of(DreamSettings, "steps")]
    step_size: Annotated[Track, track_of(DreamSettings, "step_size")]
    jitter: Annotated[Track, track_of(DreamSettings, "jitter")]
    objective: Annotated[str, value_of(DreamSettings, "objective")]
    natural_color: Annotated[Track, track_of(DreamSettings, "natural_color")]
    smoothing: Annotated[Track, track_of(DreamSettings, "smoothing")]
    laplacian: Annotated[Track, track_of(DreamSettings, "laplacian")]
    octave_blur: Annotated[Track, track_of(DreamSettings, "octave_blur")]
    octave_blend: Annotated[Track, track_of(DreamSettings, "octave_blend")]
    schedule: Annotated[str, value_of(DreamSettings, "schedule")]


class CameraSection(Section):
    __doc__ = CameraSettings.__doc__

    zoom: Annotated[Track, track_of(CameraSettings, "zoom")]
    rotate: Annotated[Track, track_of(CameraSettings, "rotate")]
    pan: Annotated[Track, track_of(CameraSettings, "pan")]
    center: Annotated[Track, track_of(CameraSettings, "center")]
    yaw: Annotated[Track, track_of(CameraSettings, "yaw")]
    pitch: Annotated[Track, track_of(CameraSettings, "pitch")]
    tilt: Annotated[Track, track_of(CameraSettings, "tilt")]
    fov: Annotated[Track, track_of(CameraSettings, "fov")]
    flip_theta: Annotated[Track, track_of(CameraSettings, "flip_theta")]
    flip_phi: Annotated[Track, track_of(CameraSettings, "flip_phi")]
    flip_gamma: Annotated[Track, track_of(CameraSettings, "flip_gamma")]
    flip_fv: Annotated[Track, track_of(CameraSettings, "flip_fv")]
    shake: Annotated[Track, track_of(CameraSettings, "shake")]
    shake_frequency: Annotated[Track, track_of(CameraSettings, "shake_frequency")]
    symmetry: Annotated[Track, track_of(CameraSettings, "symmetry")]
    mirror: Annotated[str, value_of(CameraSettings, "mirror")]
    border: Annotated[str, value_of(CameraSettings, "border")]


class ColorSection(Section):
    __doc__ = ColorSettings.__doc__

    coherence: Annotated[Track, track_of(ColorSettings, "coherence")]


class CarrySection(Section):
    __doc__ = CarrySettings.__doc__

    strength: Annotated[Track, track_of(CarrySettings, "strength")]
    steps: Annotated[Track, track_of(CarrySettings, "steps")]
    flow: Annotated[str, value_of(CarrySettings, "flow")]
    cuts: Annotated[str, value_of(CarrySettings, "cuts")]


class OutputSection(Section):
    __doc__ = OutputSettings.__doc__

    codec: Annotated[str, value_of(OutputSettings, "codec")]
    depth: Annotated[int | None, value_of(OutputSettings, "depth")]
    encoder: Annotated[str, value_of(OutputSettings, "encoder")]
    crf: Annotated[int | None, value_of(OutputSettings, "crf")]
    speed: Annotated[str, value_of(OutputSettings, "speed")]
    loop: Annotated[int, value_of(OutputSettings, "loop")]
    audio: Annotated[str, value_of(OutputSettings, "audio")]
    audio_track: Annotated[int | None, value_of(OutputSettings, "audio_track")]


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _check_version(value: object) -> object:
    if type(value) is not int or value != 1:
        raise sentence(f"version {str(value).lower()} of the preset format is unknown: write zoomdream: 1")
    return value


class PresetModel(Section, title="Preset"):
    """A film, described for zoomdream render."""

    zoomdream: Annotated[Literal[1], BeforeValidator(_check_version), Field(description="Version of the preset format")]
    source: Annotated[
        PictureText,
        Field(
            description="A photo, a video, a folder of pictures, sample:NAME, or noise; paths are relative to this file"
        ),
    ]
    canvas: Annotated[Canvas, Field(description="The film's frame and length", default_factory=Canvas.of_defaults)]
    seed: Annotated[int, Field(ge=0, le=2**63 - 1, description="Another seed, another film")] = 0
    network: Annotated[str, Field(min_length=1, description="Which network dreams")] = EMBEDDED
    weights: Annotated[PathText | None, Field(description="The network's weights in a file; relative to this file")] = (
        None
    )
    folder: Annotated[
        PathText | None, Field(description="Where relative paths begin; the folder of this file when left out")
    ] = None
    files: Annotated[
        dict[str, Sha256] | None, Field(description="sha256 of files that this preset names; another is refused")
    ] = None
    dream: DreamSection
    camera: Annotated[CameraSection, Field(default_factory=CameraSection.of_defaults)]
    color: Annotated[ColorSection, Field(default_factory=ColorSection.of_defaults)]
    carry: Annotated[CarrySection, Field(default_factory=CarrySection.of_defaults)]
    output: Annotated[OutputSection, Field(default_factory=OutputSection.of_defaults)]

    def timeline_sections(self) -> Mapping[str, Mapping[str, object]]:
        """The tracks and constants that are written, by section and key, as `Timeline` takes them; without layers."""
        dream = self.dream.written()
        return {
            "dream": {name: value for name, value in dream.items() if name != "layers"},
            "camera": self.camera.written(),
            "color": self.color.written(),
            "carry": self.carry.written(),
        }
