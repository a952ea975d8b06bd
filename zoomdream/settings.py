"""The settings of one frame, of an output and of a picture from noise: frozen, and validated by their constructors.

Each default, range and help text is written once, here: presets, the command line and the JSON schema take them from
the fields. A film's preset can give every number a track over time (`schedule.tracks`); the pipeline takes one of these
values for each frame. Scripts construct them directly: `DreamSettings(octaves=4, steps=10)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zoomdream.errors import SettingError

Pair = tuple[float, float]

Fit = Literal["fill", "fit"]
"""How a picture meets a canvas of another shape: "fill" crops what sticks out, "fit" shows all of it."""

Deinterlace = Literal["auto", "off"]
"""Whether interlaced frames are deinterlaced ("auto") or left with both of their instants ("off")."""


Border = Literal["continue", "reflect", "wrap", "replicate", "mirror-tile"]
"""What a camera shows beyond the frame: noise in its colors and texture, its reflection, its other side, its outermost
pixels, or mirror images of it, in mirrors that move along with the picture."""


class Settings(BaseModel):
    """Base: frozen, no unknown fields, no nan or infinity. Raises SettingError."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            reason = self._range(str(first["loc"][0])) or first["msg"].removeprefix("Input ")
            raise SettingError(f"{where} is {first.get('input')!r}: it {reason}") from None

    @classmethod
    def _range(cls, name: str) -> str:
        """The range of a number in words: `must be a whole number from 1 to 16`; empty without two bounds."""
        field = cls.model_fields.get(name)
        bounds = field.metadata if field else []
        named = [(limit, bound) for bound in bounds for limit in ("ge", "gt", "le") if hasattr(bound, limit)]
        limits = {limit: getattr(bound, limit) for limit, bound in named}
        low = f"from {limits['ge']}" if "ge" in limits else f"over {limits['gt']}" if "gt" in limits else ""
        if field is None or not low or "le" not in limits:
            return ""
        return f"must be a {'whole number' if field.annotation is int else 'number'} {low} to {limits['le']}"


class DreamSettings(Settings):
    """How one frame is dreamed: gradient ascent over octaves."""

    octaves: Annotated[int, Field(ge=1, le=16, description="Number of scales, from small to the frame's own")] = 3
    octave_scale: Annotated[float, Field(gt=1, le=4, description="An octave's size over the next smaller one's")] = 1.4
    steps: Annotated[int, Field(ge=0, le=2000, description="Ascent steps per octave and frame")] = 4
    step_size: Annotated[
        float, Field(ge=0, le=1, description="Mean change of a channel value in one step; the range is 0 to 1")
    ] = 0.02
    jitter: Annotated[int, Field(ge=0, le=512, description="Largest random shift before a step, in pixels")] = 32
    objective: Annotated[
        Literal["l2", "mean"],
        Field(description="What is amplified of a layer: its energy (l2) or its mean before the ReLU (mean)"),
    ] = "l2"
    natural_color: Annotated[
        float, Field(ge=0, le=1, description="0: gradients as they come (neon); 1: ImageNet's correlation of colors")
    ] = 1.0
    smoothing: Annotated[
        float, Field(ge=0, le=16, description="Sigma in pixels of the Gaussian cascade over the gradient; 0: off")
    ] = 0.0
    laplacian: Annotated[
        int, Field(ge=0, le=8, description="Bands of the gradient's Laplacian pyramid made equally strong; 0: off")
    ] = 0
    chroma: Annotated[
        float,
        Field(ge=0, le=4, description="How much a step changes colors beside brightness; 0: brightness alone, 1: all"),
    ] = 1.0
    headroom: Annotated[
        float,
        Field(
            ge=0,
            le=0.5,
            description="How far from black and white a step begins to shrink, so that values do not clip; 0: at once",
        ),
    ] = 0.0
    octave_blur: Annotated[
        float, Field(ge=0, le=16, description="Sigma in pixels of a blur of the picture before each octave; 0: off")
    ] = 0.0
    octave_blend: Annotated[
        float, Field(ge=0, le=1, description="Share of an octave's dream that is passed on to the next; 1: all")
    ] = 1.0
    source_pull: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="In a film from a photo: share by which each frame is drawn back to the photo, as the camera "
            "sees it by then, before it is dreamed",
        ),
    ] = 0.0
    schedule: Annotated[
        Literal["every-frame", "amortized"],
        Field(
            description="every-frame: each frame of a film takes all its steps; amortized: one that stands for them, "
            "with a momentum that comes along from frame to frame"
        ),
    ] = "every-frame"


