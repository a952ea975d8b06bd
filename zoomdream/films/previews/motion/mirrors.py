"""A kaleidoscope's mirrors before small pixels, by OpenCV: a tenth of the time of `motion.mirrors`, less exact."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from zoomdream.films.previews.motion.sources import SmallPixels

if TYPE_CHECKING:
    from zoomdream.motion.mirrors import Mirrors
    from zoomdream.motion.projection import Matrix


def mirrored_pixels(pixels: SmallPixels, mirrors: Mirrors) -> SmallPixels:
    """The picture as it is seen in the mirrors: see `motion.mirrors.mirrored`."""
    from zoomdream.motion.mirrors import shown_sector

    height, width = pixels.shape[:2]
    center = [share * (side - 1) for share, side in zip(mirrors.center, (width, height), strict=True)]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across, down = _moved(columns, rows, mirrors.view)
    radius, angle = cv2.cartToPolar(across - center[0], down - center[1])
    sector = math.pi / mirrors.count
    start = math.radians(mirrors.first) + sector * shown_sector(mirrors, (width, height))
    angle = np.mod(angle - start, 2 * sector)
    x, y = cv2.polarToCart(radius, (start + np.minimum(angle, 2 * sector - angle)).astype(np.float32))
    x, y = _moved(x + center[0], y + center[1], np.asarray(np.linalg.inv(mirrors.view)))
    return np.asarray(cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def _moved(x: np.ndarray, y: np.ndarray, matrix: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Where a matrix takes positions, in float32."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.astype(np.float32)
    across, down = a * x + b * y + c, d * x + e * y + f
    if g == h == 0 and i == 1:
        return across, down
    depth = np.maximum(g * x + h * y + i, np.float32(1e-3))
    return across / depth, down / depth
