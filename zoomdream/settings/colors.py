"""The colors that frames keep."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from zoomdream.settings.base import Pair, Settings


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
