"""How a frame that is too large for memory is cut into tiles, each seen with a margin so that no seam shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from zoomdream.images.frame import Size

Box = tuple[int, int, int, int]
"""left, top, width, height, in pixels."""


@dataclass(frozen=True)
class Tiling:
    """How a frame is cut: into tiles of `side` pixels, each seen with `margin` pixels more on every side.

    Both are multiples of `stride`, the network's at the deepest layer, so that the places of a tile's maps are places
    of the frame's. `limitations` say in words where the dream differs from one of the whole frame at once.
    """

    side: int
    margin: int
    stride: int
    limitations: tuple[str, ...] = ()

    @property
    def warning(self) -> str:
        """What a user should know: the tiles, how much more work they are, and their limitations."""
        tiles = f"the gradient is put together from tiles of {self.side} pixels with a margin of {self.margin}"
        work = (self.window / self.side) ** 2
        cost = f", {work:.0f} times the work of one piece" if work >= 2 else ""
        return "; ".join((f"{tiles}{cost}", *self.limitations))

    @property
    def label(self) -> str:
        """In a few words, for a film's or a picture's metadata: `tiles of 320+96`."""
        return f"tiles of {self.side}+{self.margin}"

    @property
    def window(self) -> int:
        """Side in pixels of a tile with its margins, which is what the network runs on."""
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
