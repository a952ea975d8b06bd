"""The size of a film whose preset names none, and of its previews; needs no torch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

_LEAST_SHARE = 0.75  # of the pixels that a size of a better shape may leave unused
_LIKE = 0.001  # part by which shapes may differ that count as equal

DEFAULT_SIZE = (640, 360)
"""(width, height) of a film from noise that does not name its size."""
LARGEST_DEFAULT_SIZE = (1280, 720)
"""(width, height) into which a film from a photo fits that does not name its size."""


def default_size(original: Size, largest: Size | None = None) -> Size:
    """A picture's own (width, height), or the largest of its shape within `largest`; even, as video wants it."""
    ratio = min(1.0, *(most / side for most, side in zip(largest or original, original, strict=True)))
    width, height = (max(2, round(side * ratio) // 2 * 2) for side in original)
    return width, height


def smaller_size(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    """(width, height) of the same shape with at most so many pixels, even, at least 16 a side."""
    ratio = min(1.0, math.sqrt(pixels / (size[0] * size[1])))
    width, height = (max(16, round(side * ratio / 2) * 2) for side in size)
    return width, height


def reduced_size(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    """(width, height), even, with at most so many pixels and no fewer than three quarters of them, whose shape is
    nearest to that of `size`, and the largest of these; `smaller_size` where there is none.
    """
    width, height = size
    if width * height <= pixels:
        return size
    sides = ((across, round(across * height / width / 2) * 2) for across in range(16, width, 2))
    fitting = [(w, h) for w, h in sides if h >= 16 and _LEAST_SHARE * pixels <= w * h <= pixels]
    return min(
        fitting,
        key=lambda each: (int(abs(math.log(each[0] * height / each[1] / width)) / _LIKE), -each[0]),
        default=smaller_size(size, pixels),
    )
