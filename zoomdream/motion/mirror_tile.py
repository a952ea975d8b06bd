"""The border "mirror-tile": the plane is tiled with mirror images of the picture, in mirrors that move along with it.

The reflection of the thin rim that each frame leaves free would be reflected again by the next one, and become
stripes. So the mirrors stay where they are in the picture: what is seen beyond the frame is what lies as far inside of
the last mirror, and has been dreamed on for as long. The *tile* is the rectangle whose edges are the mirrors. Its
matrix takes a pixel of a frame to one of a picture of the frame's size which the tile fills; a film's state holds it.
A mirror that has left the frame is put back to its edge; where most of it is mirror images, the frame becomes the tile.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.images.frame import Size
from zoomdream.motion.positions import Positions, inside, moved, reflected
from zoomdream.motion.projection import Matrix, square

_SMALLEST = 0.4
"""The tile's least side as a share of the frame's: with a smaller one, too little would be seen too often."""
_SEEN = 0.99  # of the places at the rim that look beyond the frame: this share at least must be found in the tile
_SAMPLES = 33  # along each edge


def tile_for(tile: Matrix | None, matrix: NDArray[np.float64], size: Size) -> Matrix:
    """The tile for a step of the camera with this matrix (2x3 or 3x3): the one before it, its part on the frame, or
    the frame itself.
    """
    if tile is None:
        return np.eye(3)
    x, y = moved(*_rim(size), matrix)
    beyond = ~inside(x, y, size)
    if beyond.any() and inside(*_images(x[beyond], y[beyond], tile, size), size).double().mean() < _SEEN:
        tile = _on_frame(tile, size)
    return np.eye(3) if tile is None or _scale(tile, size) > 1 / _SMALLEST else tile


def tile_after(tile: Matrix, matrix: NDArray[np.float64]) -> Matrix:
    """The same tile's matrix after that step: from the pixels of the frame that it leads to."""
    turned = tile @ square(matrix)
    return np.asarray(turned / turned[2, 2])


def in_tile(x: torch.Tensor, y: torch.Tensor, tile: Matrix, size: Size) -> Positions:
    """Positions with those beyond the frame replaced by their mirror images in the tile.

    An image that does not lie on the frame, either, is left out: the position stays as it is, to be reflected.
    """
    x, y = torch.broadcast_tensors(x, y)
    across, down = _images(x, y, tile, size)
    is_image = ~inside(x, y, size) & inside(across, down, size)
    return torch.where(is_image, across, x), torch.where(is_image, down, y)


def _images(x: torch.Tensor, y: torch.Tensor, tile: Matrix, size: Size) -> Positions:
    """Where the mirror images of positions lie."""
    u, v = moved(x, y, tile)
    return moved(reflected(u, size[0]), reflected(v, size[1]), np.asarray(np.linalg.inv(tile)))


def _on_frame(tile: Matrix, size: Size) -> Matrix | None:
    """The tile without what lies beyond the frame; None where hardly anything is left."""
    far_x, far_y = size[0] - 1.0, size[1] - 1.0
    x, y = (torch.tensor(at, dtype=torch.float64) for at in ([0, far_x, 0, far_x], [0, 0, far_y, far_y]))
    u, v = moved(x, y, tile)
    left, right = max(0.0, float(u[[0, 2]].max())), min(far_x, float(u[[1, 3]].min()))
    top, bottom = max(0.0, float(v[:2].max())), min(far_y, float(v[2:].min()))
    if right - left < _SMALLEST or bottom - top < _SMALLEST:
        return None
    across, down = far_x / (right - left), far_y / (bottom - top)
    return np.array([[across, 0, -left * across], [0, down, -top * down], [0, 0, 1]]) @ tile


def _scale(tile: Matrix, size: Size) -> float:
    """How many pixels of the tile a pixel in the middle of the frame has come from, along the axis where it is most."""
    x, y = (
        torch.tensor([0.0, 1, 0], dtype=torch.float64) + (size[0] - 1) / 2,
        torch.tensor([0.0, 0, 1], dtype=torch.float64) + (size[1] - 1) / 2,
    )
    u, v = moved(x, y, tile)
    return float(torch.hypot(u[1:] - u[0], v[1:] - v[0]).max())


def _rim(size: Size) -> Positions:
    """Places all along a frame's edges."""
    along, zero = torch.linspace(0, 1, _SAMPLES, dtype=torch.float64), torch.zeros(_SAMPLES, dtype=torch.float64)
    x, y = torch.cat([along, along, zero, zero + 1]), torch.cat([zero, zero + 1, along, along])
    return x * (size[0] - 1), y * (size[1] - 1)