STILL_SETTINGS = tuple(name for name in DreamSettings.model_fields if name not in ("schedule", "source_pull"))
"""The settings of a still's dream: it has no other frames."""

STILL_DEFAULTS: Mapping[str, Any] = {"octaves": 4, "steps": 20, "step_size": 0.015, "smoothing": 0.5}
"""How a still's `DreamSettings` differ from a film's: it takes more steps, since no earlier frame has been dreamed."""


class FocusSettings(Settings):
    """Where a frame is dreamed, and where it stays calm."""

    calm: Annotated[
        float,
        Field(ge=0, le=1, description="How much less is dreamed outside of the focus; 0: everywhere alike, 1: nothing"),
    ] = 0.0
    by: Annotated[
        Literal["spot", "saliency"],
        Field(description="spot: the focus is around `at`; saliency: where the picture that is dreamed on stands out"),
    ] = "spot"
    at: Annotated[Pair, Field(description="The middle of the spot, in fractions of the frame: right, down")] = (
        0.5,
        0.5,
    )
    radius: Annotated[
        float,
        Field(gt=0, le=4, description="Where the spot has faded to a half, in fractions of the frame's shorter side"),
    ] = 0.4
    rim: Annotated[
        float,
        Field(
            ge=0,
            le=8,
            description="How much more is dreamed where a camera that zooms out or turns has just come to look beyond "
            "the frame; 0: as elsewhere",
        ),
    ] = 0.0


class CameraSettings(Settings):
    """How the camera moves. Rates are per second, so that a film looks alike at any frame rate."""

    zoom: Annotated[float, Field(ge=0.01, le=100, description="Magnification per second; 1 stands still")] = 1.0
    rotate: Annotated[float, Field(ge=-3600, le=3600, description="Degrees per second, counter-clockwise")] = 0.0
    pan: Annotated[Pair, Field(description="Fractions of the frame that the camera travels a second: right, down")] = (
        0.0,
        0.0,
    )
    center: Annotated[
        Pair, Field(description="The fixed point of zoom, rotation and flip, in fractions of the frame")
    ] = (
        0.5,
        0.5,
    )
    yaw: Annotated[float, Field(ge=-3600, le=3600, description="Degrees per second that the camera turns right")] = 0.0
    pitch: Annotated[float, Field(ge=-3600, le=3600, description="Degrees per second that the camera turns up")] = 0.0
    tilt: Annotated[Pair, Field(description="Where the camera looks, beside all turns: degrees up, to the right")] = (
        0.0,
        0.0,
    )
    fov: Annotated[
        float, Field(ge=5, le=160, description="Field of view across the frame's width, in degrees: for turns in depth")
    ] = 60.0
    flip_theta: Annotated[
        float, Field(ge=-3600, le=3600, description="Perspective flip: degrees per second in the plane, clockwise")
    ] = 0.0
    flip_phi: Annotated[
        float, Field(ge=-3600, le=3600, description="Perspective flip: degrees per second about the horizontal axis")
    ] = 0.0
    flip_gamma: Annotated[
        float, Field(ge=-3600, le=3600, description="Perspective flip: degrees per second about the vertical axis")
    ] = 0.0
    flip_fv: Annotated[
        float, Field(ge=5, le=160, description="Perspective flip: field of view across the diagonal, in degrees")
    ] = 53.0
    shake: Annotated[
        Pair, Field(description="How far the camera shakes: fractions of the frame's width, and degrees of rotation")
    ] = (0.0, 0.0)
    shake_frequency: Annotated[float, Field(ge=0, le=60, description="How fast the camera shakes, in hertz")] = 1.0
    symmetry: Annotated[
        int,
        Field(ge=1, le=64, description="Kaleidoscope: how often the picture is repeated around center, with mirrors"),
    ] = 1
    mirror: Annotated[
        Literal["none", "left-right", "top-bottom"],
        Field(description="One mirror through center, where symmetry is 1: the left or the upper half is seen twice"),
    ] = "none"
    border: Annotated[
        Border,
        Field(
            description="What is seen beyond the frame: noise in its colors and texture (over a video its reflection), "
            "its reflection, its other side, its outermost pixels, or the picture repeated in mirrors"
        ),
    ] = "continue"


class ColorSettings(Settings):
    """How strongly colors are kept near the reference."""

    coherence: Annotated[
        float, Field(ge=0, le=1, description="Share by which each frame's colors are drawn back to the reference's")
    ] = 0.0
    texture: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Share by which contrast over that of photographs is taken back, octave by octave, so that "
            "nothing gets gritty; outside of the focus less is left",
        ),
    ] = 0.0


