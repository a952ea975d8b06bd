"""How a frame that is too large for memory is cut into tiles, each seen with a margin so that no seam shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from zoomdream.images.frame import Size

Box = tuple[int, int, int, int]
"""left, top, width, height, in pixels."""


@dataclass(frozen=True)
class Tiling:
    """How a frame is cut: into tiles, each seen with `margin` pixels more on every side where the frame goes on.

    A tile with its margins is a window, which has no more pixels than a square of `window` pixels a side: that bounds
    the memory. A frame gets the rows and columns of tiles with which the windows have the fewest pixels together, and
    so the least work; a frame that is no larger than such a square is seen in one piece.
    All lengths are multiples of `stride`, the network's at the deepest layer, so that the places of a tile's maps are
    places of the frame's. `limitations` say in words where the dream differs from one of the whole frame at once.
    """

    side: int
    margin: int
    stride: int
    limitations: tuple[str, ...] = ()
    least: int = 1
    """Side in pixels that a window has at least, where the frame has it: the network needs so much."""

    def warning(self, size: Size) -> str:
        """What a user should know about a frame of `size`: its tiles, how much more work they are, the limitations."""
        width, height = (min(step, side) for step, side in zip(self._steps(size), size, strict=True))
        tiles = f"the gradient is put together from tiles of {width}x{height} pixels with a margin of {self.margin}"
        work = self.work(size)
        cost = f", {work:.1f} times the work of one piece" if work >= 1.5 else ""
        return "; ".join((f"{tiles}{cost}", *self.limitations))

    @property
    def label(self) -> str:
        """In a few words, for a film's or a picture's metadata: `tiles of 320+96`."""
        return f"tiles of {self.side}+{self.margin}"

    @property
    def window(self) -> int:
        """Side in pixels of the largest square window, which is what the network runs on."""
        return self.side + 2 * self.margin

    def holds(self, size: Size) -> bool:
        """Whether a frame of `size` (width, height) is seen in one piece."""
        return size[0] * size[1] <= self.window**2

    def grid(self, size: Size) -> tuple[int, int]:
        """How many columns and rows of tiles a frame of `size` (width, height) has."""
        across, down = self._steps(size)
        return -(-size[0] // across), -(-size[1] // down)

    def work(self, size: Size) -> float:
        """How many pixels the network sees for each pixel of a frame of `size`."""
        seen = sum(box[2] * box[3] for _, box in self.tiles(size))
        return seen / (size[0] * size[1])

    def largest_window(self, size: Size) -> Size:
        """(width, height) of the largest window that a frame of `size` can have."""
        across, down = self._steps(size)
        return self._longest(size[0], across), self._longest(size[1], down)

    def tiles(self, size: Size, offset: tuple[int, int] = (0, 0)) -> Iterator[tuple[Box, Box]]:
        """(tile, window) pairs that cover a frame of `size`.

        The inner borders of the grid are moved by `offset` (down, right): from 0, as far up or left as they go, to
        `side` - 1, as far down or right.
        """
        across, down = self._steps(size)
        for top, bottom in self._spans(size[1], down, offset[0]):
            for left, right in self._spans(size[0], across, offset[1]):
                x, width = self._with_margin(left, right, size[0])
                y, height = self._with_margin(top, bottom, size[1])
                yield (left, top, right - left, bottom - top), (x, y, width, height)

    def _spans(self, length: int, step: int, offset: int) -> Iterator[tuple[int, int]]:
        sway = self._sway(step)
        places = 2 * sway // self.stride + 1
        moved = offset * places // self.side * self.stride - sway
        borders = (number * step + moved for number in range(1, -(-length // step)))
        return pairwise((0, *(border for border in borders if 0 < border < length), length))

    def _with_margin(self, start: int, stop: int, length: int) -> tuple[int, int]:
        """Begin and length of a window, kept within the frame and no smaller than the network needs."""
        begin = max(0, min(start - self.margin, length - self._shortest) // self.stride * self.stride)
        end = min(length, max(stop + self.margin, begin + self._shortest))
        return begin, end - begin

    @property
    def _shortest(self) -> int:
        return max(self.least, self.stride + 2 * self.margin)

    def _sway(self, step: int) -> int:
        """How far the grid's inner borders move to either side, in pixels.

        Half of the margin is enough where a tile's gradient is the frame's, and costs hardly any memory. Where tiles
        differ from one another, their borders move all over the frame.
        """
        reach = step // 2 if self.limitations else self.margin // 2
        return max(self.stride, reach // self.stride * self.stride)

    def _longest(self, length: int, step: int) -> int:
        """The longest side that a window has along a side of the frame that is cut into `step`s."""
        if step >= length:
            return length
        beyond = 2 * self.margin if 2 * step < length else 0
        return min(length, max(self._shortest, step + max(beyond, self._sway(step) + self.margin)))

    def _steps(self, size: Size) -> Size:
        """Width and height of the tiles of a frame of `size`."""
        return _fewest_pixels(self, size)

    def _steps_along(self, length: int) -> Iterator[tuple[int, int]]:
        """(step, all windows' sides together) for each number of tiles along a side of the frame."""
        yield length, length
        last = length
        for count in range(2, length // self.stride + 2):
            step = -(-length // count // self.stride) * self.stride
            if step < last:
                yield step, length + 2 * self.margin * (-(-length // step) - 1)
            last = step


@lru_cache(maxsize=256)
def _fewest_pixels(tiling: Tiling, size: Size) -> Size:
    """The tiles' width and height with which the windows hold the fewest pixels, none more than a square window."""
    most = tiling.window**2
    rows = [(step, total, tiling._longest(size[1], step)) for step, total in tiling._steps_along(size[1])]
    best: tuple[int, Size] | None = None
    for across, total in tiling._steps_along(size[0]):
        wide = tiling._longest(size[0], across)
        down = next(((step, all_rows) for step, all_rows, high in rows if wide * high <= most), None)
        if down is not None and (best is None or total * down[1] < best[0]):
            best = total * down[1], (across, down[0])
    return best[1] if best else (tiling.side, tiling.side)
