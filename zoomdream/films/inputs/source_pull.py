"""A zoom film's source, as the camera sees it by now, and frames that are drawn back to it."""

from __future__ import annotations

import torch

from zoomdream.images.filters import blur
from zoomdream.images.frame import Frame, size_of
from zoomdream.motion.border import distance_beyond, looks_beyond
from zoomdream.motion.camera import magnification, warp
from zoomdream.motion.positions import seen_positions
from zoomdream.motion.projection import Matrix

_SHARPENED = 0.6  # of what a blur takes away
_FADE = 8.0  # pixels of the source beyond its border over which it fades
_MOST = 6.0  # times that a photo is enlarged whose edges are still sharpened for that size


def pulled_to_source(start: Frame, source: Frame, matrix: Matrix, pull: float) -> Frame:
    """What a frame is dreamed from, drawn back to the film's source.

    Args:
        start: 1x3xHxW in [0, 1].
        source: the picture that the film begins with, of the same shape.
        matrix: 3x3, from a pixel of the frame to that of the source: `CameraPath.to_source`.
        pull: `dream.source_pull`.

    Returns a frame of the same shape in [0, 1]. Beyond the source, where a camera that zooms out looks, it stays.
    """
    if pull == 0:
        return start
    weight, size = torch.full_like(start[:, :1], pull), size_of(start)
    if looks_beyond(matrix, size):
        weight *= (1 - distance_beyond(*seen_positions(start, matrix), size) / _FADE).clamp(0, 1)
    return torch.lerp(start, source_as_seen(source, matrix), weight)


def source_as_seen(source: Frame, matrix: Matrix) -> Frame:
    """A film's source through a camera; beyond it its reflection. 1x3xHxW in [0, 1].

    It is sampled once, however far the camera has come, and its edges are sharpened by as much as it is enlarged.
    """
    picture, enlarged = warp(source, matrix), min(magnification(matrix), _MOST)
    if enlarged <= 1:
        return picture.clamp(0, 1)
    soft = blur(picture, enlarged / 2)
    return (picture + _SHARPENED * (picture - soft)).clamp_(0, 1)
