"""Frames on a CPU as OpenCV computes with them: HxWx3 float32, in the tensor's own memory, strip by strip.

PyTorch divides each small operation among its threads and waits for the slowest: beside other load that takes many
times as long as one thread alone. OpenCV's operations on a strip are serial, and a strip's intermediate values stay in
the processor's cache. The tensors of these frames are in the channels-last order, as the network wants them.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.images.frame import Frame, size_of

Pixels = NDArray[np.float32]
"""HxWx3, C-contiguous."""

_STRIP = 16384  # pixels; three buffers of a strip fit into a core's cache
_LARGEST = 32766  # pixels a side: OpenCV's `remap` counts positions in 16 bits
_REMAP_IS_EXACT = int(cv2.__version__.split(".")[0]) >= 5  # before, it rounds positions to 1/32 pixel


def opencv_computes(frame: Frame) -> bool:
    """Whether OpenCV computes with a frame; PyTorch does with frames on other devices, in other formats, and leaves.

    This is the one place that decides it.
    """
    if frame.device.type != "cpu" or frame.dtype != torch.float32 or frame.requires_grad:
        return False
    return tuple(frame.shape[:-2]) == (1, 3) and min(size_of(frame)) > 0


def opencv_samples(frame: Frame, shape: tuple[int, ...]) -> bool:
    """Whether OpenCV samples a frame at a map (height, width) of positions: not where its `remap` would round them."""
    sides = (*size_of(frame), *shape)
    return _REMAP_IS_EXACT and opencv_computes(frame) and max(sides) <= _LARGEST


def pixels_of(frame: Frame) -> Pixels:
    """A frame's values as HxWx3: its own memory where it is in the channels-last order, else a copy."""
    interleaved = frame.detach()[0].permute(1, 2, 0)
    if interleaved.is_contiguous():
        return np.asarray(interleaved.numpy())
    if frame.is_contiguous():
        return np.asarray(cv2.merge(list(frame.detach()[0].numpy()), empty_like(frame)))
    return np.asarray(interleaved.contiguous().numpy())


def planes_of(frame: Frame) -> Frame:
    """The frame in the contiguous order of memory: itself, or a copy."""
    if frame.is_contiguous():
        return frame.detach()
    planes = torch.empty(frame.shape)
    cv2.split(pixels_of(frame), list(planes[0].numpy()))
    return planes


def frame_of(pixels: Pixels) -> Frame:
    """HxWx3 as a frame in the same memory."""
    return torch.from_numpy(pixels).permute(2, 0, 1)[None]


def empty_like(frame: Frame) -> Pixels:
    """Room for a frame's values."""
    width, height = size_of(frame)
    return np.empty((height, width, 3), np.float32)


def flat(pixels: Pixels) -> Pixels:
    """The same memory as H x 3W: operations that do not know of channels are faster so."""
    return pixels.reshape(len(pixels), -1)


def in_strips(pixels: Pixels, work: Callable[[int, int], None]) -> None:
    """Call `work` with the first row and the one after the last of each strip of a picture."""
    height, width = pixels.shape[:2]
    rows = max(1, _STRIP // width)
    for first in range(0, height, rows):
        work(first, min(height, first + rows))
