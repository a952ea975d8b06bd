"""The preset's schema: what a preset file may hold, as strict pydantic models.

Nothing of a setting is repeated here: its type, range, default and description come from `settings.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from zoomdream.errors import SettingError
from zoomdream.networks import EMBEDDED
from zoomdream.presets.canvas import Canvas
from zoomdream.presets.fields.common import PathText, PictureText, Section, SoundText, as_validator, sentence, zero_time
from zoomdream.presets.fields.formulas import is_keyframe_text
from zoomdream.presets.fields.layers import Layers
from zoomdream.presets.fields.loops import LoopChoice, refuse_switch
from zoomdream.presets.fields.networks import Networks, refuse_two_ways
from zoomdream.presets.fields.palettes import Palettes
from zoomdream.presets.fields.tracks import track_of, value_of
from zoomdream.schedule.clock import BeatGrid, Time
from zoomdream.schedule.tracks import AnyTrack
from zoomdream.settings import (
    CameraSettings,
    CarrySettings,
    ColorSettings,
    DreamSettings,
    FocusSettings,
    OutputSettings,
)


def _parse_bpm(value: object) -> Fraction:
    if isinstance(value, dict | list) or (isinstance(value, str) and is_keyframe_text(value)):
        raise SettingError("the tempo of a film cannot change yet: write one number, such as bpm: 120")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 1000:
        raise SettingError(f"{value!r:.40} is no tempo: write beats per minute, a number from 1 to 1000")
    return Fraction(str(value))


def _parse_offset(value: object) -> Time:
    time = Time.parse(value)
    if time.unit != "s":
        raise SettingError(f"{time.text} is no time of the first beat: write seconds, such as 250ms or 1.5s")
    return time


class DreamSection(Section):
    __doc__ = DreamSettings.__doc__

    layers: Layers
    octaves: Annotated[AnyTrack, track_of(DreamSettings, "octaves")]
    octave_scale: Annotated[AnyTrack, track_of(DreamSettings, "octave_scale")]
    steps: Annotated[AnyTrack, track_of(DreamSettings, "steps")]
    step_size: Annotated[AnyTrack, track_of(DreamSettings, "step_size")]
    jitter: Annotated[AnyTrack, track_of(DreamSettings, "jitter")]
    objective: Annotated[str, value_of(DreamSettings, "objective")]
    natural_color: Annotated[AnyTrack, track_of(DreamSettings, "natural_color")]
    smoothing: Annotated[AnyTrack, track_of(DreamSettings, "smoothing")]
    laplacian: Annotated[AnyTrack, track_of(DreamSettings, "laplacian")]
    chroma: Annotated[AnyTrack, track_of(DreamSettings, "chroma")]
    headroom: Annotated[AnyTrack, track_of(DreamSettings, "headroom")]
    octave_blur: Annotated[AnyTrack, track_of(DreamSettings, "octave_blur")]
    octave_blend: Annotated[AnyTrack, track_of(DreamSettings, "octave_blend")]
    source_pull: Annotated[AnyTrack, track_of(DreamSettings, "source_pull")]
    schedule: Annotated[str, value_of(DreamSettings, "schedule")]


class FocusSection(Section):
    __doc__ = FocusSettings.__doc__

    calm: Annotated[AnyTrack, track_of(FocusSettings, "calm")]
    by: Annotated[str, value_of(FocusSettings, "by")]
    at: Annotated[AnyTrack, track_of(FocusSettings, "at")]
    radius: Annotated[AnyTrack, track_of(FocusSettings, "radius")]
    rim: Annotated[AnyTrack, track_of(FocusSettings, "rim")]


class CameraSection(Section):
    __doc__ = CameraSettings.__doc__

    zoom: Annotated[AnyTrack, track_of(CameraSettings, "zoom")]
    rotate: Annotated[AnyTrack, track_of(CameraSettings, "rotate")]
    pan: Annotated[AnyTrack, track_of(CameraSettings, "pan")]
    center: Annotated[AnyTrack, track_of(CameraSettings, "center")]
    yaw: Annotated[AnyTrack, track_of(CameraSettings, "yaw")]
    pitch: Annotated[AnyTrack, track_of(CameraSettings, "pitch")]
    tilt: Annotated[AnyTrack, track_of(CameraSettings, "tilt")]
    fov: Annotated[AnyTrack, track_of(CameraSettings, "fov")]
    flip_theta: Annotated[AnyTrack, track_of(CameraSettings, "flip_theta")]
    flip_phi: Annotated[AnyTrack, track_of(CameraSettings, "flip_phi")]
    flip_gamma: Annotated[AnyTrack, track_of(CameraSettings, "flip_gamma")]
    flip_fv: Annotated[AnyTrack, track_of(CameraSettings, "flip_fv")]
    shake: Annotated[AnyTrack, track_of(CameraSettings, "shake")]
    shake_frequency: Annotated[AnyTrack, track_of(CameraSettings, "shake_frequency")]
    symmetry: Annotated[AnyTrack, track_of(CameraSettings, "symmetry")]
    mirror: Annotated[str, value_of(CameraSettings, "mirror")]
    border: Annotated[str, value_of(CameraSettings, "border")]


class ColorSection(Section):
    __doc__ = ColorSettings.__doc__

    coherence: Annotated[AnyTrack, track_of(ColorSettings, "coherence")]
    texture: Annotated[AnyTrack, track_of(ColorSettings, "texture")]
    palette: Palettes | None = None


class CarrySection(Section):
    __doc__ = CarrySettings.__doc__

    strength: Annotated[AnyTrack, track_of(CarrySettings, "strength")]
    steps: Annotated[AnyTrack, track_of(CarrySettings, "steps")]
    step_scale: Annotated[AnyTrack, track_of(CarrySettings, "step_scale")]
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
    reverse: Annotated[bool, value_of(OutputSettings, "reverse")]
    pingpong: Annotated[bool, value_of(OutputSettings, "pingpong")]
    audio: Annotated[str, value_of(OutputSettings, "audio")]
    audio_track: Annotated[int | None, value_of(OutputSettings, "audio_track")]

    @model_validator(mode="before")
    @classmethod
    def _check_loop(cls, data: object) -> object:
        return refuse_switch(cls.__name__, data)


class AudioSection(Section):
    """The sound that tracks follow."""

    file: Annotated[
        SoundText | None,
        Field(
            description="A sound or film file, relative to this file, or sample:NAME; unset: the video's own sound. It "
            "is laid under the film unless output.audio says otherwise"
        ),
    ] = None
    track: Annotated[
        int | None,
        Field(ge=1, le=999, description="Which of the file's sound tracks, from 1; unset: its default one"),
    ] = None


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _check_version(value: object) -> object:
    if type(value) is not int or value != 1:
        raise sentence(f"version {str(value).lower()} of the preset format is unknown: write zoomdream: 1")
    return value


class PresetModel(Section, title="Preset"):
    """A film, described for zoomdream render."""

    zoomdream: Annotated[Literal[1], BeforeValidator(_check_version), Field(description="Version of the preset format")]
    extends: Annotated[
        str | list[str] | None,
        Field(description="A preset, or several, whose values count where this one has none: files or shipped names"),
    ] = None
    source: Annotated[
        PictureText,
        Field(
            description="A photo, a video, a folder of pictures, sample:NAME, or noise; paths are relative to this file"
        ),
    ]
    bpm: Annotated[
        Fraction | None,
        PlainValidator(as_validator(_parse_bpm)),
        WithJsonSchema({"type": "number", "minimum": 1, "maximum": 1000}),
        Field(description="Beats per minute: times may be in beats and bars, 4b and 2bar"),
    ] = None
    beat_offset: Annotated[
        Time,
        PlainValidator(as_validator(_parse_offset)),
        WithJsonSchema({"type": ["string", "integer"], "default": 0}),
        Field(description="The time of the first beat", default_factory=zero_time),
    ]
    beats_per_bar: Annotated[int, Field(ge=1, le=64, description="Beats in a bar")] = 4
    canvas: Annotated[Canvas, Field(description="The film's frame and length", default_factory=Canvas.of_defaults)]
    loop: Annotated[
        LoopChoice, Field(description="Whether a film from a picture ends in its own beginning, without a seam")
    ] = None
    seed: Annotated[int, Field(ge=0, le=2**63 - 1, description="Another seed, another film")] = 0
    network: Annotated[str, Field(min_length=1, description="Which network dreams")] = EMBEDDED
    networks: Annotated[
        Networks | None,
        Field(description="Several, instead of network: NAME/LAYER is a layer of one of them, LAYER of the first"),
    ] = None
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
    focus: Annotated[FocusSection, Field(default_factory=FocusSection.of_defaults)]
    camera: Annotated[CameraSection, Field(default_factory=CameraSection.of_defaults)]
    color: Annotated[ColorSection, Field(default_factory=ColorSection.of_defaults)]
    carry: Annotated[CarrySection, Field(default_factory=CarrySection.of_defaults)]
    audio: Annotated[AudioSection, Field(default_factory=AudioSection.of_defaults)]
    output: Annotated[OutputSection, Field(default_factory=OutputSection.of_defaults)]

    @field_validator("beat_offset")
    @classmethod
    def _check_offset(cls, offset: Time, info: ValidationInfo) -> Time:
        if "bpm" in info.data and info.data["bpm"] is None:
            raise sentence("there is no tempo whose first beat this would be: write bpm: 120 beside it")
        return offset

    @model_validator(mode="before")
    @classmethod
    def _check_networks(cls, data: object) -> object:
        return refuse_two_ways(cls.__name__, data)

    @property
    def beats(self) -> BeatGrid | None:
        """The tempo, where there is one."""
        return BeatGrid(self.bpm, self.beat_offset.amount, self.beats_per_bar) if self.bpm else None

    def timeline_sections(self) -> Mapping[str, Mapping[str, object]]:
        """The tracks and constants that are written, by section and key, as `Timeline` takes them; without layers and
        palette."""
        dream, color = self.dream.written(), self.color.written()
        return {
            "dream": {name: value for name, value in dream.items() if name != "layers"},
            "focus": self.focus.written(),
            "camera": self.camera.written(),
            "color": {name: value for name, value in color.items() if name != "palette"},
            "carry": self.carry.written(),
        }
