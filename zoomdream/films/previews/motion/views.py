"""What a film's camera sees of a picture at each frame, as matrices: the plan of a motion preview. Needs no torch.

An endless zoom comes to places at which nothing is left of its source. There the preview begins anew with the whole
source in the frame, and fades to it: what moves on the screen moves as the film's camera does, all along.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from zoomdream.films.camera_path import CameraPath
from zoomdream.films.previews.outline import Outline
from zoomdream.motion.projection import Matrix, motion, square
from zoomdream.schedule.timeline import Timeline

_FADE = 0.8  # seconds
_MOST_SCALE = 2.0  # of the source in the frame, and one over it: then it begins anew
_FARTHEST = 0.45  # of the frame's sides, that the middle of the view may be away from the source's
_AHEAD = 1.0  # seconds


@dataclass(frozen=True)
class View:
    """One frame of a motion preview."""

    index: int
    """The film's frame."""
    matrix: Matrix
    """From a pixel of the frame to the source's."""
    before: Matrix | None = None
    """The same for the source that is faded out; None: none is."""
    share: float = 1.0
    """Of the one that is faded in, from 0 to 1."""
    ahead: Matrix | None = None
    """From a pixel of the frame in a second to one of this frame; None: it is the last."""


def motion_views(film: Outline, timeline: Timeline, size: tuple[int, int], every: int = 1) -> list[View]:
    """The view of every `every`-th frame of a film, in a frame of `size` (width, height)."""
    path = CameraPath(timeline, size, film.preset.seed)
    steps = _video_steps(film, timeline, path, size) if film.clip else _zoom_steps(path, len(timeline))
    views = _video_views(steps) if film.clip else _zoom_views(steps, size, float(film.clock.fps))
    second = max(1, round(_AHEAD * film.clock.fps))
    return [replace(view, ahead=_product(steps[view.index + 1 : view.index + 1 + second])) for view in views[::every]]


def _zoom_steps(path: CameraPath, count: int) -> list[Matrix]:
    return [square(path.matrix(index)) for index in range(count)]


def _video_steps(film: Outline, timeline: Timeline, path: CameraPath, size: tuple[int, int]) -> list[Matrix]:
    """As for a zoom film: from a pixel of each frame to the one before, as `films.footage` moves the camera."""
    camera, before, steps, dt = np.eye(3), np.eye(3), [], float(1 / film.clock.fps)
    for index in range(len(timeline)):
        view = path.view(index, camera)
        steps.append(_normalized(np.linalg.inv(before) @ view))
        before, camera = view, _normalized(camera @ square(motion(timeline[index].camera, dt, size)))
    return steps


def _video_views(steps: list[Matrix]) -> list[View]:
    views, matrix = [], np.eye(3)
    for index, step in enumerate(steps):
        matrix = _normalized(matrix @ step)
        views.append(View(index, matrix))
    return views


def _zoom_views(steps: list[Matrix], size: tuple[int, int], fps: float) -> list[View]:
    views: list[View] = []
    matrix, before, began = np.eye(3), None, 0
    for index, step in enumerate(steps):
        matrix = _normalized(matrix @ step)
        before = None if before is None else _normalized(before @ step)
        share = max((index - began) / fps / _FADE, 1.5 * _way(matrix, size)) if before is not None else 1.0
        before = None if share >= 1 else before
        views.append(View(index, matrix, before, _smooth(min(share, 1.0))))
        if _way(matrix, size) >= 1:
            matrix, before, began = np.eye(3), matrix, index
    return views


def _way(matrix: Matrix, size: tuple[int, int]) -> float:
    """How far the camera has come from where the source fills the frame, as a share of the farthest: above 1 beyond."""
    middle = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2, 1])
    seen = matrix @ middle
    if seen[2] <= 0:
        return 1.0
    away = max(abs(seen[:2] / seen[2] - middle[:2]) / np.array(size) / _FARTHEST)
    return float(max(away, abs(math.log2(_scale(matrix))) / math.log2(_MOST_SCALE)))


def _scale(matrix: Matrix) -> float:
    return max(math.sqrt(abs(float(np.linalg.det(matrix[:2, :2])))), 1e-9)


def _product(steps: list[Matrix]) -> Matrix | None:
    product = None
    for step in steps:
        product = step if product is None else _normalized(product @ step)
    return product


def _normalized(matrix: Matrix) -> Matrix:
    return np.asarray(matrix / matrix[2, 2])


def _smooth(value: float) -> float:
    return value * value * (3 - 2 * value)
