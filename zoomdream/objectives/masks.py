"""Grayscale pictures that limit an objective to a region of the frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from zoomdream.images.frame import Frame, Size
from zoomdream.images.sampling.resample import fit_frame, resize
from zoomdream.settings import Fit

DARKEST = 1 / 255
"""A pixel of a mask that is darker lets nothing through."""

_MOST_SIZES = 16  # at which a mask is kept


@dataclass(frozen=True, eq=False)
class Mask:
    """A grayscale picture, 1x3xHxW in [0, 1], that limits an objective to a region of the frame.

    `fit` is how it meets a frame of another shape: "fill" crops it, "fit" shows all of it.
    """

    picture: Frame
    fit: Fit = "fill"
    file_size: Size | None = None
    """(width, height) of its file, of which `picture` may be a smaller copy; None: the picture's own."""
    # Not a field of the constructor: `replace` would hand one mask's sizes to another.
    _sizes: dict[tuple[Size, Size], Frame] = field(default_factory=dict, init=False, repr=False)

    def at(self, full: Size, size: Size) -> Frame:
        """1x1xhxw in [0, 1] for an octave of `size` of a frame of `full`: cropped as a source is, then resized."""
        if (full, size) not in self._sizes:
            if len(self._sizes) >= _MOST_SIZES:  # where the octaves' scale moves, every frame has sizes of its own
                self._sizes.pop(next(iter(self._sizes)))
            gray = fit_frame(self.picture, full, self.fit).mean(1, keepdim=True)
            self._sizes[full, size] = resize(gray, size).clamp(0, 1)
        return self._sizes[full, size]


@dataclass(frozen=True, eq=False)
class DrawnMask:
    """What limits an objective to a region in one frame of a film, drawn when it is first looked at."""

    draw: Callable[[Size], Frame]
    """1x1xHxW in [0, 1] for a whole frame of a (width, height)."""
    _drawn: dict[tuple[Size, Size], Frame] = field(default_factory=dict, init=False, repr=False)

    def at(self, full: Size, size: Size) -> Frame:
        """1x1xhxw in [0, 1] for an octave of `size` of a frame of `full`, as `Mask.at` gives it."""
        if (full, full) not in self._drawn:
            self._drawn[full, full] = self.draw(full)
        if (full, size) not in self._drawn:
            self._drawn[full, size] = resize(self._drawn[full, full], size).clamp(0, 1)
        return self._drawn[full, size]


AnyMask = Mask | DrawnMask
