"""What the camera shows beyond the frame: noise that goes on from the frame's border, octave by octave.

A reflection of the thin rim that each frame leaves free is reflected again by the next, and becomes stripes; noise that
begins anew at the border becomes rings. Here each octave of the picture goes on across the border for about as far as
its waves are long, while noise of its strength and colors takes over: an autoregressive process along the way outwards.
Detail is new at once, large patches of color fade into others, and contrast and colors stay the frame's, however often
that is done. The next frames dream on it as on the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch

from zoomdream.images.frame import Frame, Size, size_of, to_device
from zoomdream.images.sampling.resample import resize, sample
from zoomdream.motion.positions import seen_positions
from zoomdream.motion.projection import square

_ROUNDING = 1e-3  # pixels beyond the frame that are none
_SEEN = 0.02  # pixels beyond the frame from which on a reflection is seen: less is mirrored, as at the edge of a zoom
# Pixels across the border over which the finest octave's correlation falls to 1/e: stripes above, rings below
_REACH = 0.7
_COARSEST = 8  # pixels that the coarsest octave's shorter side has at least
_MEASURED = 96  # rows and columns, at most, where the octaves' strength is measured


def looks_beyond(matrix: np.ndarray, size: Size) -> bool:
    """Whether a camera with this matrix (2x3 or 3x3, `motion.projection`) sees more than a sliver around a frame."""
    farthest = np.array(size) - 1
    corners = np.array([[x, y, 1] for x in (0, farthest[0]) for y in (0, farthest[1])]) @ matrix.T
    if len(matrix) == 3:
        corners = corners[:, :2] / np.maximum(corners[:, 2:], 1e-3)
    return bool((corners < -_SEEN).any() or (corners > farthest + _SEEN).any())


def distance_beyond(x: torch.Tensor, y: torch.Tensor, size: Size) -> torch.Tensor:
    """How far outside of a frame of `size` the positions (x, y) lie, each HxW, in pixels; 0 for those on it."""
    across, down = (place - place.clamp(0, side - 1) for place, side in zip((x, y), size, strict=True))
    distance = torch.hypot(across, down)
    return torch.where(distance > _ROUNDING, distance, 0)


def newly_seen(matrix: np.ndarray, frames: float, frame: Frame) -> Frame | None:
    """How newly each place has come into view with a camera that moves by `matrix` from frame to frame.

    Args:
        matrix: 2x3 or 3x3, from a pixel to that of the frame before: see `motion.projection`.
        frames: how long a place is new.
        frame: of the size that is asked for.

    Returns 1x1xHxW in [0, 1]: 1 for what has come into view now, 0 for what was there `frames` frames ago; None: the
    camera does not look beyond the frame. In between it falls with the distance from the border.
    """
    if not looks_beyond(matrix, size_of(frame)):
        return None
    way = np.linalg.matrix_power(square(matrix), max(1, round(frames)))
    distance = distance_beyond(*seen_positions(frame, way), size_of(frame))
    return (distance / distance.amax().clamp_min(1e-3)).sqrt()[None, None]


def fill_beyond(reflected: Frame, distance: torch.Tensor, rng: np.random.Generator) -> Frame:
    """What the camera shows, with the frame's continuation where it looks beyond; all other pixels unchanged.

    Args:
        reflected: what the camera shows with reflections beyond the frame, in [0, 1].
        distance: HxW, how far beyond the frame each pixel lies, in pixels; 0 for those on it.
        rng: gives the noise. The same state gives the same bits.
    """
    if reflected.device.type != "cpu":
        return fill_without_waiting(reflected, distance, rng)
    rows, columns = distance.nonzero(as_tuple=True)
    filled = reflected.clone()
    filled[0, :, rows, columns] = _continuation(reflected, rows, columns, distance[rows, columns], rng, _coloring)
    return filled


def fill_without_waiting(reflected: Frame, distance: torch.Tensor, rng: np.random.Generator) -> Frame:
    """The same for a GPU, which would have to stop and say how many pixels lie beyond the frame.

    The continuation of all pixels is computed, and few of them are taken. Other bits than `fill_beyond`'s: float32.
    """
    width, height = size_of(reflected)
    number = torch.arange(width * height, device=reflected.device)
    rows, columns = torch.div(number, width, rounding_mode="floor"), number.remainder(width)
    values = _continuation(reflected, rows, columns, distance.flatten(), rng, _coloring_in_float32)
    return torch.where(distance > 0, values.view_as(reflected), reflected)


def _continuation(
    reflected: Frame,
    rows: torch.Tensor,
    columns: torch.Tensor,
    away: torch.Tensor,
    rng: np.random.Generator,
    coloring: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
) -> torch.Tensor:
    """3xN in [0, 1]: what N places show that lie `away` pixels beyond the frame."""
    count = len(rows)
    grid_rows, grid_columns = _grid(size_of(reflected), reflected.device)
    places = torch.cat([rows, grid_rows]), torch.cat([columns, grid_columns])
    picture, noise = _octaves(reflected, *places), _octaves(_white_noise(reflected, rng), *places)
    values = torch.zeros_like(picture[0][:, :count])
    for number, (own, new) in enumerate(zip(picture, noise, strict=True)):
        mean, measured = own[:, count:].mean(1, keepdim=True), own[:, count:]
        kept = torch.exp(-away / (_REACH * 2**number))
        fresh = coloring(new[:, count:], measured) @ new[:, :count]
        values += mean + kept * (own[:, :count] - mean) + (1 - kept * kept).sqrt() * fresh
    return values.clamp(0, 1)


def _octaves(frame: Frame, rows: torch.Tensor, columns: torch.Tensor) -> list[torch.Tensor]:
    """The frame's octaves at some pixels, each 3xN, from the finest to the coarsest; their sum is the frame."""
    width, height = size_of(frame)
    levels = [frame[0, :, rows, columns]]
    while min(size_of(frame)) >= 2 * _COARSEST:
        frame = resize(frame, (size_of(frame)[0] // 2, size_of(frame)[1] // 2))
        across, down = size_of(frame)[0] / width, size_of(frame)[1] / height
        x, y = (columns + 0.5) * across - 0.5, (rows + 0.5) * down - 0.5
        levels.append(sample(frame, x[None], y[None])[0, :, 0])
    return [*(fine - coarse for fine, coarse in pairwise(levels)), levels[-1]]


def _white_noise(frame: Frame, rng: np.random.Generator) -> Frame:
    return to_device(rng.standard_normal(frame.shape, np.float32), frame.device)


def _grid(size: Size, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows and columns of pixels all over a frame."""
    across, down = (np.linspace(0, side - 1, min(side, _MEASURED)).round().astype(np.int64) for side in size)
    rows, columns = (to_device(places.ravel(), device) for places in np.meshgrid(down, across, indexing="ij"))
    return rows, columns


def _coloring(noise: torch.Tensor, colors: torch.Tensor) -> torch.Tensor:
    """3x3 matrix that gives white noise of this strength (3xN) the covariance of `colors` (3xN)."""
    covariance = torch.cov(colors.double(), correction=0)
    root = torch.linalg.cholesky(covariance + 1e-9 * torch.eye(3, dtype=torch.float64))  # of one color: still a root
    matrix: torch.Tensor = (root / noise.double().std(correction=0)).to(noise)
    return matrix


def _coloring_in_float32(noise: torch.Tensor, colors: torch.Tensor) -> torch.Tensor:
    """The same matrix by Cholesky's rows, without the answer that `torch.linalg` waits for; Metal has no float64."""
    centered = colors - colors.mean(1, keepdim=True)
    covariance = centered @ centered.T / colors.shape[1]
    zero = torch.zeros_like(covariance[0, 0])
    rows: list[list[torch.Tensor]] = []
    for i in range(3):
        row: list[torch.Tensor] = []
        for j in range(i):
            row.append((covariance[i, j] - _dot(row, rows[j])) / rows[j][j])
        left = covariance[i, i] + 1e-9 - _dot(row, row)
        rows.append([*row, left.clamp_min(1e-9).sqrt()])
    root = torch.stack([torch.stack([*row, *[zero] * (3 - len(row))]) for row in rows])
    return root / noise.std(correction=0)


def _dot(left: list[torch.Tensor], right: list[torch.Tensor]) -> torch.Tensor | float:
    return sum((a * b for a, b in zip(left, right, strict=False)), 0.0)
