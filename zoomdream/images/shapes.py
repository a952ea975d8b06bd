"""Shapes drawn as gray pictures with smooth borders, and soft edges; all lengths in fractions of the frame."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.images.frame import Size

Gray = NDArray[np.float32]
"""HxW in [0, 1]."""

_PASSES = 3  # of a box filter, which together are nearly a Gaussian (Wells, 1986)
_LEAST_BOX = 2.0  # standard deviation in pixels under which boxes are too coarse


def draw_shape(shape: str, numbers: Sequence[float], size: Size) -> Gray:
    """A shape in a frame of `size` (width, height), white on black; a pixel on its border is gray.

    `circle`: x, y, radius, of the frame's width; `ellipse`: x, y, radius across, radius down; `box`: x, y, width,
    height. All are around their center `x`, `y`. Raises ValueError for another shape.
    """
    width, height = size
    x, y = numbers[0] * width, numbers[1] * height
    match shape:
        case "circle":
            return _ellipse(x, y, numbers[2] * width, numbers[2] * width, size)
        case "ellipse":
            return _ellipse(x, y, numbers[2] * width, numbers[3] * height, size)
        case "box":
            across, down = numbers[2] * width / 2, numbers[3] * height / 2
            columns, rows = _covered(x - across, x + across, width), _covered(y - down, y + down, height)
            return np.asarray(rows[:, np.newaxis] * columns, np.float32)
    raise ValueError(f"there is no shape {shape!r}")


def _covered(begin: float, end: float, count: int) -> NDArray[np.float64]:
    """The share of each of `count` pixels that lies between two positions."""
    pixels = np.arange(count)
    return np.asarray(np.clip(np.minimum(end, pixels + 1) - np.maximum(begin, pixels), 0, 1))


def _ellipse(x: float, y: float, across: float, down: float, size: Size) -> Gray:
    """An ellipse in pixels. The distance from its border is exact for a circle, and close for others near it."""
    width, height = size
    if across <= 0 or down <= 0:
        return np.zeros((height, width), np.float32)
    dx = (np.arange(width) + 0.5 - x)[np.newaxis]
    dy = (np.arange(height) + 0.5 - y)[:, np.newaxis]
    place = np.hypot(dx / across, dy / down)  # 1 on the border
    slope = np.hypot(dx / across**2, dy / down**2)
    inside = np.divide(place * (1 - place), slope, out=np.full((height, width), min(across, down)), where=slope > 0)
    return np.asarray(np.clip(inside + 0.5, 0, 1), np.float32)


def soften(gray: Gray, feather: float) -> Gray:
    """A gray picture with soft edges: black becomes white over about `feather` of the picture's width.

    Beyond its borders the picture goes on as it ends there, so that what reaches them stays whole. 0 returns the
    picture itself.
    """
    sigma = feather * gray.shape[1] / 4
    if sigma <= 0:
        return gray
    if sigma < _LEAST_BOX:
        return np.asarray(cv2.GaussianBlur(gray, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)
    for side in box_sides(sigma):
        gray = np.asarray(cv2.blur(gray, (side, side), borderType=cv2.BORDER_REPLICATE), np.float32)
    return np.asarray(np.clip(gray, 0, 1))


def box_sides(sigma: float) -> list[int]:
    """Odd sides in pixels of three boxes that together have nearly a Gaussian's standard deviation `sigma`."""
    ideal = math.sqrt(12 * sigma**2 / _PASSES + 1)
    low = int(ideal) - 1 if int(ideal) % 2 == 0 else int(ideal)
    few = round((12 * sigma**2 - _PASSES * low**2 - 4 * _PASSES * low - 3 * _PASSES) / (-4 * low - 4))
    return [low if number < few else low + 2 for number in range(_PASSES)]
