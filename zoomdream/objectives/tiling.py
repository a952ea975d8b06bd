"""Frames too large for memory at once: windows with margins, whose gradients are put together without a seam."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from zoomdream.images.frame import Size

Box = tuple[int, int, int, int]
"""left, top, width, height, in pixels."""


@dataclass(frozen=True)
class Tiling:
    """How a frame is cut: tiles of `side` pixels, each seen with `margin` pixels more on every side.

    Both are multiples of `stride`, the network's at the deepest layer, so that a tile's maps fall on the frame's.
    `differences` say why the dream is another one than it would be in one piece.
    """

    side: int
    margin: int
    stride: int
    differences: tuple[str, ...] = ()

    @property
    def warning(self) -> str:
        """For people."""
        tiles = f"the gradient is put together from tiles of {self.side} pixels with a margin of {self.margin}"
        work = (self.window / self.side) ** 2
        cost = f", {work:.0f} times the work of one piece" if work >= 2 else ""
        return "; ".join((f"{tiles}{cost}", *self.differences))

    @property
    def short(self) -> str:
        """For metadata."""
        return f"tiles of {self.side}+{self.margin}"

    @property
    def window(self) -> int:
        """The side of what the network sees at once, in pixels."""
        return self.side + 2 * self.margin

    def tiles(self, size: Size, offset: tuple[int, int] = (0, 0)) -> Iterator[tuple[Box, Box]]:
        """(tile, window) pairs that cover a frame of `size`; the grid is moved by `offset` (down, right) pixels."""
        for top, bottom in self._spans(size[1], offset[0]):
            for left, right in self._spans(size[0], offset[1]):
                x, width = self._with_margin(left, right, size[0])
                y, height = self._with_margin(top, bottom, size[1])
                yield (left, top, right - left, bottom - top), (x, y, width, height)

    def _spans(self, length: int, offset: int) -> Iterator[tuple[int, int]]:
        first = offset // self.stride * self.stride % self.side
        inner = range(first, length, self.side)
        return pairwise(dict.fromkeys((0, *inner, length)))

    def _with_margin(self, start: int, stop: int, length: int) -> tuple[int, int]:
        """Begin and length of a window, kept within the frame and as long as an inner one's where the frame allows."""
        begin = max(0, min(start - self.margin, length - self.window) // self.stride * self.stride)
        end = min(length, max(stop + self.margin, begin + self.window))
        return begin, end - begin
