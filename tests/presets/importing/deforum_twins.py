"""Deforum's movements of a picture, written down once more in plain steps over NumPy."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Motion = Mapping[str, float]


def place_in_plane(motion: Motion, center: tuple[float, float], points: Array) -> Array:
    """The 2D mode: where pixels (rows of x, y) come from. `center` is in pixels."""
    angle, zoom, (x, y) = math.radians(motion.get("angle", 0)), motion.get("zoom", 1), center
    a, b = zoom * math.cos(angle), zoom * math.sin(angle)  # as cv2.getRotationMatrix2D, whose center has 32 bits
    turn = np.array([[a, b, (1 - a) * x - b * y], [-b, a, b * x + (1 - a) * y], [0, 0, 1]])
    move = np.array([[1, 0, motion.get("translation_x", 0)], [0, 1, motion.get("translation_y", 0)], [0, 0, 1]])
    forward = turn @ move
    places = np.linalg.inv(forward) @ np.column_stack([points, np.ones(len(points))]).T
    return np.asarray(places[:2].T)


def place_in_depth(motion: Motion, fov: float, aspect: float, size: tuple[int, int], points: Array) -> Array:
    """The 3D mode without a depth map: where pixels come from."""
    size_array = np.array(size, float)
    grid = (2 * points + 1) / size_array - 1
    shift = np.array([-motion.get("translation_x", 0), motion.get("translation_y", 0), -motion.get("translation_z", 0)])
    world = np.column_stack([grid, np.ones(len(grid))])
    moved = world @ _rotation(motion) + shift / 200
    change = _seen(moved, fov, aspect) - _seen(world, fov, aspect)
    return np.asarray((grid - change + 1) * size_array / 2 - 0.5)


def _seen(points: Array, fov: float, aspect: float) -> Array:
    scale = 1 / math.tan(math.radians(fov) / 2)
    return np.asarray(points[:, :2] * [scale / aspect, scale] / points[:, 2:])


def _rotation(motion: Motion) -> Array:
    """By Euler angles about x, then y, then z, for rows of points."""
    x, y, z = (math.radians(motion.get(f"rotation_3d_{axis}", 0)) for axis in "xyz")
    about_x = np.array([[1, 0, 0], [0, math.cos(x), -math.sin(x)], [0, math.sin(x), math.cos(x)]])
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_z = np.array([[math.cos(z), -math.sin(z), 0], [math.sin(z), math.cos(z), 0], [0, 0, 1]])
    return np.asarray(about_x @ about_y @ about_z)
