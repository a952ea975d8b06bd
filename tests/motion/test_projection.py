"""The camera's matrices, against arithmetic by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from zoomdream.motion.projection import motion, shifted, square, tilted, turned
from zoomdream.settings import CameraSettings

SIZE = (641, 361)  # the middle is the pixel (320, 180)
FOCAL = 320.5 / math.tan(math.radians(30))  # of 60 degrees across the width


def seen_at(matrix: NDArray[np.float64], x: float, y: float) -> tuple[float, float]:
    u, v, w = square(matrix) @ [x, y, 1]
    return u / w, v / w


@pytest.mark.parametrize(
    ("camera", "x", "y"),
    [
        (CameraSettings(yaw=10), 320 + FOCAL * math.tan(math.radians(10)), 180),
        (CameraSettings(yaw=-10), 320 - FOCAL * math.tan(math.radians(10)), 180),
        (CameraSettings(pitch=10), 320, 180 - FOCAL * math.tan(math.radians(10))),
        (CameraSettings(yaw=20, fov=60), 320 + FOCAL * math.tan(math.radians(20)), 180),
        (CameraSettings(yaw=10, fov=90), 320 + 320.5 * math.tan(math.radians(10)), 180),
    ],
)
def test_the_middle_shows_what_the_camera_turns_to(camera: CameraSettings, x: float, y: float) -> None:
    assert seen_at(motion(camera, 1, SIZE), 320, 180) == pytest.approx((x, y))


def test_a_ray_beside_the_middle_is_turned_by_hand() -> None:
    """The pixel 100 to the right and 50 up, by a turn of 25 degrees to the right, without a matrix."""
    angle = math.radians(25)
    ray_x, ray_y, ray_z = 100 / FOCAL, -50 / FOCAL, 1.0
    turned_x = ray_x * math.cos(angle) + ray_z * math.sin(angle)
    turned_z = ray_z * math.cos(angle) - ray_x * math.sin(angle)
    expected = 320 + FOCAL * turned_x / turned_z, 180 + FOCAL * ray_y / turned_z
    assert seen_at(motion(CameraSettings(yaw=50), 0.5, SIZE), 420, 130) == pytest.approx(expected)


def test_a_tilt_is_the_same_turn_at_once() -> None:
    assert tilted((0, 12), 60, SIZE) == pytest.approx(motion(CameraSettings(yaw=12), 1, SIZE))
    assert tilted((12, 0), 60, SIZE) == pytest.approx(motion(CameraSettings(pitch=12), 1, SIZE))
    x, y = seen_at(tilted((30, 60), 60, SIZE), 320, 180)
    assert (x, y) == pytest.approx((320 + FOCAL * math.tan(math.radians(60)), 180 - FOCAL * math.tan(math.pi / 6) * 2))


def normalized(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return square(matrix) / square(matrix)[2, 2]


@pytest.mark.parametrize("name", ["yaw", "pitch", "rotate", "flip_theta", "flip_phi", "flip_gamma"])
def test_a_thousand_steps_there_and_back_return(name: str) -> None:
    there, back = (motion(CameraSettings.model_validate({name: angle}), 1 / 30, SIZE) for angle in (25, -25))
    at = np.eye(3)
    for index in range(1000):
        at = normalized(at @ square(there if (index // 5) % 2 == 0 else back))
    assert np.abs(at - np.eye(3)).max() < 1e-9


@pytest.mark.parametrize("name", ["yaw", "pitch", "rotate", "flip_theta"])
def test_a_whole_turn_in_a_thousand_steps_returns(name: str) -> None:
    step = square(motion(CameraSettings.model_validate({name: 360}), 1 / 1000, SIZE))
    assert normalized(np.linalg.matrix_power(step, 1000)) == pytest.approx(np.eye(3), abs=1e-7)


@pytest.mark.parametrize(
    "camera",
    [
        CameraSettings(yaw=9, pitch=5),
        CameraSettings(flip_theta=20, flip_phi=11, flip_gamma=-7, center=(0.3, 0.8)),
    ],
)
def test_steps_at_any_rate_agree(camera: CameraSettings) -> None:
    at_24, at_60 = (np.linalg.matrix_power(square(motion(camera, 1 / fps, SIZE)), fps) for fps in (24, 60))
    assert normalized(at_24) == pytest.approx(normalized(at_60), abs=1e-8)


def card(x: float, y: float, theta: float, phi: float, gamma: float, fv: float) -> tuple[float, float]:
    """A point of a card that is turned and seen as Deforum's flip does, from the card's middle on; y points down."""
    theta, phi, gamma = map(math.radians, (theta, phi, gamma))
    x, y, z = x * math.cos(theta) - y * math.sin(theta), x * math.sin(theta) + y * math.cos(theta), 0.0
    x, z = x * math.cos(gamma) + z * math.sin(gamma), z * math.cos(gamma) - x * math.sin(gamma)
    y, z = y * math.cos(phi) - z * math.sin(phi), y * math.sin(phi) + z * math.cos(phi)
    distance = math.hypot(*SIZE) / 2 / math.sin(math.radians(fv) / 2)
    return x * distance / (distance - z), y * distance / (distance - z)


@pytest.mark.parametrize("turn", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, -0.7, 0.4)])
@pytest.mark.parametrize("fv", [53, 90])
def test_a_flip_of_a_degree_is_deforums(turn: tuple[float, float, float], fv: float) -> None:
    """The matrix leads from the new picture to the old one: it brings back what the card's turn has moved."""
    theta, phi, gamma = turn
    camera = CameraSettings(flip_theta=theta * 30, flip_phi=phi * 30, flip_gamma=gamma * 30, flip_fv=fv)
    for x, y in [(-320, -180), (320, -180), (320, 180), (-320, 180)]:
        to_x, to_y = card(x, y, *turn, fv)
        back = seen_at(motion(camera, 1 / 30, SIZE), 320 + to_x, 180 + to_y)
        assert back == pytest.approx((320 + x, 180 + y), abs=0.06)
        assert math.hypot(to_x - x, to_y - y) > 0.3  # which is more than that


def test_the_fixed_point_of_a_flip_is_the_center() -> None:
    camera = CameraSettings(flip_phi=40, flip_gamma=70, flip_theta=30, center=(0.25, 0.75))
    assert seen_at(motion(camera, 0.5, SIZE), 160, 270) == pytest.approx((160, 270))


def test_movements_in_the_plane_have_affine_matrices() -> None:
    camera = CameraSettings(zoom=1.5, rotate=20, pan=(0.1, 0.2), tilt=(9, 9), shake=(0.1, 3), fov=90)
    assert motion(camera, 1 / 30, SIZE).shape == (2, 3)
    assert motion(CameraSettings(yaw=1), 1 / 30, SIZE).shape == (3, 3)


def test_shifts_are_pixels_and_turns_are_counter_clockwise() -> None:
    assert seen_at(shifted((5, -3), 0, SIZE), 320, 180) == pytest.approx((325, 177))
    assert seen_at(shifted((0, 0), 90, SIZE), 320, 170) == pytest.approx((330, 180))
    assert seen_at(turned(90, (0, 0), SIZE), 0, -10) == pytest.approx((10, 0))
