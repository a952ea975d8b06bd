"""Zoom films without a seam: where the camera comes to at the end is where the film begins.

A film that loops ends in its own beginning: the picture that it begins with lies ahead of the camera, small at first,
is mixed into what is seen, more in each frame, and is dreamed over with it, until the camera has come so near that it
fills the frame. A crossfade of the film's end with its beginning, frame over frame, was tried too: both phases are seen
at once there, and the dream loses its contrast in the middle of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.sampling.resample import resize, sample
from zoomdream.motion.positions import Positions, seen_positions
from zoomdream.motion.projection import Matrix

_FEATHER = 0.45  # of the frame's sides, when the fade begins; it narrows as the edges of the beginning leave the frame
_EDGE = 0.1  # of the frame's sides, over which what is calm is dreamed along the edges of the beginning
_SMALLEST_DEPTH = 1e-3  # of the frame's middle, where the beginning lies straight to the side
_LARGEST_STEP = 1.25  # pixels of the beginning from one of the frame's to the next; above, it is made smaller first


@dataclass(frozen=True)
class Loop:
    """How a zoom film's end leads into its beginning."""

    fade: int
    """How many frames, the last ones, draw the beginning in; 1 to the film's length."""
    run_in: int = 0
    """How many frames are dreamed before the first one and not shown: the film begins in the midst of a dream."""

    @property
    def label(self) -> str:
        """In words, for a journal: what decides the bits of frames beside the digests of their settings."""
        return f"with {self.run_in} frames before the first"

    def share(self, index: int, frames: int) -> float:
        """How much of the beginning a frame of a film of `frames` takes, from 0 to below 1, where nothing hides it."""
        return _smooth(max(0.0, 1 - (frames - index) / (self.fade + 1)))

    def draw_in(
        self, start: Frame, momentum: Frame | None, beginning: Frame, matrix: Matrix, index: int, frames: int
    ) -> tuple[Frame, Frame | None]:
        """What a frame is dreamed from, with the film's beginning mixed in, and the momentum that is left there.

        `matrix` is `CameraPath.to_beginning`'s. Frames before the fade stay as they are.
        """
        share = self._shares(start, matrix, index, frames)
        if share is None:
            return start, momentum
        mixed = start + share * (_view(beginning, matrix) - start)
        return mixed, None if momentum is None else momentum * (1 - share)

    def overlap(self, start: Frame, matrix: Matrix, index: int, frames: int) -> Frame | None:
        """Where two pictures meet in `draw_in`'s frame: 1x1xHxW in [0, 1]; None before the fade.

        1 where each has a half, and towards the end, when the beginning has sharp edges, along these.
        """
        share = self._shares(start, matrix, index, frames)
        if share is None:
            return None
        edge = _nearness_to_edges(seen_positions(start, matrix), size_of(start)) * self.share(index, frames)
        return torch.maximum(4 * share * (1 - share), edge)[None, None]

    def _shares(self, start: Frame, matrix: Matrix, index: int, frames: int) -> torch.Tensor | None:
        """How much of the beginning each place takes, HxW; None before the fade."""
        most = self.share(index, frames)
        if not most:
            return None
        feather = _FEATHER * (frames - index) / self.fade
        return most * _cover(seen_positions(start, matrix), size_of(start), feather)


def _smooth(value: float) -> float:
    return value * value * (3 - 2 * value)


def _cover(positions: Positions, size: Size, feather: float) -> torch.Tensor:
    """1 where these positions lie in a picture of a size, 0 beyond, and between within `feather` of its sides; HxW."""
    parts = []
    for at, side in zip(positions, size, strict=True):
        depth = (torch.minimum(at + 0.5, side - 0.5 - at) / side / feather).clamp(0, 1)
        parts.append(depth * depth * (3 - 2 * depth))
    return parts[0] * parts[1]


def _nearness_to_edges(positions: Positions, size: Size) -> torch.Tensor:
    """1 where these positions lie on the edges of a picture of a size, falling to 0 on both sides; HxW."""
    across, down = (torch.minimum(at + 0.5, side - 0.5 - at) / side for at, side in zip(positions, size, strict=True))
    return torch.exp(-(torch.minimum(across, down) / _EDGE).square())


def _view(picture: Frame, matrix: Matrix) -> Frame:
    """The picture as it is seen through a matrix, from a pixel to one of the picture: without aliasing where small."""
    width, height = size_of(picture)
    step = math.sqrt(abs(float(np.linalg.det(matrix[:2, :2])))) / max(abs(float(matrix[2, 2])), _SMALLEST_DEPTH)
    small = (max(1, round(width / step)), max(1, round(height / step))) if step > _LARGEST_STEP else (width, height)
    across, down = small[0] / width, small[1] / height
    shrink = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])  # about pixels' corners
    return sample(resize(picture, small), *seen_positions(picture, shrink @ matrix)).clamp_(0, 1)
