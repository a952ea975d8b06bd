"""Pictures whose motion is known exactly."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from zoomdream.media import Pixels
from zoomdream.motion.optical_flow.flow import Field

TEXTURE_SIZE = (160, 112)


Positions = tuple[NDArray[np.float64], NDArray[np.float64]]


def grid(size: tuple[int, int] = TEXTURE_SIZE) -> Positions:
    """x and y of every pixel."""
    x, y = np.meshgrid(np.arange(size[0], dtype=float), np.arange(size[1], dtype=float))
    return x, y


def texture(x: NDArray[np.float64], y: NDArray[np.float64], seed: int = 0) -> Pixels:
    """Plane waves 7 to 30 pixels long on a brown: known between the pixels, so that it can move by any amount exactly.

    The channels wave nearly together: hues that jump everywhere with each step would count as a cut.
    """
    rng = np.random.default_rng(seed)
    total = np.zeros((*x.shape, 3))
    for _ in range(24):
        angle, length = rng.uniform(0, 2 * math.pi), rng.uniform(7, 30)
        along = (x * math.cos(angle) + y * math.sin(angle)) * 2 * math.pi / length + rng.uniform(0, 2 * math.pi)
        total += np.sin(along[..., None] + rng.uniform(-0.2, 0.2, 3))
    return ((160, 110, 70) + 9 * total).round().clip(0, 255).astype(np.uint8)


# Where the pixel at (x, y) was one frame earlier: the truth that a backward flow estimates.
def shifted_by_whole_pixels(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    return x + 3, y - 2


def shifted_by_part_of_a_pixel(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    return x - 1.5, y + 0.25


def turned(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    across, down, c, s = x - 79.5, y - 55.5, math.cos(math.radians(2)), math.sin(math.radians(2))
    return 79.5 + c * across - s * down, 55.5 + s * across + c * down


def zoomed(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    return 79.5 + (x - 79.5) / 1.03, 55.5 + (y - 55.5) / 1.03


MOTIONS = (shifted_by_whole_pixels, shifted_by_part_of_a_pixel, turned, zoomed)


def pair(motion: Callable[..., Positions]) -> tuple[Pixels, Pixels, Field]:
    """The frame before, the frame now, and the true backward flow."""
    x, y = grid()
    was_x, was_y = motion(x, y)
    return texture(x, y), texture(was_x, was_y), np.stack([was_x - x, was_y - y], -1).astype(np.float32)


def uniform(u: float, v: float = 0.0, size: tuple[int, int] = (40, 30)) -> Field:
    return np.full((size[1], size[0], 2), (u, v), np.float32)
