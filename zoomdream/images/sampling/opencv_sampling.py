"""Values of a cubic B-spline between its pixels, by OpenCV: the arithmetic of `resample.sample` for frames on a CPU."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.images.interleaved import Pixels, flat, in_strips

Positions = NDArray[np.floating[Any]]


def sample_spline(coefficients: Pixels, x: Positions, y: Positions) -> Pixels:
    """The spline with these coefficients at the positions (x, y), each HxW; reflected (101) beyond.

    The 4x4 kernel is four bilinear look-ups (see `resample.sample`).
    """
    x, y = _reflected(x, coefficients.shape[1]), _reflected(y, coefficients.shape[0])
    out = np.empty((*x.shape, 3), np.float32)

    def work(first: int, stop: int) -> None:
        near, far, right = _pairs(x[first:stop])
        *down, below = _pairs(y[first:stop])
        right, below = _for_channels(right), _for_channels(below)
        rows = []
        for row in down:
            one, two = (flat(_bilinear(coefficients, column, row)) for column in (near, far))
            rows.append(_between(one, two, right))
        top, bottom = rows
        _between(top, bottom, below, out=flat(out[first:stop]))

    in_strips(out, work)
    return out


def _reflected(position: Positions, length: int) -> Positions:
    """Positions far beyond a side of `length` pixels, reflected onto it; `remap` reflects those that are near."""
    if position.size and position.min() > -length and position.max() < 2 * length:
        return position
    period = max(1, 2 * (length - 1))
    return np.asarray((length - 1) - np.abs(position % period - (length - 1)), np.float32)


def _pairs(position: Positions) -> tuple[Positions, Positions, Positions]:
    """Positions of two linear look-ups that replace the four taps along one axis, and the weight of the second."""
    whole = np.floor(position)
    t = position - whole
    s, square = 1 - t, t * t  # not t**3, which takes NumPy twenty times as long
    w0, w1, w3 = s * s * s / 6, (4 + square * (3 * t - 6)) / 6, square * t / 6
    near = w0 + w1
    far = 1 - near
    return whole - 1 + w1 / near, whole + 1 + w3 / far, far


def _bilinear(image: Pixels, x: Positions, y: Positions) -> Pixels:
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101))


def _for_channels(share: Positions) -> Positions:
    """Weights for `flat` pixels: each repeated for the three channels."""
    return flat(np.asarray(cv2.merge([share, share, share])))


def _between(one: Pixels, two: Pixels, share: Positions, out: Pixels | None = None) -> Pixels:
    """From `one` to `two`, which is used up."""
    np.subtract(two, one, out=two)
    np.multiply(two, share, out=two)
    return np.add(two, one, out=two if out is None else out)
