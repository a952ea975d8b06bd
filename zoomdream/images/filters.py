"""Separable filters with symmetric kernels."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from zoomdream.images.colors import opencv_color
from zoomdream.images.colors.color import mix_channels
from zoomdream.images.frame import Frame, size_of, to_device
from zoomdream.images.interleaved import (
    Pixels,
    empty_like,
    flat,
    frame_of,
    in_strips,
    opencv_computes,
    pixels_of,
)
from zoomdream.runtime import repeatable

_STRIP = 65536  # pixels; of smaller strips, too many rows are computed twice


def blur(frame: Frame, sigma: float) -> Frame:
    """Gaussian blur; `sigma` in pixels, 0 returns the frame itself. Beyond its borders the frame is reflected."""
    return frame if sigma <= 0 else separable(frame, _gaussian(sigma, frame))


def mean_of_blurs(frame: Frame, sigmas: Sequence[float], mixing: torch.Tensor | None = None) -> Frame:
    """The mean of several blurs; `sigmas` in pixels, over 0. The channels are multiplied by `mixing`, 3x3, before."""
    if not opencv_computes(frame):
        frame = frame if mixing is None else mix_channels(frame, mixing)
        return functools.reduce(torch.add, [blur(frame, sigma) for sigma in sigmas]) / len(sigmas)
    halves = [_gaussian(sigma, frame) for sigma in sigmas]
    pixels, total = pixels_of(frame), empty_like(frame)
    matrix = None if mixing is None else mixing.double().numpy()
    height, reach = len(pixels), max(map(len, halves)) - 1

    def work(first: int, stop: int) -> None:
        above, below = max(0, first - reach), min(height, stop + reach)
        source, own = pixels[above:below], slice(first - above, stop - above)
        if matrix is not None:
            source = opencv_color.mix_channels(source, matrix)
        part = np.empty_like(source)
        for number, half in enumerate(halves):
            _filter(source, half, half / len(halves), part)
            if number:
                cv2.add(flat(total[first:stop]), flat(part[own]), dst=flat(total[first:stop]))
            else:
                total[first:stop] = part[own]

    count = max(1, round(total.size / 3 / _STRIP))
    in_strips(pixels, work, math.ceil(height / count) * pixels.shape[1])
    return frame_of(total)


def _gaussian(sigma: float, frame: Frame) -> np.ndarray:
    """A Gaussian's weights from its middle outwards, to the length that a frame has room for."""
    radius = min(math.ceil(3 * sigma), min(size_of(frame)) - 1)
    weights = np.exp(-0.5 * (np.arange(radius + 1) / sigma) ** 2)
    return np.asarray(weights / (weights[0] + 2 * weights[1:].sum()))


def separable(frame: Frame, half: np.ndarray) -> Frame:
    """Filter rows and columns with one symmetric kernel: `half` has its weights from the middle outwards.

    Beyond its borders the frame is reflected (101: the border pixel is not doubled). PyTorch adds shifted frames, which
    is faster than its depthwise convolution with kernels of this length, 25 pixels for the spline.
    """
    if opencv_computes(frame):
        return frame_of(_filter(pixels_of(frame), half, half, empty_like(frame)))
    if frame.device.type != "cpu":
        return convolved(frame, half)
    return _along(_along(frame, half, -1), half, -2)


def convolved(frame: Frame, half: np.ndarray) -> Frame:
    """The same as two convolutions: for a GPU, where starting an operation costs more than its arithmetic."""
    reach, channels = len(half) - 1, frame.shape[1]
    kernel = _kernel(np.ascontiguousarray(half, np.float32).tobytes(), frame.device).to(frame.dtype)
    with repeatable(frame.device):
        rows = kernel.view(1, 1, 1, -1).expand(channels, 1, 1, -1)
        across = F.conv2d(reflected(frame, reach, -1), rows, groups=channels)
        return F.conv2d(reflected(across, reach, -2), rows.transpose(2, 3), groups=channels)


@functools.lru_cache(maxsize=64)
def _kernel(half: bytes, device: torch.device) -> torch.Tensor:
    """The whole kernel, kept on the device."""
    outwards = np.frombuffer(half, np.float32)
    return to_device(np.concatenate([outwards[:0:-1], outwards]), device)


def reflected(frame: Frame, reach: int, dim: int) -> Frame:
    """The frame continued at both ends of a dimension (-1: columns, -2: rows) by `reach` pixels, reflected (101).

    A frame that is not longer than `reach` is reflected as often as it takes; of one pixel, it is repeated.
    """
    length = frame.shape[dim]
    if reach < length:
        pad = (reach, reach, 0, 0) if dim == -1 else (0, 0, reach, reach)
        return F.pad(frame, pad, mode="reflect")
    position = torch.arange(-reach, length + reach, device=frame.device)
    index = (length - 1) - (position.remainder(max(1, 2 * (length - 1))) - (length - 1)).abs()
    return frame.index_select(dim, index)


def _along(frame: Frame, half: np.ndarray, dim: int) -> Frame:
    reach, length = len(half) - 1, frame.shape[dim]
    wide = reflected(frame, reach, dim)
    out = wide.narrow(dim, reach, length) * float(half[0])
    for k in range(1, reach + 1):
        pair = wide.narrow(dim, reach - k, length) + wide.narrow(dim, reach + k, length)
        out.add_(pair, alpha=float(half[k]))
    return out


def _filter(pixels: Pixels, across: np.ndarray, along: np.ndarray, out: Pixels) -> Pixels:
    """`separable` by OpenCV, with a kernel for the rows and one for the columns."""
    row, column = (np.concatenate([half[:0:-1], half]).astype(np.float32) for half in (across, along))
    return np.asarray(cv2.sepFilter2D(pixels, -1, row, column, dst=out, borderType=cv2.BORDER_REFLECT_101))
