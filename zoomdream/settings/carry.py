"""How a dream is carried over a video."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from zoomdream.settings.base import Settings


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
