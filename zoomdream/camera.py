"""Zoom, rotate and pan a frame for a fraction of a second: one affine resampling, in float32, on the frame's device.

The kernel is the cubic B-spline with its prefilter (Unser, Aldroubi, Eden, "B-spline signal processing", 1993): over
hundreds of slow frames it neither blurs (bilinear erases detail within a second) nor rings (the gain of detail is never
over 1; OpenCV's bicubic amplifies it 6.5 times over one octave of zoom).
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F

from zoomdream.image import Frame, separable, size_of
from zoomdream.settings import CameraSettings

_POLE = math.sqrt(3) - 2  # of the cubic B-spline's inverse filter
_REACH = 12  # the inverse filter falls by |pole| a pixel: 12 pixels out it is under float32's precision
_INVERSE = math.sqrt(3) * _POLE ** np.arange(_REACH + 1)
_MARGIN = 2  # coefficients that the 4x4 kernel reaches for beyond the frame


def move(frame: Frame, camera: CameraSettings, dt: float) -> Frame:
    """The frame as the camera sees it `dt` seconds later; same size, values clamped to [0, 1].

    A camera that stands still returns the frame itself. Where the camera looks beyond the frame, the frame is
    reflected (101: the border pixel is not doubled).
    """
    matrix = motion(camera, dt, size_of(frame))
    if np.array_equal(matrix, np.eye(2, 3)):
        return frame
    return warp_affine(frame, matrix).clamp_(0, 1)


def motion(camera: CameraSettings, dt: float, size: tuple[int, int]) -> np.ndarray:
    """2x3 matrix that takes an output pixel (x, y) to the pixel of the frame that it shows.

    Pixels are counted from their centers, so the middle of the frame is (W - 1) / 2; W / 2 would drift.
    """
    width, height = size
    center = np.array([camera.center[0] * (width - 1), camera.center[1] * (height - 1)])
    shift = np.array([camera.pan[0] * width, camera.pan[1] * height]) * dt
    scale, angle = camera.zoom**-dt, math.radians(camera.rotate * dt)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    linear = np.array([[cos, -sin], [sin, cos]])  # y points down: this turns the picture counter-clockwise
    return np.column_stack([linear, center - linear @ center + shift])


def warp_affine(frame: Frame, matrix: np.ndarray) -> Frame:
    """Sample `frame` at `matrix` (2x3) times each output pixel, with the interpolating cubic B-spline.

    Exact at whole pixels. The result may leave [0, 1] at sharp edges, as any interpolating kernel's does.
    """
    width, height = size_of(frame)
    coefficients = F.pad(spline_coefficients(frame), (_MARGIN,) * 4, mode="reflect")
    columns = torch.arange(width, device=frame.device, dtype=torch.float64)
    rows = torch.arange(height, device=frame.device, dtype=torch.float64)[:, None]
    x, y = ((a * columns + b * rows + c) for a, b, c in matrix.tolist())
    return _sample(coefficients, _reflect(x, width).float(), _reflect(y, height).float())


def spline_coefficients(frame: Frame) -> Frame:
    """The cubic B-spline coefficients whose spline passes through the frame's pixels (the prefilter)."""
    reach = min(_REACH, min(size_of(frame)) - 1)
    return separable(frame, _INVERSE[: reach + 1])


def _reflect(position: torch.Tensor, length: int) -> torch.Tensor:
    """Fold positions into [0, length - 1] as REFLECT_101 does."""
    period = 2 * (length - 1)
    return (length - 1) - (position.remainder(period) - (length - 1)).abs()


def _sample(coefficients: Frame, x: torch.Tensor, y: torch.Tensor) -> Frame:
    """The 4x4 kernel as four bilinear look-ups (Sigg and Hadwiger, GPU Gems 2, chapter 20): exact, not approximate."""
    (x_near, x_far, x_share), (y_near, y_far, y_share) = _pairs(x), _pairs(y)
    top = torch.lerp(_bilinear(coefficients, x_near, y_near), _bilinear(coefficients, x_far, y_near), x_share)
    bottom = torch.lerp(_bilinear(coefficients, x_near, y_far), _bilinear(coefficients, x_far, y_far), x_share)
    return torch.lerp(top, bottom, y_share)


def _pairs(position: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Where to look up the first and the second two of the four taps along one axis, and the weight of the second."""
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
    return F.grid_sample(image, grid[None], mode="bilinear", padding_mode="border", align_corners=True)
