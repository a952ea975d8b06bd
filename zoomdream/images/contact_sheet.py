"""A contact sheet: frames in a grid with a label under each, and a title above.

Drawn with Pillow and the font that it carries (Aileron: Latin letters, digits, punctuation), so that a sheet looks the
same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zoomdream.errors import UsageError
from zoomdream.images.frame import Frame, Size, from_uint8, to_uint8
from zoomdream.images.sampling.resample import resize

MOST_PIXELS = 2**28  # 268 million, 0.8 GB while it is drawn; few programs open a larger picture

_BACKGROUND, _TITLE, _LABEL, _SUBTITLE = (20, 20, 22), (240, 240, 242), (196, 196, 200), (140, 140, 146)
_ASPECT = 1.5  # width over height that a sheet should have: about that of a screen or a landscape page
_ELLIPSIS = "…"
_SMALLEST_FONT = 11  # pixels; smaller letters cannot be read


@dataclass(frozen=True)
class Cell:
    """One picture of a sheet."""

    frame: Frame
    """Of any size."""
    label: str
    """Written under it."""


@dataclass(frozen=True)
class Layout:
    """Sizes and positions on a sheet; all lengths in pixels."""

    count: int
    """Number of pictures."""
    cell: Size
    """(width, height) of each picture."""
    columns: int

    @property
    def rows(self) -> int:
        """Rows of cells; the last may be short."""
        return math.ceil(self.count / self.columns)

    @property
    def label_size(self) -> int:
        """Height of the labels' font: legible at 100 %, but small beside the pictures."""
        return max(13, min(22, round(self.cell[0] / 13)))

    @property
    def title_size(self) -> int:
        """Height of the title's font."""
        return round(1.5 * self.label_size)

    @property
    def gap(self) -> int:
        """Space between two columns, and under a label."""
        return max(8, min(20, round(self.cell[0] / 20)))

    @property
    def margin(self) -> int:
        """Space around the sheet's contents."""
        return 2 * self.gap + self.label_size // 2

    @property
    def top(self) -> int:
        """Distance of the first row from the upper edge."""
        return self.margin + 2 * self.title_size

    @property
    def step(self) -> Size:
        """Distance from a cell's corner to that of the next column and of the next row."""
        return self.cell[0] + self.gap, self.cell[1] + round(1.6 * self.label_size) + self.gap

    @property
    def size(self) -> Size:
        """The sheet's (width, height)."""
        column_step, row_step = self.step
        width = max(self.columns * column_step - self.gap, 12 * self.title_size)  # room for a title over one picture
        return 2 * self.margin + width, self.top + self.rows * row_step - self.gap + self.margin

    def corner(self, index: int) -> tuple[int, int]:
        """The upper left corner of a cell's picture: x, y."""
        row, column = divmod(index, self.columns)
        return self.margin + column * self.step[0], self.top + row * self.step[1]


def lay_out(count: int, cell: Size, columns: int | None = None) -> Layout:
    """Lay out a sheet of `count` pictures of `cell` pixels (width, height) each.

    Without `columns`, as many as make the sheet a bit wider than high and leave few places empty.

    Raises UsageError when the sheet would have more than `MOST_PIXELS`.
    """
    layout = Layout(count, cell, min(columns, count) if columns else _columns(count, cell))
    width, height = layout.size
    if width * height > MOST_PIXELS:
        raise UsageError(
            f"a sheet of {count} pictures of {cell[0]}x{cell[1]} would be {width}x{height} pixels large: "
            f"take fewer pictures or smaller cells"
        )
    return layout


def _columns(count: int, cell: Size) -> int:
    def penalty(columns: int) -> float:
        layout = Layout(count, cell, columns)
        width, height = layout.size
        empty = 1 - count / (columns * layout.rows)
        return abs(math.log(width / height / _ASPECT)) + 2 * empty + (0.8 if empty else 0)

    return min(range(1, count + 1), key=penalty)


def scaled_to(size: Size, longest: int) -> Size:
    """The (width, height) with the shape of `size` whose longer side is `longest` pixels."""
    ratio = longest / max(size)
    return max(1, round(size[0] * ratio)), max(1, round(size[1] * ratio))


def draw_sheet(cells: Sequence[Cell], layout: Layout, title: str, subtitle: str = "") -> Frame:
    """Draw the cells, row by row.

    Args:
        cells: as many as the layout's `count`; frames of another size than its cells' are resampled to it.
        layout: from `lay_out`.
        title: above the cells, on the left.
        subtitle: beside the title, smaller. Texts that are too wide end in an ellipsis.

    Returns a frame of `layout.size`, on the CPU.
    """
    sheet = Image.new("RGB", layout.size, _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    _draw_heading(draw, layout, title, subtitle)
    font = label_font([cell.label for cell in cells], layout)
    for index, cell in enumerate(cells):
        x, y = layout.corner(index)
        sheet.paste(Image.fromarray(to_uint8(resize(cell.frame, layout.cell))), (x, y))
        baseline = y + layout.cell[1] + round(1.25 * layout.label_size)
        draw.text((x, baseline), shortened(cell.label, font, layout.cell[0]), _LABEL, font, anchor="ls")
    return from_uint8(np.array(sheet))


def label_font(labels: Sequence[str], layout: Layout) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The largest font in which every label is at most as wide as a cell; the smallest legible one where none is."""
    fonts = [ImageFont.load_default(size) for size in range(layout.label_size, _SMALLEST_FONT - 1, -1)]
    widest = ((font, max(map(font.getlength, labels), default=0)) for font in fonts)
    return next((font for font, width in widest if width <= layout.cell[0]), fonts[-1])


def _draw_heading(draw: ImageDraw.ImageDraw, layout: Layout, title: str, subtitle: str) -> None:
    large, small = ImageFont.load_default(layout.title_size), ImageFont.load_default(layout.label_size)
    room = layout.size[0] - 2 * layout.margin
    baseline = layout.margin + layout.title_size
    text = shortened(title, large, room)
    draw.text((layout.margin, baseline), text, _TITLE, large, anchor="ls")
    offset = math.ceil(large.getlength(text)) + layout.title_size
    if subtitle and room > offset:
        visible = shortened(subtitle, small, room - offset)
        draw.text((layout.margin + offset, baseline), visible, _SUBTITLE, small, anchor="ls")


def shortened(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """The text, cut off with an ellipsis where it would be wider than `width` pixels."""
    if font.getlength(text) <= width:
        return text
    lengths = range(len(text) - 1, 0, -1)
    length = next((n for n in lengths if font.getlength(text[:n].rstrip() + _ELLIPSIS) <= width), 0)
    return text[:length].rstrip() + _ELLIPSIS
