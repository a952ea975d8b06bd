"""Seeded periodic noise, and functions that sample it and turn it into colors."""

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating]


def fractal(shape: tuple[int, ...], slope: float, seed: int) -> Array:
    """Periodic Gaussian noise of any dimension whose amplitude falls as frequency ** -slope; mean 0, deviation 1."""
    white = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    axes = [np.fft.fftfreq(n) * max(shape) for n in shape[:-1]] + [np.fft.rfftfreq(shape[-1]) * max(shape)]
    radius = np.sqrt(sum(a**2 for a in np.meshgrid(*axes, indexing="ij", sparse=True)))
    radius.flat[0] = np.inf  # no constant part: the mean is 0
    noise = np.fft.irfftn(np.fft.rfftn(white) * radius**-slope, shape, axes=range(white.ndim))
    return (noise / noise.std()).astype(np.float32)


def bubbles(dims: int, size: int, cells: int, seed: int) -> Array:
    """Round bumps (inverted Worley noise), periodic, size ** dims: 1 at one random point per cell, 0 far from all."""
    points = np.random.default_rng(seed).random((cells,) * dims + (dims,), dtype=np.float32)
    grid = (np.arange(size, dtype=np.float32) + 0.5) * cells / size
    cell = grid.astype(int)
    nearest = np.full((size,) * dims, np.inf, np.float32)
    for offset in np.ndindex((3,) * dims):
        local = points[np.ix_(*[(cell + o - 1) % cells for o in offset])]
        axes = np.meshgrid(*[grid - cell - o + 1 for o in offset], indexing="ij", sparse=True)
        np.minimum(nearest, sum((a - local[..., i]) ** 2 for i, a in enumerate(axes)), out=nearest)
    return np.clip(1 - np.sqrt(nearest), 0, 1)


def labyrinth(size: int, waves: int, seed: int) -> Array:
    """A maze of walls and grooves, periodic, -1 to 1: noise of one wavelength, sharpened until its ridges join."""
    k = np.hypot(np.fft.fftfreq(size)[:, None] * size, np.fft.rfftfreq(size)[None] * size)
    ring = np.exp(-(((k - waves) / (0.22 * waves)) ** 2))
    maze = np.random.default_rng(seed).standard_normal((size, size))
    for _ in range(5):  # more rounds comb the maze into parallel stripes
        maze = np.fft.irfft2(np.fft.rfft2(maze) * ring)
        maze = np.tanh(2.0 * maze / maze.std())
    smooth = np.exp(-((k / (2.2 * waves)) ** 2))
    return np.fft.irfft2(np.fft.rfft2(maze) * smooth).astype(np.float32)


def sample(texture: Array, x: ArrayLike, y: ArrayLike) -> Array:
    """A periodic picture read at x, y, in periods; smooth (cubic) between its pixels."""
    height, width = texture.shape[:2]
    x, y = np.broadcast_arrays(x, y)
    maps = [((x % 1) * width - 0.5).astype(np.float32), ((y % 1) * height - 0.5).astype(np.float32)]
    if x.ndim > 1:
        return cv2.remap(texture, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
    # remap takes pictures, none wider than 32767: a list of points is folded into one
    folded = [np.pad(m, (0, -x.size % 1024)).reshape(-1, 1024) for m in maps]
    return cv2.remap(texture, *folded, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP).ravel()[: x.size]


def sample_slice(volume: Array, x: Array, y: Array, z: float) -> Array:
    """A periodic volume [z, y, x] read at x, y on the plane of one z, all in periods."""
    place = (z % 1) * len(volume)
    low, part = int(place), place % 1
    plane = (1 - part) * volume[low] + part * volume[(low + 1) % len(volume)]
    return sample(plane.astype(np.float32), x, y)


def smoothstep(low: float, high: float, value: ArrayLike) -> Array:
    """0 below low, 1 above high, and a smooth cubic between."""
    t = np.clip((np.asarray(value) - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a: ArrayLike, b: ArrayLike, amount: Array) -> Array:
    """From color a (amount 0) to color b (amount 1), pixel by pixel."""
    return np.asarray(a) + (np.asarray(b) - np.asarray(a)) * amount[..., None]


def gradient(stops: list[float], colors: list[tuple[float, float, float]], value: Array) -> Array:
    """The color at each value on a scale of colors; beyond its ends, the end colors."""
    return np.stack([np.interp(value, stops, channel) for channel in zip(*colors, strict=True)], -1)
