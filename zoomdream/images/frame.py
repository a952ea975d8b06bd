"""The frame: a float32 tensor 1x3xHxW, sRGB in [0, 1]; and its conversion from and to 8 and 16 bits, in one place."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

Frame = torch.Tensor
Size = tuple[int, int]  # (width, height), in pixels
Levels = NDArray[np.uint8 | np.uint16]
"""A picture as HxWx3 RGB in whole levels: uint8 in 0..255, or uint16 in 0..65535."""


def size_of(frame: Frame) -> Size:
    """(width, height) of a frame."""
    return frame.shape[-1], frame.shape[-2]


def from_uint8(pixels: np.ndarray, device: torch.device | str = "cpu") -> Frame:
    """HxWx3 uint8 RGB in 0..255 -> frame."""
    planes = torch.from_numpy(pixels).to(device).permute(2, 0, 1)[None].contiguous()  # before they are float: one copy
    return planes.float().div_(255)


def to_uint8(frame: Frame) -> np.ndarray:
    """Frame -> HxWx3 uint8 RGB, rounded to nearest (truncation would darken a fed-back film by 0.4 levels a frame)."""
    if frame.device.type == "cpu" and frame.dtype == torch.float32:
        return _to_uint8_by_opencv(frame.detach()[0])
    levels = frame[0].clamp(0, 1).mul(255).round_().to(torch.uint8)
    return levels.permute(1, 2, 0).contiguous().cpu().numpy()


def _to_uint8_by_opencv(planes: torch.Tensor) -> np.ndarray:
    """The same levels as PyTorch gives, in a third of the time."""
    interleaved = planes.permute(1, 2, 0)
    is_interleaved = interleaved.is_contiguous()
    values = (interleaved if is_interleaved else planes).numpy()
    clipped = np.clip(values, 0, 1).reshape(len(values), -1)
    levels = np.asarray(cv2.convertScaleAbs(clipped, alpha=255)).reshape(values.shape)
    return levels if is_interleaved else np.asarray(cv2.merge(list(levels)))


def to_uint16(frame: Frame) -> NDArray[np.uint16]:
    """Frame -> HxWx3 uint16 RGB in 0..65535, rounded to nearest."""
    levels = frame[0].clamp(0, 1).mul(65535).round_().to(torch.int32)  # few operations know torch's uint16
    return levels.permute(1, 2, 0).contiguous().cpu().numpy().astype(np.uint16)


def to_levels(frame: Frame, bits: int) -> Levels:
    """Frame -> HxWx3 RGB: uint8 for 8 `bits`, else uint16."""
    return to_uint8(frame) if bits == 8 else to_uint16(frame)


def noise(size: Size, rng: np.random.Generator, device: torch.device | str = "cpu") -> Frame:
    """A frame of `size` (width, height) to dream from without a picture.

    Mid-gray with Gaussian noise of a standard deviation of 0.1.
    """
    values = rng.normal(0.5, 0.1, (1, 3, size[1], size[0])).astype(np.float32)
    return torch.from_numpy(values).clamp_(0, 1).to(device)
