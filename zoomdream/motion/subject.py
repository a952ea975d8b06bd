"""What moves against the camera: how a camera moves the picture, and what its flow does not explain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.motion.optical_flow.flow import Field

Gray = NDArray[np.float32]  # HxW in [0, 1]

_GRID = 5  # every so many pixels of a row and of a column are fitted
_ROUNDS = 8
_OUTLIER = 4.0  # robust standard deviations at which a pixel is no part of the background (Tukey's biweight)
_BACKGROUND = 0.35  # share of the pixels that are background at least
_BACKGROUND_DEVIATIONS = math.sqrt(-2 * math.log(1 - _BACKGROUND))  # how far it lies out (Rayleigh's distribution)
_LEAST_NOISE = 0.05  # pixels: better no flow is
_SLOWEST = 0.03  # frame widths in a second: what moves by less against the background is part of it
_NOISE_FACTOR = 3.0  # so many times the background's own noise is part of it, too
_CERTAIN = 2.5  # so many times the slowest speed is a subject's for certain
_SPREAD = 0.012  # of the width: how far what is known fills what is not, as at the borders of what moves
_FEWEST = 1e-3  # weight of a pixel whose flow cannot be trusted
_KEPT = 0.6  # share of the frame before in a frame's mask


@dataclass(frozen=True)
class Evidence:
    """What one flow says of a frame."""

    moves: Gray
    """Whether a pixel moves against the camera: 0 to 1."""
    trust: Gray
    """How far that can be trusted: 0 to 1."""


def camera_field(flow: Field, reliability: Gray) -> tuple[Field, float]:
    """The flow of a camera's movement, and the background's noise around it in pixels (a robust standard deviation).

    An affine movement is fitted to the flow, HxWx2, by least squares whose weights are chosen anew in each round: what
    moves otherwise has none (iteratively reweighted least squares with Tukey's biweight). It begins with the median
    movement, with none, and with the median one along the frame's border; the fit with the least noise counts. A third
    of the frame is enough for it, where the rest does not move as one. All sums are in one order, so the result is the
    same each time.
    """
    height, width = flow.shape[:2]
    rows, columns = (np.arange(min(_GRID // 2, side - 1), side, _GRID) for side in (height, width))
    basis = _basis(columns, rows, width, height)
    vectors = flow[rows[:, None], columns].reshape(-1, 2).astype(np.float64)
    weights = reliability[rows[:, None], columns].ravel().astype(np.float64) + _FEWEST
    starts = (np.median(vectors, axis=0), np.zeros(2), np.median(vectors[_border(len(rows), len(columns))], axis=0))
    fits = [_fitted(basis, vectors, weights, start) for start in starts]
    solution, noise = min(fits, key=lambda fit: fit[1])
    everywhere = _basis(np.arange(width), np.arange(height), width, height) @ solution
    return everywhere.reshape(height, width, 2).astype(np.float32), noise


def _fitted(
    basis: NDArray[np.float64], vectors: NDArray[np.float64], weights: NDArray[np.float64], start: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """A movement, 3x2, and its noise, from where a fit begins."""
    solution = np.zeros((3, 2))
    solution[0] = start
    noise = _LEAST_NOISE
    for _ in range(_ROUNDS):
        miss = np.hypot(*(vectors - basis @ solution).T)
        noise = max(_LEAST_NOISE, float(np.quantile(miss, _BACKGROUND)) / _BACKGROUND_DEVIATIONS)
        kept = weights * np.clip(1 - (miss / (_OUTLIER * noise)) ** 2, 0, None) ** 2
        weighted = basis * kept[:, None]
        solution = np.linalg.solve(basis.T @ weighted + 1e-9 * np.eye(3), weighted.T @ vectors)
    return solution, noise


def _border(rows: int, columns: int) -> NDArray[np.bool_]:
    """Which points of a grid lie in the outer eighth of it."""
    y, x = np.indices((rows, columns))
    edge = np.minimum.reduce([x / columns, y / rows, 1 - (x + 1) / columns, 1 - (y + 1) / rows])
    return np.asarray(edge.ravel() < 1 / 8)


def _basis(columns: NDArray[np.intp], rows: NDArray[np.intp], width: int, height: int) -> NDArray[np.float64]:
    """For each pixel 1, x and y, in frame widths from the middle."""
    x, y = np.meshgrid((columns - (width - 1) / 2) / width, (rows - (height - 1) / 2) / width)
    return np.column_stack([np.ones(x.size), x.ravel(), y.ravel()])


def evidence(flow: Field, reliability: Gray, seconds: float) -> Evidence:
    """What moves against the camera, by a flow over a number of seconds and its reliability."""
    camera, noise = camera_field(flow, reliability)
    speed = np.hypot(*cv2.split(flow - camera))
    slowest = max(_SLOWEST * seconds * flow.shape[1], _NOISE_FACTOR * noise)
    share = np.clip((speed - slowest) / ((_CERTAIN - 1) * slowest), 0, 1)
    moves = share * share * (3 - 2 * share)
    return Evidence(moves.astype(np.float32), np.maximum(reliability, _FEWEST))


def moving_part(found: Sequence[Evidence], shape: tuple[int, int]) -> Gray:
    """What moves in a frame of a shape (height, width), by what several flows say; black where none says anything.

    Where none can be trusted, as where something is uncovered, it is what is around.
    """
    if not found:
        return np.zeros(shape, np.float32)
    weights = [np.square(each.trust) for each in found]
    known = [each.moves * weight for each, weight in zip(found, weights, strict=True)]
    above, below = (_around(np.asarray(np.sum(each, axis=0), np.float32)) for each in (known, weights))
    return np.asarray(np.clip(above / np.maximum(below, 1e-6), 0, 1), np.float32)


def _around(plane: Gray) -> Gray:
    sigma = _SPREAD * plane.shape[1]
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)


def steadied(parts: Sequence[Gray], flows: Sequence[Field]) -> Gray:
    """The last of several frames' moving parts, with those before it carried along: older ones count less.

    `flows` are backward, one from each frame but the first to the one before.
    """
    steady = parts[0]
    for part, flow in zip(parts[1:], flows, strict=True):
        height, width = part.shape
        x = flow[..., 0] + np.arange(width, dtype=np.float32)
        y = flow[..., 1] + np.arange(height, dtype=np.float32)[:, None]
        carried = cv2.remap(steady, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        steady = np.asarray(_KEPT * carried + (1 - _KEPT) * part, np.float32)
    return steady
