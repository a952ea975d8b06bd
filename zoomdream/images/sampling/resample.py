"""Resampling: frames at other sizes, and their values at positions between pixels.

Between pixels the interpolating cubic B-spline is used, with its prefilter (Unser, Aldroubi, Eden, "B-spline signal
processing", 1993). A frame is resampled hundreds of times: bilinear erases detail within a second of slow zoom,
OpenCV's bicubic amplifies it 6.5 times over one octave; this kernel's gain is near 1 and never over it.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import torch
import torch.nn.functional as F

from zoomdream.images.filters import reflected, separable
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.interleaved import (
    empty_like,
    frame_of,
    opencv_computes,
    opencv_samples,
    pixels_of,
)
from zoomdream.images.sampling import banded
from zoomdream.images.sampling.opencv_sampling import sample_spline
from zoomdream.settings import Fit

_POLE = math.sqrt(3) - 2  # of the cubic B-spline's inverse filter
_REACH = 12  # the inverse filter falls by |pole| a pixel: 12 pixels out it is under float32's precision
_INVERSE = math.sqrt(3) * _POLE ** np.arange(_REACH + 1)
_MARGIN = 2  # coefficients that the 4x4 kernel reaches for beyond the frame


def resize(frame: Frame, size: Size) -> Frame:
    """Resample to `size` (width, height): antialiased Catmull-Rom (a = -0.5).

    Values may leave [0, 1] at sharp edges. A frame of that size already is returned as it is.
    """
    if size_of(frame) == size:
        return frame
    width, height = size
    if opencv_computes(frame):
        (columns, rows) = (banded.resizing(*lengths) for lengths in zip(size_of(frame), size, strict=True))
        return frame_of(banded.apply(pixels_of(frame), rows, columns))
    return F.interpolate(frame, (height, width), mode="bicubic", antialias=True, align_corners=False)


def fit_frame(frame: Frame, size: Size, fit: Fit = "fill") -> Frame:
    """Resample a picture to a canvas of `size` (width, height), whatever its shape, and center it.

    "fill" covers the canvas and crops the rest; "fit" keeps the whole picture, and fills what it leaves free with its
    reflection, because a black bar would be dreamed on, too. Clamped to [0, 1].
    """
    return center(resize(frame, fitted_size(size_of(frame), size, fit)).clamp(0, 1), size)


def center(frame: Frame, size: Size) -> Frame:
    """A frame on the middle of a canvas of `size` (width, height): cropped, or continued by its reflection.

    A frame of that size already is returned as it is.
    """
    if size_of(frame) == size:
        return frame.contiguous()
    columns, rows = (_middle(frame.shape[dim], side, frame.device) for dim, side in ((-1, size[0]), (-2, size[1])))
    return frame[..., rows[:, None], columns].contiguous()


def fitted_size(size: Size, canvas: Size, fit: Fit) -> Size:
    """`size` (width, height) scaled so that it just covers the canvas ("fill") or just fits into it ("fit")."""
    width, height = size
    select = max if fit == "fill" else min
    ratio = select(canvas[0] / width, canvas[1] / height)
    return max(1, round(width * ratio)), max(1, round(height * ratio))


def _middle(length: int, count: int, device: torch.device) -> torch.Tensor:
    """Indices of `count` pixels around the middle of `length`, reflected (101) beyond its ends."""
    index = torch.arange(count, device=device) + (length - count) // 2
    return (length - 1) - (index.remainder(max(1, 2 * (length - 1))) - (length - 1)).abs()


def roll(frame: Frame, down: int, right: int) -> Frame:
    """The frame moved by whole pixels, wrapping around; a copy."""
    if not opencv_computes(frame):
        return torch.roll(frame, (down, right), (2, 3))
    pixels, out = pixels_of(frame), empty_like(frame)
    height, width = pixels.shape[:2]
    down, right = down % height, right % width
    for to, source in ((slice(down), slice(height - down, None)), (slice(down, None), slice(height - down))):
        out[to, :right], out[to, right:] = pixels[source, width - right :], pixels[source, : width - right]
    return frame_of(out)


def sample(frame: Frame, x: torch.Tensor, y: torch.Tensor) -> Frame:
    """The frame's values at the positions (x, y), in pixels from the center of the upper left pixel.

    Each is HxW, or 1xW and Hx1 where columns and rows keep together, which is faster.

    The prefilter gives the B-spline coefficients whose spline passes through the frame's pixels; frames of any size.

    Positions beyond the frame are reflected (101: the border pixel is not doubled). The result may leave the frame's
    range at sharp edges, as any interpolating kernel's does.
    """
    width, height = size_of(frame)
    if opencv_computes(frame) and len(x) == 1 and y.shape[1] == 1:
        rows, columns = _spline(y, height), _spline(x, width)
        return frame_of(banded.apply(pixels_of(frame), rows, columns))
    coefficients = separable(frame, _INVERSE)
    if opencv_samples(frame, np.broadcast_shapes(x.shape, y.shape)):
        positions = (position.float().numpy() for position in torch.broadcast_tensors(x, y))
        return frame_of(sample_spline(pixels_of(coefficients), *positions))
    x, y = _reflect(x, width).float(), _reflect(y, height).float()
    coefficients = reflected(reflected(coefficients, _MARGIN, -1), _MARGIN, -2)
    x, y = torch.broadcast_tensors(x, y)
    # The 4x4 kernel as four bilinear look-ups (Sigg and Hadwiger, GPU Gems 2, chapter 20): exact, not approximate.
    (x_near, x_far, x_share), (y_near, y_far, y_share) = _pairs(x), _pairs(y)
    top = torch.lerp(_bilinear(coefficients, x_near, y_near), _bilinear(coefficients, x_far, y_near), x_share)
    bottom = torch.lerp(_bilinear(coefficients, x_near, y_far), _bilinear(coefficients, x_far, y_far), x_share)
    return torch.lerp(top, bottom, y_share)


def _spline(position: torch.Tensor, length: int) -> banded.Axis:
    return _cached_spline(position.float().numpy().tobytes(), length)


@functools.lru_cache(16)
def _cached_spline(position: bytes, length: int) -> banded.Axis:
    """The spline's prefilter and its values at positions along one axis, float32, as one map."""
    at = np.frombuffer(position, np.float32).astype(np.float64)
    whole = np.floor(at)
    t = at - whole
    s = 1 - t
    kernel = s**3 / 6, (4 - 6 * t * t + 3 * t**3) / 6, (4 - 6 * s * s + 3 * s**3) / 6, t**3 / 6
    inverse = np.concatenate([_INVERSE[:0:-1], _INVERSE])
    weights = np.zeros((len(at), len(inverse) + 3))
    for k, weight in enumerate(kernel):
        weights[:, k : k + len(inverse)] += weight[:, None] * inverse
    index = whole.astype(np.int64)[:, None] - 1 - _REACH + np.arange(weights.shape[1])
    period = max(1, 2 * (length - 1))
    return banded.axis_of((length - 1) - np.abs(index % period - (length - 1)), weights, length)


