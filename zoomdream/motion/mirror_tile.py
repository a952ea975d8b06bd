"""The border "mirror-tile": the plane is tiled with mirror images of the picture, in mirrors that move along with it.

The reflection of the thin rim that each frame leaves free would be reflected again by the next one, and become
stripes. So the mirrors stay where they are in the picture: what is seen beyond the frame is what lies as far inside of
the last mirror, and has been dreamed on for as long. The *tile* is the frame whose edges are the mirrors. Its matrix
takes a pixel of a later frame to the one of the tile that it was; a film's state holds it. Where the mirrors have left
the frame, or most of it is mirror images, the frame becomes the tile: at its edges nothing jumps.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.images.frame import Size
from zoomdream.motion.border import distance_beyond
from zoomdream.motion.positions import Positions, inside, moved, reflected
from zoomdream.motion.projection import Matrix, square

_SMALLEST = 0.4
"""The tile's least side as a share of the frame's: with a smaller one, too little would be seen too often."""
_SEEN = 0.75  # of what comes into the frame: this share at least must be found in the tile
_SAMPLES = 33  # along each edge


def tile_for(tile: Matrix | None, matrix: NDArray[np.float64], size: Size) -> Matrix:
    """The tile for a step of the camera with this matrix (2x3 or 3x3): the one before it, or the frame itself."""
    if tile is None or _scale(tile, size) > 1 / _SMALLEST:
        return np.eye(3)
    x, y = moved(*_rim(size), matrix)
    distance = distance_beyond(x, y, size)  # as much comes into the frame there
    is_seen = inside(*_images(x, y, tile, size), size)
    return tile if float((distance * is_seen).sum()) >= _SEEN * float(distance.sum()) else np.eye(3)


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
