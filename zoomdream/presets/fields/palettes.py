"""How a preset writes `color.palette`: a picture or colors, alone or over time.

`dusk.jpg`, `"#f4a261"`, `["#264653", "#e9c46a"]`, `{0s: source, 10s: dusk.jpg}` and
`[{at: 0s, palette: source, ease: in-out-sine}, {at: 10s, palette: "#102040"}]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from zoomdream.errors import SettingError
from zoomdream.presets.fields.common import EaseName, KeyframeSection, PictureText, TimeText, WrittenAs
from zoomdream.presets.fields.tracks import ONLY_TIMES
from zoomdream.schedule.clock import Time
from zoomdream.schedule.palettes import PaletteKeyframe, PaletteTrack, ReferenceColors

OWN_COLORS = "source"
"""The film's own colors, which it begins with."""

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def names_file(text: str) -> bool:
    """Whether a palette's text is a picture: no color, and not the film's own colors."""
    return text != OWN_COLORS and not text.startswith("#")


def _of_text(text: str) -> ReferenceColors | None:
    if text == OWN_COLORS:
        return None
    return _of_colors([text]) if text.startswith("#") else ReferenceColors(Path(text))


def _of_colors(colors: Iterable[str]) -> ReferenceColors:
    for color in colors:
        if not _COLOR.fullmatch(color):
            raise SettingError(f'{color!r:.40} is no color: write six hexadecimal digits in quotes, such as "#f4a261"')
    return ReferenceColors(colors=tuple(color.lower() for color in colors))


def _shape(value: object) -> str:
    return "<colors>" if isinstance(value, list) else "<text>"


PaletteText = Annotated[
    Annotated[ReferenceColors | None, WrittenAs(PictureText, _of_text), Tag("<text>")]
    | Annotated[
        ReferenceColors,
        WrittenAs(Annotated[list[str], Field(min_length=1, max_length=64)], _of_colors),
        Tag("<colors>"),
    ],
    Discriminator(_shape),
]
"""A picture, one color, several, or `source`."""


class PaletteAtTime(KeyframeSection):
    """Reference colors at a time."""

    at: TimeText
    palette: PaletteText
    ease: EaseName = "linear"


def _steady(reference: ReferenceColors | None) -> PaletteTrack:
    return PaletteTrack((PaletteKeyframe(Time.parse(0), reference),))


def _by_time(references: Mapping[Time, ReferenceColors | None]) -> PaletteTrack:
    return PaletteTrack(tuple(PaletteKeyframe(at, reference) for at, reference in references.items()))


def _of_keyframes(keyframes: Iterable[PaletteAtTime]) -> PaletteTrack:
    return PaletteTrack(tuple(PaletteKeyframe(each.at, each.palette, each.ease) for each in keyframes))


def _track_shape(value: object) -> str:
    if isinstance(value, list):
        return "<keyframes>" if any(isinstance(item, dict) for item in value) else "<value>"
    return "<times>" if isinstance(value, dict) else "<value>"


Palettes = Annotated[
    Annotated[PaletteTrack, WrittenAs(PaletteText, _steady), Tag("<value>")]
    | Annotated[PaletteTrack, WrittenAs(Annotated[dict[TimeText, PaletteText], ONLY_TIMES], _by_time), Tag("<times>")]
    | Annotated[
        PaletteTrack,
        WrittenAs(Annotated[list[PaletteAtTime], Field(min_length=1)], _of_keyframes),
        Tag("<keyframes>"),
    ],
    Discriminator(_track_shape),
    Field(
        description="Whose colors the film is drawn to: a picture, colors as #rrggbb, or source, its own; over time "
        "as other settings"
    ),
]
"""`color.palette`."""
