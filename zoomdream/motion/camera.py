"""Zoom, rotate and pan a frame for a fraction of a second: one affine resampling."""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch

from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.interleaved import frame_of, opencv_samples, pixels_of
from zoomdream.images.resample import sample, sample_cubic
from zoomdream.motion.border import distance_beyond, fill_beyond, looks_beyond
from zoomdream.settings import CameraSettings

STILL = {"zoom": 1, "rotate": 0, "pan": 0}
"""The settings of a camera that stands still, wherever its center is."""


def move(frame: Frame, camera: CameraSettings, dt: float, rng: np.random.Generator | None = None) -> Frame:
    """The frame as the camera sees it `dt` seconds later; same size, values clamped to [0, 1].

    A camera that stands still returns the frame itself. Where the camera looks beyond the frame, noise from `rng`
    continues it (see `motion.border`); without `rng` it is reflected. `rng` is not drawn from where nothing is to fill.
    """
    size = size_of(frame)
    matrix = motion(camera, dt, size)
    if np.array_equal(matrix, np.eye(2, 3)):
        return frame
    moved = warp_affine(frame, matrix).clamp_(0, 1)
    if rng is None or not looks_beyond(matrix, size):
        return moved
    return fill_beyond(moved, distance_beyond(*_positions(frame, matrix), size), rng)


def move_change(change: Frame, camera: CameraSettings, dt: float) -> Frame:
    """A change of a frame as the camera sees it `dt` seconds later, of any range; reflected beyond the frame.

    By a cubic convolution (a = -0.75), a quarter of the spline's work: a change lives for a few frames, in which that
    kernel's overshoot does not add up.
    """
    size = size_of(change)
    matrix = motion(camera, dt, size)
    if np.array_equal(matrix, np.eye(2, 3)):
        return change
    if opencv_samples(change, change.shape[-2:]):
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(pixels_of(change), matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        return frame_of(np.asarray(moved, np.float32))
    return sample_cubic(change, *_positions(change, matrix))


def motion(camera: CameraSettings, dt: float, size: Size) -> np.ndarray:
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
    """Sample `frame` at `matrix` (2x3) times each output pixel (x, y, 1)."""
    x, y = _positions(frame, matrix)
    return sample(frame, x, y)


def _positions(frame: Frame, matrix: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Where each output pixel's value lies in the frame: x and y, each HxW; without a rotation 1xW and Hx1."""
    width, height = size_of(frame)
    columns = torch.arange(width, device=frame.device, dtype=torch.float32)
    rows = torch.arange(height, device=frame.device, dtype=torch.float32)[:, None]
    (a, b, c), (d, e, f) = matrix.tolist()
    if b == 0 and d == 0:
        return (a * columns + c)[None], e * rows + f
    return a * columns + b * rows + c, d * columns + e * rows + f
