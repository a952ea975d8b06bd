"""Positions in a frame, in pixels from the center of the upper left one: x and y, each HxW, or 1xW and Hx1."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.images.frame import Frame, Size, size_of

Positions = tuple[torch.Tensor, torch.Tensor]
"""x and y."""

_NEAREST = 1e-3
"""The least depth that a place may have, as a share of the focal length: what lies behind a camera is far away."""


def seen_positions(frame: Frame, matrix: NDArray[np.float64]) -> Positions:
    """Where a matrix (2x3 or 3x3) takes each pixel of a frame; without a rotation x is 1xW and y Hx1."""
    width, height = size_of(frame)
    columns = torch.arange(width, device=frame.device, dtype=torch.float32)
    rows = torch.arange(height, device=frame.device, dtype=torch.float32)[:, None]
    if matrix[0, 1] == 0 and matrix[1, 0] == 0 and _is_affine(matrix):
        (a, _, c), (_, e, f), *_ = matrix.tolist()
        return (a * columns + c)[None], e * rows + f
    return moved(columns, rows, matrix)


def moved(x: torch.Tensor, y: torch.Tensor, matrix: NDArray[np.float64]) -> Positions:
    """Where a matrix (2x3 or 3x3) takes positions."""
    (a, b, c), (d, e, f), *depth = matrix.tolist()
    across, down = a * x + b * y + c, d * x + e * y + f
    if _is_affine(matrix):
        return across, down
    g, h, i = depth[0]
    nearness = (g * x + h * y + i).clamp_min(_NEAREST)
    return across / nearness, down / nearness


def _is_affine(matrix: NDArray[np.float64]) -> bool:
    return len(matrix) == 2 or matrix[2].tolist() == [0, 0, 1]


def reflected(position: torch.Tensor, length: int) -> torch.Tensor:
    """Positions along an axis reflected (101: the border pixel is not doubled) onto its `length` pixels."""
    period = max(1, 2 * (length - 1))
    return (length - 1) - (position.remainder(period) - (length - 1)).abs()


def inside(x: torch.Tensor, y: torch.Tensor, size: Size) -> torch.Tensor:
    """Which positions lie on a frame of `size` (width, height)."""
    return (x >= 0) & (x <= size[0] - 1) & (y >= 0) & (y <= size[1] - 1)
