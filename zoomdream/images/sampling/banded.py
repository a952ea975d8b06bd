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
class Axis:
    """A map along one axis, in blocks of neighbouring outputs."""

    count: int
    """How many outputs there are; the last block may have more."""
    length: int
    """How many inputs there are."""
    starts: NDArray[np.int64]
    """Each block's first input."""
    weights: NDArray[np.float32]
    """Blocks x outputs x inputs; of inputs beyond the last one they are 0."""


def axis_of(index: Indices, weights: Weights, length: int) -> Axis:
    """A map of `length` inputs: output k is the sum of `weights[k]` times the inputs `index[k]`, both N x taps."""
    firsts = np.arange(0, len(index), _BLOCK)
    starts = np.minimum.reduceat(index.min(1), firsts)
    most = int((np.maximum.reduceat(index.max(1), firsts) + 1 - starts).max())
    outputs = np.arange(len(index))[:, None]
    places = outputs * most + index - starts[outputs // _BLOCK]
    dense = np.bincount(places.ravel(), weights.ravel(), len(starts) * _BLOCK * most)
    return Axis(len(index), length, starts, dense.reshape(len(starts), _BLOCK, most).astype(np.float32))


def apply(pixels: Pixels, rows: Axis, columns: Axis) -> Pixels:
    """A picture whose rows are made by `rows`, and then its columns by `columns`."""
    width = pixels.shape[1]
    out = np.empty((rows.count, columns.count, 3), np.float32)
    sources = np.minimum(columns.starts[:, None] + np.arange(columns.weights.shape[2]), columns.length - 1)
    most = min(_STRIP // max(width, columns.count), _PRODUCT // (3 * columns.weights[0].size))
    group = max(1, round(most / _BLOCK))

    def work(first: int) -> None:
        start, stop = first * _BLOCK, min(rows.count, (first + group) * _BLOCK)
        tall = np.empty((stop - start, width, 3), np.float32)
        for number in range(first, min(len(rows.starts), first + group)):
            _rows(pixels, rows, number, tall[number * _BLOCK - start :])
        # Transposed, the columns are rows, and neighbours along the axis those of a matrix again.
        lines = flat(np.asarray(cv2.transpose(tall)))
        wide = np.matmul(columns.weights, np.take(lines, sources, axis=0))
        cv2.transpose(wide.reshape(-1, stop - start, 3)[: columns.count], out[start:stop])

    in_parallel(range(0, len(rows.starts), group), work)
    return out


def _rows(pixels: Pixels, axis: Axis, number: int, out: Pixels) -> None:
    """One block's rows; as many as `out` has."""
    source, out = flat(pixels[axis.starts[number] :][: axis.weights.shape[2]]), flat(out[:_BLOCK])
    weights = axis.weights[number, : len(out), : len(source)]
    step = max(1, _PRODUCT // weights.size)
    for start in range(0, source.shape[1], step):
        part = slice(start, start + step)
        np.matmul(weights, source[:, part], out=out[:, part])


@functools.lru_cache(64)
def resizing(length: int, count: int) -> Axis:
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
    return axis_of(np.minimum(index, length - 1), weights / weights.sum(1, keepdims=True), length)


def _catmull_rom(x: Weights) -> Weights:
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))
