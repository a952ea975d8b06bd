"""Separable linear maps of a frame on a CPU, each output a weighted sum of a few neighbours: resizing, and zooming.

A block of weights is almost as high as it is wide, so rows and columns are made by small matrix products. They are
kept so small that the matrix library computes each in one thread, and that a strip of the frame stays in the cache.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.images.interleaved import Pixels, flat
from zoomdream.images.parallel import in_parallel

_BLOCK = 16  # outputs of one product
_STRIP = 24_000  # pixels
_PRODUCT = 1 << 18  # multiplications; from twice as many on, OpenBLAS wakes its threads

Weights = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Block:
    """Some neighbouring outputs of a map along one axis."""

    first: int
    """The first output."""
    stop: int
    """The one after the last output."""
    source: slice
    """The inputs that they are made of."""
    weights: NDArray[np.float32]
    """Outputs x inputs."""


def blocks_of(index: Indices, weights: Weights) -> tuple[Block, ...]:
    """A map along one axis: output k is the sum of `weights[k]` times the inputs `index[k]`, both N x taps."""
    starts = np.arange(0, len(index), _BLOCK)
    lowest = np.minimum.reduceat(index.min(1), starts)
    widths = np.maximum.reduceat(index.max(1), starts) + 1 - lowest
    most = int(widths.max())
    places = np.arange(len(index))[:, None] * most + index - lowest.repeat(_BLOCK)[: len(index), None]
    dense = np.bincount(places.ravel(), weights.ravel(), len(index) * most).reshape(-1, most).astype(np.float32)
    bounds = zip(starts.tolist(), lowest.tolist(), widths.tolist(), strict=True)
    return tuple(
        Block(first, min(first + _BLOCK, len(dense)), slice(low, low + width), dense[first : first + _BLOCK, :width])
        for first, low, width in bounds
    )


def apply(pixels: Pixels, rows: tuple[Block, ...], columns: tuple[Block, ...]) -> Pixels:
    """A picture whose rows are made by `rows`, and then its columns by `columns`."""
    width, count = pixels.shape[1], columns[-1].stop
    out = np.empty((rows[-1].stop, count, 3), np.float32)
    group = max(1, round(_STRIP / max(width, count) / _BLOCK))

    def work(number: int) -> None:
        part = rows[number : number + group]
        first, stop = part[0].first, part[-1].stop
        tall = np.empty((stop - first, width, 3), np.float32)
        _multiply(flat(pixels), part, flat(tall))
        # Transposed, the columns are rows: neighbours along the axis are then the rows of a matrix again.
        wide = np.empty((count, stop - first, 3), np.float32)
        _multiply(flat(np.asarray(cv2.transpose(tall))), columns, flat(wide))
        cv2.transpose(wide, out[first:stop])

    in_parallel(range(0, len(rows), group), work)
    return out


def _multiply(source: Pixels, blocks: tuple[Block, ...], out: Pixels) -> None:
    length, offset = source.shape[1], blocks[0].first
    for block in blocks:
        rows = slice(block.first - offset, block.stop - offset)
        step = max(1, _PRODUCT // block.weights.size)
        for start in range(0, length, step):
            part = slice(start, start + step)
            np.matmul(block.weights, source[block.source, part], out=out[rows, part])


@functools.lru_cache(64)
def resizing(length: int, count: int) -> tuple[Block, ...]:
    """`length` pixels resampled to `count`: antialiased Catmull-Rom, with the weights that PyTorch computes."""
    scale = np.float32(length) / np.float32(count)
    stretch = max(scale, np.float32(1))
    support = 2 * stretch
    center = scale * (np.arange(count, dtype=np.float32) + np.float32(0.5))
    first = np.maximum((center - support + np.float32(0.5)).astype(np.int64), 0)
    stop = np.minimum((center + support + np.float32(0.5)).astype(np.int64), length)
    index = first[:, None] + np.arange((stop - first).max())
    distance = np.abs((index - center[:, None] + np.float32(0.5)) * (1 / stretch)).astype(np.float32)
    weights = np.where(index < stop[:, None], _catmull_rom(distance), 0)
    return blocks_of(np.minimum(index, length - 1), weights / weights.sum(1, keepdims=True))


def _catmull_rom(x: Weights) -> Weights:
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))
