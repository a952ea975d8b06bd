"""Golden pictures: approved renders kept as PNGs, compared with a tolerance.

A picture is one or more frames of one size in a row. The comparison cannot be exact: processors and versions of PyTorch
round differently, and an ascent multiplies a difference by about 20 a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zoomdream.images.frame import Frame, to_uint8

Pixels = NDArray[np.uint8]

FOLDER = Path(__file__).parents[1] / "golden"
AMPLIFICATION = 8  # of the difference in the picture of a failure: 32 levels are white
PERCENTILE = 99


@dataclass(frozen=True)
class Difference:
    """How far two frames are apart, over pixels and channels, in levels of 255."""

    mean: float
    """The mean absolute difference."""
    high: float
    """The 99th percentile of the absolute difference."""

    @classmethod
    def between(cls, one: Pixels, other: Pixels) -> Difference:
        """The difference of two arrays of one shape."""
        levels = np.abs(one.astype(int) - other)
        return cls(float(levels.mean()), float(np.percentile(levels, PERCENTILE)))

    def within(self, tolerance: Difference) -> bool:
        """Whether neither number is above the tolerance's."""
        return self.mean <= tolerance.mean and self.high <= tolerance.high

    def __str__(self) -> str:
        return f"mean {self.mean:.2f}, {PERCENTILE}th percentile {self.high:.0f}"


@dataclass(frozen=True)
class GoldenPictures:
    """Compares frames with the PNG of a name in `folder`, or writes that PNG anew."""

    failures: Path
    """Where the picture of a failure is written: the test's own folder."""
    update: bool = False
    """Write what the test rendered as the new golden picture instead of comparing."""
    folder: Path = FOLDER

    def check(self, name: str, frames: Sequence[Frame], tolerance: Difference) -> None:
        """Compare each frame (1x3xHxW in [0, 1]) with its golden one.

        Raises AssertionError with the numbers and the path of a picture: expected, actual and their difference.
        """
        path = self.folder / f"{name}.png"
        actual = [to_uint8(frame) for frame in frames]
        if self.update:
            Image.fromarray(np.hstack(actual)).save(path, optimize=True)
            return
        assert path.exists(), f"{path} is missing: write it with pytest --update-golden"
        expected = np.array(Image.open(path).convert("RGB"))
        assert expected.shape == np.hstack(actual).shape, f"{path} has another size: {expected.shape[1::-1]}"
        differences = [
            Difference.between(one, other) for one, other in zip(np.hsplit(expected, len(actual)), actual, strict=True)
        ]
        worst = max(range(len(actual)), key=lambda frame: differences[frame].mean)
        if not all(difference.within(tolerance) for difference in differences):
            picture = self._draw_failure(name, expected, np.hstack(actual))
            raise AssertionError(
                f"{name}: frame {worst} differs from {path.name} by {differences[worst]} (allowed: {tolerance}); "
                f"expected, actual and difference x{AMPLIFICATION}: {picture}; if the new one is right: "
                f"pytest --update-golden"
            )

    def _draw_failure(self, name: str, expected: Pixels, actual: Pixels) -> Path:
        difference = np.clip(np.abs(expected.astype(int) - actual) * AMPLIFICATION, 0, 255).astype(np.uint8)
        rule = np.full((4, expected.shape[1], 3), 255, np.uint8)
        path = self.failures / f"{name}-expected-actual-difference.png"
        Image.fromarray(np.vstack([expected, rule, actual, rule, difference])).save(path)
        return path
