"""Mirrors before the camera: a kaleidoscope, or one mirror.

One sector of the picture is seen in all others. The mirrors stay where they are in the picture: they turn with the
camera's rotation and lean with its pose, so that nothing flows out of a mirror or into it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.resample import sample
from zoomdream.motion.camera import resampled_change
from zoomdream.motion.positions import moved, seen_positions
from zoomdream.motion.projection import Matrix
from zoomdream.settings import Pair


@dataclass(frozen=True)
class Mirrors:
    """Mirrors through one point, at equal angles."""

    count: int
    """How many there are: the picture has twice as many sectors, and with one the first is seen in both."""
    first: float
    """The angle of the first mirror in degrees, clockwise from the right; a sector begins there."""
    center: Pair
    """Where they meet, in fractions of the frame."""
    view: Matrix
    """From a pixel of the frame to that of the picture in which the mirrors stand upright."""


def mirrored(frame: Frame, mirrors: Mirrors) -> Frame:
    """The frame as it is seen in the mirrors; the sector that is shown is copied exactly. Clamped to [0, 1]."""
    x, y, is_own = _images(frame, mirrors)
    return torch.where(is_own, frame, sample(frame, x, y).clamp_(0, 1))


def mirrored_change(change: Frame, mirrors: Mirrors) -> Frame:
    """A change of a frame, of any range, as it is seen in the mirrors."""
    x, y, is_own = _images(change, mirrors)
    return torch.where(is_own, change, resampled_change(change, x, y))


def _images(frame: Frame, mirrors: Mirrors) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Where each pixel's value comes from, x and y, and which pixels keep their own; each HxW."""
    size = size_of(frame)
    center_x, center_y = _center(mirrors, size)
    u, v = torch.broadcast_tensors(*seen_positions(frame, mirrors.view))
    u, v = u - center_x, v - center_y
    sector = math.pi / mirrors.count
    start = math.radians(mirrors.first) + sector * shown_sector(mirrors, size)
    around = (torch.atan2(v, u) - start).remainder(2 * math.pi)
    angle = around.remainder(2 * sector)
    angle = start + torch.minimum(angle, 2 * sector - angle)
    radius = torch.hypot(u, v)
    upright = np.asarray(np.linalg.inv(mirrors.view))
    x, y = moved(radius * angle.cos() + center_x, radius * angle.sin() + center_y, upright)
    return x, y, around <= sector


def shown_sector(mirrors: Mirrors, size: Size) -> int:
    """The number of the sector that is seen in all others: the one along the frame's longer side."""
    if mirrors.count == 1:
        return 0
    x, y = _center(mirrors, size)
    (ahead_x, ahead_y) = (x + 1, y) if size[0] >= size[1] else (x, y - 1)
    (u, ahead_u), (v, ahead_v) = moved(
        torch.tensor([x, ahead_x], dtype=torch.float64), torch.tensor([y, ahead_y], dtype=torch.float64), mirrors.view
    )
    degrees = math.degrees(math.atan2(ahead_v - v, ahead_u - u))
    return math.floor((degrees - mirrors.first) / (180 / mirrors.count))


def _center(mirrors: Mirrors, size: Size) -> Pair:
    return mirrors.center[0] * (size[0] - 1), mirrors.center[1] * (size[1] - 1)
