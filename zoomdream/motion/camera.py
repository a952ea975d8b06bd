"""Zoom, rotate, pan and turn a frame for a fraction of a second: one resampling, affine or projective."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.interleaved import frame_of, opencv_samples, pixels_of
from zoomdream.images.sampling.resample import resize, sample, sample_cubic
from zoomdream.motion.border import distance_beyond, fill_beyond, looks_beyond
from zoomdream.motion.edges import framed
from zoomdream.motion.mirror_tile import in_tile
from zoomdream.motion.positions import reflected, seen_positions
from zoomdream.motion.projection import Matrix, motion
from zoomdream.settings import Border, CameraSettings

STILL = {
    "zoom": 1,
    "rotate": 0,
    "pan": 0,
    "yaw": 0,
    "pitch": 0,
    "flip_theta": 0,
    "flip_phi": 0,
    "flip_gamma": 0,
}
"""The settings of a camera that stands still, wherever its center is and whatever its pose."""


@dataclass(frozen=True)
class CameraStep:
    """How a camera comes from one frame to the next."""

    matrix: NDArray[np.float64]
    """2x3 or 3x3: from a pixel (x, y, 1) that it shows to the pixel of the frame before: see `motion.projection`."""
    border: Border = "continue"
    """What it shows beyond the frame."""
    tile: Matrix | None = None
    """For the border "mirror-tile": see `motion.mirror_tile`. None: the frame before is the tile."""

    @property
    def stands_still(self) -> bool:
        """Whether it changes nothing."""
        return np.array_equal(self.matrix, np.eye(len(self.matrix), 3))


def move(frame: Frame, camera: CameraSettings, dt: float, rng: np.random.Generator | None = None) -> Frame:
    """The frame as the camera sees it `dt` seconds later; same size, values clamped to [0, 1].

    A camera that stands still returns the frame itself. Where the camera looks beyond the frame, noise from `rng`
    continues it, unless `camera.border` says else (see `motion.border`); without `rng` it is reflected. `rng` is not
    drawn from where nothing is to fill. The camera's poses (`tilt`, `shake`) and mirrors are a film's, and not seen.
    """
    return seen(frame, CameraStep(motion(camera, dt, size_of(frame)), camera.border), rng)


def move_change(change: Frame, camera: CameraSettings, dt: float) -> Frame:
    """A change of a frame as the camera sees it `dt` seconds later: see `seen_change`."""
    return seen_change(change, CameraStep(motion(camera, dt, size_of(change)), camera.border))


def seen(frame: Frame, step: CameraStep, rng: np.random.Generator | None = None) -> Frame:
    """The frame after a step of the camera, as `move` gives it."""
    if step.stands_still:
        return frame
    size = size_of(frame)
    x, y = seen_positions(frame, step.matrix)
    moved = sample(*_within(frame, x, y, step)).clamp_(0, 1)
    if step.border != "continue" or rng is None or not looks_beyond(step.matrix, size):
        return moved
    return fill_beyond(moved, distance_beyond(x, y, size), rng)


def seen_change(change: Frame, step: CameraStep) -> Frame:
    """A change of a frame after a step of the camera, of any range; beyond the frame as the border says, without noise.

    By a cubic convolution (a = -0.75), a quarter of the spline's work: a change lives for a few frames, in which that
    kernel's overshoot does not add up.
    """
    if step.stands_still:
        return change
    size, matrix = size_of(change), step.matrix
    if _opencv_convolves(change, change.shape[-2:]) and len(matrix) == 2 and step.border in ("continue", "reflect"):
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(pixels_of(change), matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        return frame_of(np.asarray(moved, np.float32))
    return resampled_change(*_within(change, *seen_positions(change, matrix), step))


def resampled_change(change: Frame, x: torch.Tensor, y: torch.Tensor) -> Frame:
    """A change's values at the positions (x, y), each HxW or 1xW and Hx1, by that convolution; reflected beyond."""
    shape = np.broadcast_shapes(x.shape, y.shape)
    if not _opencv_convolves(change, shape):
        return sample_cubic(change, x, y)
    size = size_of(change)  # OpenCV reflects positions far beyond a frame once for each time that it fits in between
    near = (reflected(at.float(), side).numpy() for at, side in zip((x, y), size, strict=True))
    across, down = (np.ascontiguousarray(np.broadcast_to(at, shape)) for at in near)
    moved = cv2.remap(pixels_of(change), across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return frame_of(np.asarray(moved, np.float32))


def _opencv_convolves(change: Frame, shape: tuple[int, ...]) -> bool:
    """Whether OpenCV does: it would never come back from a picture of one row or column, whose border it reflects."""
    return opencv_samples(change, shape) and min(size_of(change)) > 1


def _within(
    frame: Frame, x: torch.Tensor, y: torch.Tensor, step: CameraStep
) -> tuple[Frame, torch.Tensor, torch.Tensor]:
    """The frame, and the positions in it where the values for (x, y) lie."""
    if step.border == "mirror-tile" and step.tile is not None and looks_beyond(step.matrix, size_of(frame)):
        return frame, *in_tile(x, y, step.tile, size_of(frame))
    return framed(frame, x, y, step.border)


def warp(frame: Frame, matrix: NDArray[np.float64], border: Border = "reflect") -> Frame:
    """Sample `frame` at `matrix` (2x3 or 3x3) times each output pixel (x, y, 1)."""
    return sample(*framed(frame, *seen_positions(frame, matrix), border))


def warp_larger(picture: Frame, matrix: NDArray[np.float64], size: Size, border: Border = "reflect") -> Frame:
    """What a camera sees of a picture that shows the same as a frame of `size` (width, height), but has more pixels.

    `matrix` (2x3 or 3x3) is in the frame's pixels, and so is the result, of `size`. Where the camera enlarges less than
    the picture is larger, it is brought to that size before, so that nothing aliases. Values may leave [0, 1].
    """
    scale = min(max(1.0, magnification(matrix)), size_of(picture)[0] / size[0])
    picture = resize(picture, (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))
    x, y = seen_positions(picture.new_empty(1, 1, size[1], size[0]), matrix)
    across, down = (own / side for own, side in zip(size_of(picture), size, strict=True))
    return sample(*framed(picture, (x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5, border))


def magnification(matrix: NDArray[np.float64]) -> float:
    """How many times larger a camera shows what is in the middle of a frame, about: `matrix` is 2x3 or 3x3."""
    return 1 / max(1e-6, math.sqrt(abs(float(np.linalg.det(matrix[:2, :2])))))
