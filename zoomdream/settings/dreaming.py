"""How a picture is dreamed, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from zoomdream.settings.base import Pair, Settings


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
