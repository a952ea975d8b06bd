"""The colors of `images.colors.color` by OpenCV: the same formulas, a third of the time on a CPU.

Powers are logarithms and exponentials, as there; OpenCV's have a relative error of 2e-7. Its own conversion to L*a*b*
interpolates tables, which is too coarse for frames that are fed back.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.images.interleaved import Pixels, flat, in_strips

Matrix = NDArray[np.floating[Any]]

LAB_KNEE = 6 / 29
"""Where the cube root of L*a*b* becomes a straight line."""

_STRIP = 32768  # pixels; of smaller strips, calling some thirty operations for each takes longer than computing them

_F_TO_LAB = np.array([[0, 116, 0, -16], [500, -500, 0, 0], [0, 200, -200, 0]], np.float64)


def mix_channels(pixels: Pixels, matrix: Matrix) -> Pixels:
    """Multiply every pixel by a 3x3 matrix, or by a 3x4 one whose last column is added."""
    return np.asarray(cv2.transform(pixels, matrix, np.empty_like(pixels)))


def palette(pixels: Pixels, to_xyz: Matrix) -> tuple[Matrix, Matrix]:
    """Mean and standard deviation of L*, a* and b*, 3 each; `to_xyz` takes linear RGB to XYZ over the white point."""
    _, mean, std = _cube_roots(pixels, to_xyz)
    return mean, std


def cohere(pixels: Pixels, mean: Matrix, std: Matrix, strength: float, to_xyz: Matrix) -> Pixels:
    """The pixels with their palette drawn by `strength` towards `mean` and `std`, in [0, 1]; see `color.cohere`."""
    roots, own_mean, own_std = _cube_roots(pixels, to_xyz)
    gain = 1 + strength * (std / np.maximum(own_std, 1e-3) - 1)
    shift = own_mean + strength * (mean - own_mean) - gain * own_mean
    # L*a*b* is linear in the cube roots, and so is the change: one matrix goes there and back.
    linear, offset = _F_TO_LAB[:, :3], _F_TO_LAB[:, 3]
    back = np.linalg.inv(linear)
    change = np.column_stack([back @ (gain[:, None] * linear), back @ (gain * offset + shift - offset)])
    from_xyz = np.linalg.inv(to_xyz)

    def work(first: int, stop: int) -> None:
        part = roots[first:stop]
        xyz = _cubed(mix_channels(part, change))
        _encode(mix_channels(xyz, from_xyz), part)

    in_strips(roots, work, _STRIP)
    return roots


def _cube_roots(pixels: Pixels, to_xyz: Matrix) -> tuple[Pixels, Matrix, Matrix]:
    """What L*a*b* is linear in; mean and standard deviation of L*a*b*."""
    roots = np.empty_like(pixels)
    moments: dict[int, tuple[int, Any, Any]] = {}

    def work(first: int, stop: int) -> None:
        part, xyz = roots[first:stop], mix_channels(_linear(pixels[first:stop]), to_xyz)
        _power(flat(xyz), 1 / 3, flat(part))
        is_dark = flat(xyz) <= LAB_KNEE**3
        _replace(flat(part), is_dark, flat(xyz), 1 / (3 * LAB_KNEE**2), 4 / 29)
        mean, std = (moment[:, 0] for moment in cv2.meanStdDev(mix_channels(part, _F_TO_LAB)))
        moments[first] = stop - first, mean, std * std + mean * mean

    in_strips(pixels, work, _STRIP)
    counts, *sums = zip(*(moments[first] for first in sorted(moments)), strict=True)  # in order: sums are rounded
    mean, square = (np.average(part, axis=0, weights=counts) for part in sums)
    return roots, mean, np.sqrt(np.maximum(square - mean * mean, 0))


def _linear(srgb: Pixels) -> Pixels:
    """sRGB to linear light."""
    values, out = flat(srgb), np.empty_like(srgb)
    base = np.asarray(cv2.addWeighted(values, 1 / 1.055, values, 0, 0.055 / 1.055), np.float32)
    _power(base, 2.4, flat(out))
    _replace(flat(out), values <= np.float32(0.04045), values, 1 / 12.92, 0)
    return out


def _encode(linear: Pixels, out: Pixels) -> None:
    """Linear light to sRGB in [0, 1]."""
    values, result = np.clip(flat(linear), 0, 1), flat(out)
    _power(values, 1 / 2.4, result)
    cv2.addWeighted(result, 1.055, result, 0, -0.055, dst=result)
    _replace(result, values <= np.float32(0.0031308), values, 12.92, 0)
    np.clip(result, 0, 1, out=result)


def _cubed(roots: Pixels) -> Pixels:
    values, out = flat(roots), np.empty_like(roots)
    cubes = flat(out)
    np.multiply(values, values, out=cubes)
    np.multiply(cubes, values, out=cubes)
    slope = 3 * LAB_KNEE**2
    _replace(cubes, values <= np.float32(LAB_KNEE), values, slope, -slope * 4 / 29)
    return out


def _power(base: Pixels, exponent: float, out: Pixels) -> None:
    """A power of values over 0; of others it is anything."""
    cv2.log(base, dst=out)
    np.multiply(out, np.float32(exponent), out=out)
    cv2.exp(out, dst=out)


def _replace(values: Pixels, where: NDArray[np.bool_], source: Pixels, slope: float, offset: float) -> None:
    """Where a curve is a straight line: `slope * source + offset`."""
    if where.any():
        cv2.copyTo(cv2.addWeighted(source, slope, source, 0, offset), where.view(np.uint8), values)