class PaletteSettings(Settings):
    """The colors that frames are drawn to in place of their own: mean and standard deviation in L*a*b*."""

    share: Annotated[
        float, Field(ge=0, le=1, description="How far they count; 0: the film's own colors, 1: these alone")
    ] = 0.0
    lightness: Annotated[Pair, Field(description="Of L*, from 0 to 100")] = (50.0, 20.0)
    green_red: Annotated[Pair, Field(description="Of a*: below 0 green, above 0 red")] = (0.0, 8.0)
    blue_yellow: Annotated[Pair, Field(description="Of b*: below 0 blue, above 0 yellow")] = (0.0, 10.0)


class CarrySettings(Settings):
    """How the dream of one video frame is carried to the next."""

    strength: Annotated[
        float, Field(ge=0, le=1, description="Share of the last dream that is carried along; 0: every frame alone")
    ] = 0.95
    steps: Annotated[
        int, Field(ge=0, le=2000, description="Ascent steps per octave of a carried frame; a shot's first has dream's")
    ] = 2
    step_scale: Annotated[
        float, Field(ge=0, le=1000, description="A carried frame's step size, as a multiple of dream's")
    ] = 1.0
    flow: Annotated[
        Literal["fast", "medium", "fine", "farneback", "raft"],
        Field(description="Optical flow: DIS in three qualities, Farneback, or RAFT, whose weights are downloaded"),
    ] = "medium"
    cuts: Annotated[
        Literal["reset", "fade", "ignore"],
        Field(description="At a cut: dream anew, let the dream grow anew, or carry on regardless"),
    ] = "reset"


class OutputSettings(Settings):
    """How the film is written."""

    codec: Annotated[
        Literal[
            "auto",
            "h264",
            "h265",
            "vp9",
            "av1",
            "prores",
            "prores4444",
            "ffv1",
            "gif",
            "webp",
            "apng",
            "avif",
            "png",
            "y4m",
        ],
        Field(description="auto: the one that the output's suffix asks for"),
    ] = "auto"
    depth: Annotated[
        Literal[8, 10, 16] | None,
        Field(description="Bits a channel; unset: 10 for ProRes, 8 for the others"),
    ] = None
    encoder: Annotated[
        Literal["auto", "software", "hardware"],
        Field(description="hardware: an NVIDIA GPU's; auto: that one where the film is dreamed on one and it works"),
    ] = "auto"
    crf: Annotated[
        int | None, Field(ge=0, le=63, description="Constant rate factor, lower is finer; unset: the codec's own")
    ] = None
    speed: Annotated[
        Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"],
        Field(description="How long the encoder may search for a smaller file"),
    ] = "medium"
    loop: Annotated[
        int, Field(ge=0, le=65535, description="How often a GIF, WebP, APNG or AVIF plays; 0: for ever")
    ] = 0
    reverse: Annotated[bool, Field(description="The film runs backward: a zoom in becomes a zoom out")] = False
    pingpong: Annotated[bool, Field(description="The film runs there and back, and ends next to its first frame")] = (
        False
    )
    audio: Annotated[
        str, Field(min_length=1, description="source: the video's own sound; none; or a file, relative to the preset")
    ] = "source"
    audio_track: Annotated[
        int | None,
        Field(ge=1, le=999, description="Which of the file's sound tracks, from 1; unset: its default one"),
    ] = None


class VisualizeSettings(Settings):
    """How a picture is made from noise that shows what a channel, a neuron or a class looks for."""

    size: Annotated[int, Field(ge=32, le=2048, description="Side of the picture in pixels")] = 192
    steps: Annotated[int, Field(ge=1, le=10000, description="Steps of Adam")] = 256
    learning_rate: Annotated[float, Field(gt=0, le=1, description="Of Adam, at the beginning; it falls to a fifth")] = (
        0.06
    )
    decay: Annotated[
        float, Field(ge=0, le=3, description="How fast frequencies count less: 1/f to this power; more is smoother")
    ] = 1.5
    jitter: Annotated[float, Field(ge=0, le=512, description="Largest random move before a step, in pixels")] = 16.0
    scale: Annotated[float, Field(ge=0, le=1, description="Largest random zoom before a step, as a logarithm")] = 0.25
    rotate: Annotated[float, Field(ge=0, le=180, description="Largest random turn before a step, in degrees")] = 15.0
    noise: Annotated[float, Field(ge=0, le=1, description="Noise added before the first step; it fades to none")] = 0.1
    batch: Annotated[int, Field(ge=1, le=1024, description="How many pictures are made at once")] = 8
