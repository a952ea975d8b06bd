"""Colors as people write them."""

from __future__ import annotations

from contextlib import suppress

from zoomdream.errors import SettingError

Color = tuple[int, int, int]
"""Red, green and blue in 0..255."""

BLACK: Color = (0, 0, 0)


def parse_color(text: object) -> Color:
    """A color from its CSS name, or from `#rrggbb`, `#rgb`, `rgb(...)` or `hsl(...)`. Raises SettingError."""
    from PIL import ImageColor

    values: tuple[int, ...] = ()
    with suppress(ValueError):  # said below, together with what is out of range
        values = ImageColor.getrgb(str(text).strip())
    if len(values) != 3 or not all(0 <= value <= 255 for value in values):
        shown = f"{str(text)[:40]!r}"
        raise SettingError(f"{shown} is no color: write a name such as white, or '#rrggbb' in hexadecimal")
    red, green, blue = values
    return red, green, blue


def color_text(color: Color) -> str:
    """A color for a message: `black`, or `#rrggbb`."""
    return "black" if color == BLACK else "#{:02x}{:02x}{:02x}".format(*color)
