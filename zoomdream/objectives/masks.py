"""Grayscale pictures that limit an objective to a region of the frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from zoomdream.images.frame import Frame, Size
from zoomdream.images.resample import fit, resize

DARKEST = 1 / 255  # of a mask's pixels that let anything through
_MOST_SIZES = 16  # of a mask, that are held at once


@dataclass(frozen=True, eq=False)
class Mask:
    """A grayscale picture, 1x3xHxW in [0, 1], that limits an objective to a region of the frame."""

    picture: Frame
    how: Literal["fill", "fit"] = "fill"
    _sizes: dict[tuple[Size, Size], Frame] = field(default_factory=dict, repr=False)

    def at(self, full: Size, size: Size) -> Frame:
        """1x1xhxw in [0, 1] for an octave of `size` of a frame of `full`: cropped as a source is, then resized."""
        if (full, size) not in self._sizes:
            if len(self._sizes) >= _MOST_SIZES:  # where the octaves' scale moves, every frame has sizes of its own
                self._sizes.pop(next(iter(self._sizes)))
            gray = fit(self.picture, full, self.how).mean(1, keepdim=True)
            self._sizes[full, size] = resize(gray, size).clamp(0, 1)
        return self._sizes[full, size]
