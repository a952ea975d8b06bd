"""The camera's matrices: from a pixel (x, y, 1) that it shows to the pixel of another frame that is seen there.

All are 3x3, float64, and count pixels from their centers, x to the right and y down. Turns in depth are those of a
pinhole camera in the middle of a sphere of pictures: `K R K^-1`, where K holds the focal length. They form a group, so
what is turned by many small steps has been turned by their sum, and comes back.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.settings import CameraSettings, Pair

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

Matrix = NDArray[np.float64]
"""3x3, float64."""


def motion(camera: CameraSettings, dt: float, size: Size) -> NDArray[np.float64]:
    """Where the pixels come from that a camera shows after it has moved for `dt` seconds.

    2x3 for a camera that moves in the picture's plane: its zoom, its turn and pan; else 3x3.
    """
    shift = (camera.pan[0] * size[0] * dt, camera.pan[1] * size[1] * dt)
    plane = _in_plane(camera.zoom**-dt, camera.rotate * dt, shift, camera.center, size)
    if not _is_in_depth(camera):
        return plane
    return square(plane) @ _turn((camera.pitch * dt, camera.yaw * dt), camera.fov, size) @ _flip(camera, dt, size)


def _in_plane(scale: float, degrees: float, shift: Pair, fixed: Pair, size: Size) -> NDArray[np.float64]:
    """2x3: scaled and turned about the fixed point, in fractions of the frame, and moved by pixels.

    The middle of the frame is (W - 1) / 2, since pixels are counted from their centers; W / 2 would drift.
    """
    center = np.array([fixed[0] * (size[0] - 1), fixed[1] * (size[1] - 1)])
    angle = math.radians(degrees)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    linear = np.array([[cos, -sin], [sin, cos]])  # y points down: this turns the picture counter-clockwise
    return np.column_stack([linear, center - linear @ center + np.array(shift)])


def _is_in_depth(camera: CameraSettings) -> bool:
    return any((camera.yaw, camera.pitch, camera.flip_theta, camera.flip_phi, camera.flip_gamma))


def square(matrix: NDArray[np.float64]) -> Matrix:
    """A 2x3 matrix as the 3x3 one that it stands for."""
    return np.vstack([matrix, [0, 0, 1]]) if len(matrix) == 2 else matrix


def tilted(tilt: Pair, fov: float, size: Size) -> Matrix:
    """A camera turned to the side by the second angle of `tilt`, and then up by the first, in degrees."""
    pitch, yaw = tilt
    return _turn((0, yaw), fov, size) @ _turn((pitch, 0), fov, size)


def shifted(shift: Pair, angle: float, size: Size) -> Matrix:
    """A camera moved by pixels (right, down), whose picture is turned about the frame's middle by degrees."""
    return square(_in_plane(1.0, angle, shift, (0.5, 0.5), size))


def turned(angle: float, center: Pair, size: Size) -> Matrix:
    """A camera whose picture is turned by degrees, counter-clockwise, about `center`, in fractions of the frame."""
    return square(_in_plane(1.0, angle, (0.0, 0.0), center, size))


def _turn(angles: Pair, fov: float, size: Size) -> Matrix:
    """A camera that turns about one axis through itself: up and to the right, in degrees (a rotation vector)."""
    width, height = size
    focal = width / 2 / math.tan(math.radians(fov) / 2)
    lens = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]])
    rotation = cv2.Rodrigues(np.radians([angles[0], angles[1], 0.0]))[0]
    return np.asarray(lens @ rotation @ np.linalg.inv(lens))


def _flip(camera: CameraSettings, dt: float, size: Size) -> Matrix:
    """Deforum's perspective flip: the picture turned like a card, about `center`, before a lens of `flip_fv` degrees.

    Its card has the frame's diagonal d and lies d / 2 / sin(fv / 2) away; theta turns it in its plane, phi about the
    horizontal axis, gamma about the vertical one. Deforum flattens it after each frame's turn, which makes it smaller
    by the angle's cosine each time; here that is left out, by an infinitely small turn repeated (the exponential of
    its generator), so that frames at any rate agree and a turn there and back changes nothing.
    """
    width, height = size
    theta, phi, gamma = (-math.radians(a * dt) for a in (camera.flip_theta, camera.flip_phi, camera.flip_gamma))
    distance = math.hypot(width, height) / 2 / math.sin(math.radians(camera.flip_fv) / 2)
    cos, sin = math.cos(theta), math.sin(theta)
    mean_cos, mean_sin = (sin / theta, (1 - cos) / theta) if theta else (1.0, 0.0)  # over the way to theta
    across, down = gamma / distance, -phi / distance
    row = [across * mean_cos + down * mean_sin, down * mean_cos - across * mean_sin, 1]
    card = np.array([[cos, -sin, 0], [sin, cos, 0], row])
    move = np.array([[1, 0, camera.center[0] * (width - 1)], [0, 1, camera.center[1] * (height - 1)], [0, 0, 1]])
    return np.asarray(move @ card @ np.linalg.inv(move))
