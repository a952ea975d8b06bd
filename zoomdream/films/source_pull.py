"""A zoom film's source, as the camera sees it by now, and frames that are drawn back to it."""

from __future__ import annotations

import math

import numpy as np
import torch

from zoomdream.films.film import Film
from zoomdream.images.filters import blur
from zoomdream.images.frame import Frame
from zoomdream.motion.border import distance_beyond, looks_beyond
from zoomdream.motion.camera import warp
from zoomdream.motion.positions import seen_positions
from zoomdream.motion.projection import Matrix
from zoomdream.schedule.timeline import Row

_SHARPENED = 0.6  # of what a blur takes away
_FADE = 8.0  # pixels of the source beyond its border over which it fades
_MOST = 6.0  # times that a photo is enlarged whose edges are still sharpened for that size


def pulled_to_source(film: Film, row: Row, start: Frame) -> Frame:
    """What a frame is dreamed from, drawn back to the source by `dream.source_pull`; same shape, in [0, 1].

    Beyond the source, where a camera that zooms out looks, it stays.
    """
    pull = row.dream.source_pull
    if pull == 0:
        return start
    matrix = film.camera.to_source(row.index)
    weight = torch.full_like(start[:, :1], pull)
    if looks_beyond(matrix, film.size):
        distance = distance_beyond(*seen_positions(start, matrix), film.size)
        weight *= (1 - distance / _FADE).clamp(0, 1)
    return torch.lerp(start, source_as_seen(film, row.index), weight)


def source_as_seen(film: Film, index: int) -> Frame:
    """The picture that a zoom film begins with, as the camera sees it at a frame; beyond it its reflection.

    It is sampled once, however far the camera has come, and its edges are sharpened by as much as it is enlarged.
    """
    assert isinstance(film.source, torch.Tensor)
    matrix = film.camera.to_source(index)
    picture = warp(film.source, matrix)
    enlarged = min(_magnification(matrix), _MOST)
    if enlarged <= 1:
        return picture.clamp(0, 1)
    soft = blur(picture, enlarged / 2)
    return (picture + _SHARPENED * (picture - soft)).clamp_(0, 1)


def _magnification(matrix: Matrix) -> float:
    """How many times larger the source is seen than it is, in the middle of its frame, about."""
    return 1 / max(1e-6, math.sqrt(abs(float(np.linalg.det(matrix[:2, :2])))))
