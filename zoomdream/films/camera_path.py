"""Where a film's camera is at each frame, and how it comes from one frame to the next.

The camera's movements add up from frame to frame: a zoom, a turn. Its *pose* does not: where it looks beside all turns
(`camera.tilt`), and how far it shakes. A pose belongs to its frame, and what the picture is moved by is the difference
between two frames' poses. All of it follows from the timeline, the seed and a frame's index.

Where the camera is needs no torch, which is imported where a picture is moved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zoomdream.motion.projection import Matrix, motion, shifted, square, tilted, turned
from zoomdream.motion.shake import shake_at
from zoomdream.schedule.timeline import Timeline

if TYPE_CHECKING:
    from zoomdream.images.frame import Size
    from zoomdream.motion.camera import CameraStep
    from zoomdream.motion.mirrors import Mirrors

_ONE_MIRROR = {"left-right": 90.0, "top-bottom": 180.0}  # degrees, clockwise from the right: the first half is shown
_UPRIGHT = -90.0


class CameraPath:
    """The camera of one film: `size` is the frame's, `seed` the film's. It reads the timeline when it is asked."""

    def __init__(self, timeline: Timeline, size: Size, seed: int) -> None:
        self._timeline, self._size, self._seed = timeline, size, seed
        self._dt = float(1 / timeline.clock.fps)
        self._from_source: list[Matrix] = []  # frame by frame
        self._ways = [np.eye(3)]  # from the film's end back, frame by frame

    def step(self, index: int, tile: Matrix | None = None) -> CameraStep:
        """How the camera comes to a frame: from the frame before, to the first one from the source.

        `tile` is the one that the border "mirror-tile" repeats, on the frame before; None: there is none yet.
        """
        from zoomdream.motion.camera import CameraStep
        from zoomdream.motion.mirror_tile import tile_for

        border, matrix = self._timeline[max(0, index - 1)].camera.border, self.matrix(index)
        return CameraStep(matrix, border, tile_for(tile, matrix, self._size) if border == "mirror-tile" else None)

    def matrix(self, index: int) -> NDArray[np.float64]:
        """From a pixel of a frame to that of the frame before, from which it comes; 2x3 or 3x3.

        Of the first frame: to the source's.
        """
        pose = self.pose(index)
        if index == 0:
            return np.eye(2, 3) if pose is None else pose
        matrix = motion(self._timeline[index - 1].camera, self._dt, self._size)
        before = self.pose(index - 1)
        if before is None and pose is None:
            return matrix
        eye = np.eye(3)
        before, pose = eye if before is None else before, eye if pose is None else pose
        if np.array_equal(before, pose) and np.array_equal(square(matrix), eye):
            return matrix
        step = np.linalg.inv(before) @ square(matrix) @ pose
        return np.asarray(step / step[2, 2])

    def view(self, index: int, camera: Matrix) -> Matrix:
        """From a pixel of a video film's frame to the source's, where the camera has come to `camera` without poses."""
        pose = self.pose(index)
        return camera if pose is None else camera @ pose

    def run_in_step(self, tile: Matrix | None = None) -> CameraStep:
        """How the camera comes to a frame before the first one: as it leaves the first one, without its pose."""
        from zoomdream.motion.camera import CameraStep
        from zoomdream.motion.mirror_tile import tile_for

        camera = self._timeline[0].camera
        matrix = motion(camera, self._dt, self._size)
        return CameraStep(
            matrix, camera.border, tile_for(tile, matrix, self._size) if camera.border == "mirror-tile" else None
        )

    def to_beginning(self, index: int) -> Matrix:
        """From a pixel of a frame to that of the picture that the film begins with, which lies at the film's end.

        Its depth is below 0 for what lies behind the camera.
        """
        count = len(self._timeline)
        while len(self._ways) <= count - index:
            camera = self._timeline[count - len(self._ways)].camera
            self._ways.append(square(motion(camera, self._dt, self._size)) @ self._ways[-1])
        way, pose = np.linalg.inv(self._ways[count - index]), self.pose(index)
        return np.asarray(way if pose is None else way @ pose)

    def to_source(self, index: int) -> Matrix:
        """From a pixel of a frame to that of the picture that the film begins with; 3x3, last element 1."""
        for each in range(len(self._from_source), index + 1):
            step = square(self.matrix(each))
            way = self._from_source[-1] @ step if each else step
            self._from_source.append(way / way[2, 2])
        return self._from_source[index]

    @cached_property
    def largest_zoom(self) -> float:
        """How many times larger a video is seen at most than at its beginning, by the zoom alone; at least 1."""
        zoom, most, sum_before = "camera.zoom", 0.0, 0.0
        for part in self._timeline.parts():
            rates = np.broadcast_to(np.log(self._timeline.values(zoom, part.start, part.stop)), len(part)) * self._dt
            sums = sum_before + np.concatenate([[0.0], np.cumsum(rates)])  # a rate counts from the next frame on
            most, sum_before = max(most, float(sums[:-1].max())), float(sums[-1])
        return math.exp(most)

    def place(self, index: int) -> tuple[float, ...]:
        """All numbers that its poses and mirrors from a frame on depend on, beside the rows from there on."""
        poses = [self.pose(at) for at in (max(0, index - 1), index)]
        return (
            self._shakes(index),
            self._rotated(index),
            *(x for pose in poses if pose is not None for x in pose.flat),
        )

    def pose(self, index: int) -> Matrix | None:
        """From a pixel of a frame to that of the frame without its pose; None: there is none."""
        camera = self._timeline[index].camera
        matrix = None if camera.tilt == (0, 0) else tilted(camera.tilt, camera.fov, self._size)
        if camera.shake == (0, 0):
            return matrix
        (across, down), angle = shake_at(self._seed, self._shakes(index))
        shift, most = camera.shake[0] * self._size[0], camera.shake[1]
        shaken = shifted((across * shift, down * shift), angle * most, self._size)
        return shaken if matrix is None else matrix @ shaken

    def mirrors(self, index: int) -> Mirrors | None:
        """The mirrors that a frame is seen in; None: there are none."""
        from zoomdream.motion.mirrors import Mirrors

        camera = self._timeline[index].camera
        if camera.symmetry == 1 and camera.mirror == "none":
            return None
        pose, rotation = self.pose(index), turned(self._rotated(index) % 360, camera.center, self._size)
        view = rotation if pose is None else rotation @ pose
        first = _UPRIGHT if camera.symmetry > 1 else _ONE_MIRROR[camera.mirror]
        return Mirrors(camera.symmetry, first, camera.center, view)

    @cached_property
    def _shakes(self) -> Callable[[int], float]:
        return self._sum("camera.shake_frequency")

    @cached_property
    def _rotated(self) -> Callable[[int], float]:
        return self._sum("camera.rotate")

    def _sum(self, setting: str) -> Callable[[int], float]:
        """A rate per second, added up over all frames before an index."""
        values, dt = self._timeline.values(setting, 0, len(self._timeline)), self._dt
        if len(values) == 1:
            return lambda index: float(values[0]) * index * dt
        sums = np.concatenate([[0.0], np.cumsum(values)])
        return lambda index: float(sums[index]) * dt
