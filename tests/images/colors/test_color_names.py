"""Colors as people write them."""

from __future__ import annotations

import pytest

from zoomdream.errors import SettingError
from zoomdream.images.colors.color_names import Color, color_text, parse_color


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("white", (255, 255, 255)),
        (" Tomato ", (255, 99, 71)),
        ("#102030", (16, 32, 48)),
        ("#fc0", (255, 204, 0)),
        ("rgb(1, 2, 3)", (1, 2, 3)),
        ("hsl(120, 100%, 50%)", (0, 255, 0)),
    ],
)
def test_colors(text: str, color: Color) -> None:
    assert parse_color(text) == color


@pytest.mark.parametrize("text", ["", "nocolor", "#12345", "#ff000080", "rgb(300, 0, 0)", "102030", 5, "x" * 500])
def test_what_is_no_color(text: object) -> None:
    with pytest.raises(SettingError, match=r"is no color: write a name such as white, or '#rrggbb' in hexadecimal"):
        parse_color(text)


def test_colors_in_messages() -> None:
    assert color_text((0, 0, 0)) == "black"
    assert color_text((255, 204, 0)) == "#ffcc00"