def sample_cubic(image: Frame, x: torch.Tensor, y: torch.Tensor) -> Frame:
    """An image's values at the positions (x, y), HxW, or 1xW and Hx1, by cubic convolution (a = -0.75); reflected."""
    width, height = size_of(image)
    x, y = torch.broadcast_tensors(x, y)
    grid = torch.stack([x * (2 / max(1, width - 1)) - 1, y * (2 / max(1, height - 1)) - 1], dim=-1)
    return F.grid_sample(image, grid[None], mode="bicubic", padding_mode="reflection", align_corners=True)


def _reflect(position: torch.Tensor, length: int) -> torch.Tensor:
    period = max(1, 2 * (length - 1))
    return (length - 1) - (position.remainder(period) - (length - 1)).abs()


def _pairs(position: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Positions of two linear look-ups that replace the four taps along one axis, and the weight of the second."""
    whole = position.floor()
    t = position - whole
    s = 1 - t
    w0, w1, w3 = s**3 / 6, (4 - 6 * t * t + 3 * t**3) / 6, t**3 / 6
    near = w0 + w1
    far = 1 - near
    return whole - 1 + w1 / near, whole + 1 + w3 / far, far


def _bilinear(image: Frame, x: torch.Tensor, y: torch.Tensor) -> Frame:
    width, height = size_of(image)
    grid = torch.stack([(x + _MARGIN) * (2 / (width - 1)) - 1, (y + _MARGIN) * (2 / (height - 1)) - 1], dim=-1)
    # All positions lie within the margin, so the padding has no effect; every device supports zeros.
    return F.grid_sample(image, grid[None], mode="bilinear", padding_mode="zeros", align_corners=True)
