"""The part of a picture that a canvas shows: which pixels are decoded for it, and how they become the canvas.

What is scaled whole before it is cropped costs memory and time for pixels that nobody sees. A picture of a moderate
size for its canvas is brought to it by `resample.fit_frame`; this is for all others, and agrees with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from zoomdream.images.frame import Frame, Size
from zoomdream.images.sampling.resample import fitted_size
from zoomdream.settings import Fit

PictureFit = Fit | Literal["stretch"]
"""How a picture meets a canvas of another shape; "stretch" brings each side to the canvas's by itself."""

_LARGE = 4  # times the canvas's size: from here on, a picture is reduced before it is resampled
_LEFT = 2  # times the canvas's size that is left then
_MOSTLY_HIDDEN = 1 / 4  # of the scaled picture: where less is seen, it is cropped first
_SUPPORT = 2  # of the Catmull-Rom kernel, to both sides


@dataclass(frozen=True)
class Side:
    """One side of a picture, as a canvas shows it."""

    length: int
    """Of the whole picture, in pixels."""
    scaled: int
    """Of the whole picture in the canvas's scale, in pixels."""
    shown: range
    """Which of the scaled pixels the canvas shows."""

    @classmethod
    def of(cls, length: int, scaled: int, canvas: int) -> Side:
        """A side that is scaled and centered on a canvas's side."""
        first = max(0, (scaled - canvas) // 2)
        return cls(length, scaled, range(first, first + min(scaled, canvas)))

    @property
    def ratio(self) -> float:
        """The picture's pixels for each of the canvas."""
        return self.length / self.scaled

    def mirrored(self) -> Side:
        """The same side counted from its other end."""
        return Side(self.length, self.scaled, range(self.scaled - self.shown.stop, self.scaled - self.shown.start))

    def read(self, factor: int) -> range:
        """The picture's pixels that the shown ones are made from where it is reduced by `factor`: whole blocks."""
        reach = _SUPPORT * max(self.ratio, factor) + factor
        first = max(0, math.floor(self.shown.start * self.ratio - reach)) // factor * factor
        last = math.ceil((self.shown.stop * self.ratio + reach) / factor) * factor
        return range(first, min(self.length, last))


@dataclass(frozen=True)
class Part:
    """What is read of a picture for a canvas, along the file's columns and rows."""

    columns: Side
    rows: Side
    factor: int
    """By which both sides are reduced before they are resampled."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """What is decoded: left, top, right, bottom in the picture's pixels."""
        columns, rows = self.columns.read(self.factor), self.rows.read(self.factor)
        return columns.start, rows.start, columns.stop, rows.stop

    def resample(self, pixels: Frame) -> Frame:
        """What the canvas shows, from the frame of `box` reduced by `factor`. Not clamped."""
        left, top, _, _ = self.box
        # First the side that loses more: the other then has less to do.
        frame = _resample(pixels, -2, self.rows, top, self.factor)
        return _resample(frame, -1, self.columns, left, self.factor)


def needed_part(size: Size, canvas: Size, fit: PictureFit, *, mirrored: tuple[bool, bool]) -> Part | None:
    """What is read of a picture of `size` (width, height) for a canvas; None where it is of a moderate size for it.

    `mirrored` says of columns and rows whether the file stores them from the end that the canvas shows last.
    """
    scaled = canvas if fit == "stretch" else fitted_size(size, canvas, fit)
    columns, rows = (Side.of(*sides) for sides in zip(size, scaled, canvas, strict=True))
    least = min(columns.ratio, rows.ratio)
    factor = int(least / _LEFT) if least >= _LARGE else 1
    seen = len(columns.shown) * len(rows.shown) / (scaled[0] * scaled[1])
    if factor == 1 and seen >= _MOSTLY_HIDDEN:
        return None
    across, down = mirrored
    return Part(columns.mirrored() if across else columns, rows.mirrored() if down else rows, factor)


def _resample(frame: Frame, dim: int, side: Side, first: int, factor: int) -> Frame:
    """Resample one side as `resample.resize` does: Catmull-Rom, widened where it shrinks, cut off at the border.

    `frame` begins at the picture's pixel `first`, and each of its pixels is the mean of `factor`.
    """
    count = frame.shape[dim]
    centers = ((np.array(side.shown) + 0.5) * side.ratio - first) / factor
    stretch = max(side.ratio / factor, 1.0)
    lows = np.maximum(np.floor(centers - _SUPPORT * stretch + 0.5), 0).astype(np.int64)
    index = lows[:, None] + np.arange(math.ceil(2 * _SUPPORT * stretch) + 1)
    weights = np.where(index < count, _catmull_rom((index + 0.5 - centers[:, None]) / stretch), 0)
    weights = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    index = index.clip(0, count - 1)
    shape = [-1 if axis == dim % frame.ndim else 1 for axis in range(frame.ndim)]
    result = torch.zeros(())
    for tap in range(index.shape[1]):
        values = frame.index_select(dim, torch.from_numpy(index[:, tap]))
        result = result + values.mul_(torch.from_numpy(weights[:, tap]).view(shape))
    return result


def _catmull_rom(x: np.ndarray) -> np.ndarray:
    """The cubic kernel with a = -0.5 (Keys 1981)."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < _SUPPORT, far, 0.0))
