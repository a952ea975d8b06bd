"""How a camera moves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from zoomdream.settings.base import Pair, Settings

Border = Literal["continue", "reflect", "wrap", "replicate", "mirror-tile"]
"""What a camera shows beyond the frame: noise in its colors and texture, its reflection, its other side, its outermost
pixels, or mirror images of it, in mirrors that move along with the picture."""


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
