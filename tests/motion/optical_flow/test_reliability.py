"""Where a flow can be trusted, against the formula pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.textures import grid, texture, uniform
from zoomdream.motion.optical_flow.flow import Field, flow_method
from zoomdream.motion.optical_flow.reliability import motion_between, reliability


def slow_reliability(backward: Field, forward: Field) -> NDArray[np.float64]:
    """The formula of Ruder et al. pixel by pixel, before the blur: 255, 0 or -255."""
    height, width = backward.shape[:2]
    out = np.empty((height, width))
    for j in range(height):
        for i in range(width):
            u, v = map(float, backward[j, i])
            x, y = i + u, j + v
            if not (0 <= x <= width - 1 and 0 <= y <= height - 1):
                out[j, i] = 0
                continue
            left, top = min(int(x), width - 2), min(int(y), height - 2)
            a, b = x - left, y - top
            four = forward[top : top + 2, left : left + 2].astype(float)
            back = (1 - b) * ((1 - a) * four[0, 0] + a * four[0, 1]) + b * ((1 - a) * four[1, 0] + a * four[1, 1])
            lengths = u * u + v * v + float(back @ back)
            if (u + back[0]) ** 2 + (v + back[1]) ** 2 >= 0.01 * lengths + 0.5:
                out[j, i] = -255
                continue
            right, below = min(i + 1, width - 1), min(j + 1, height - 1)
            across = (backward[j, right].astype(float) - backward[j, max(i - 1, 0)]) / 2
            along = (backward[below, i].astype(float) - backward[max(j - 1, 0), i]) / 2
            steep = float(across @ across + along @ along)
            out[j, i] = 0 if steep > 0.01 * (u * u + v * v) + 0.002 else 255
    return out


def blurred(certainty: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaussian 5x5 with sigma 0.8, then clipped to 0..1."""
    kernel = np.exp(-0.5 * (np.arange(-2, 3) / 0.8) ** 2)
    kernel = np.outer(kernel, kernel) / kernel.sum() ** 2
    padded = np.pad(certainty, 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5))
    return np.asarray((windows * kernel).sum((-1, -2)).clip(0, 255) / 255)


def test_reliability_equals_its_formula_pixel_by_pixel() -> None:
    rng = np.random.default_rng(4)
    seen: set[float] = set()
    for spread in (0.3, 1.5, 6.0):
        # Multiples of 1/32, in which OpenCV counts positions between pixels; forward is what backward asks for, nearly.
        rough = cv2.GaussianBlur(rng.normal(0, spread * 12, (40, 48, 2)).astype(np.float32), (0, 0), 4)
        backward = (np.round(rough * 32) / 32).astype(np.float32)
        forward = (np.round(rng.normal(0, 0.3, backward.shape) * 32) / 32).astype(np.float32) - backward
        slow = slow_reliability(backward, forward)
        seen |= set(slow.flat)
        assert np.allclose(reliability(backward, forward), blurred(slow), atol=1e-5)
    assert seen == {-255, 0, 255}


def test_the_reliability_of_a_large_frame_is_that_of_its_parts() -> None:
    """It is computed in bands of rows. All numbers are multiples of 1/64, so that sums are exact anywhere."""
    rng = np.random.default_rng(5)
    rough = cv2.GaussianBlur(rng.normal(0, 20, (900, 600, 2)).astype(np.float32), (0, 0), 4).clip(-8, 8)
    backward = (np.round(rough * 64) / 64).astype(np.float32)
    forward = (np.round(rng.normal(0, 0.3, backward.shape) * 64) / 64).astype(np.float32) - backward
    whole = reliability(backward, forward)
    for top in range(0, 900, 150):
        rows = slice(max(0, top - 20), top + 170)
        part = reliability(np.ascontiguousarray(backward[rows]), np.ascontiguousarray(forward[rows]))
        begin = top - rows.start
        assert np.array_equal(whole[top : top + 150], part[begin : begin + 150])
    assert 0.02 < whole.mean() < 0.9


@pytest.mark.parametrize(
    ("u", "off", "hidden"),
    [
        # d^2 >= 0.01 (u^2 + (u - d)^2) + 0.5, solved for d: 0.711 at u = 0 and 1.491 at u = 10.
        (0, 0.70, False),
        (0, 0.72, True),
        (10, 1.48, False),
        (10, 1.50, True),
    ],
)
def test_a_pixel_is_hidden_when_there_and_back_misses_by_too_much(u: float, off: float, hidden: bool) -> None:
    for backward, forward in ((uniform(u), uniform(off - u)), (uniform(0, u), uniform(0, off - u))):
        assert reliability(backward, forward)[15, 15] == (0 if hidden else 1)


@pytest.mark.parametrize(
    ("slope", "u", "boundary"), [(0.044, 0, False), (0.046, 0, True), (0.2, 1.5, True), (0.2, 2.4, False)]
)
@pytest.mark.parametrize("axis", [0, 1])
def test_a_boundary_is_where_the_flow_changes_abruptly(slope: float, u: float, boundary: bool, axis: int) -> None:
    """slope^2 > 0.01 u^2 + 0.002: beyond 0.0447 a pixel where nothing moves, 0.2 where it moves by 1.95."""
    backward, forward = np.zeros((2, 61, 61, 2), np.float32)
    position = np.moveaxis(np.indices((61, 61), np.float32), 0, -1)[..., ::-1][..., axis]
    backward[..., axis] = slope * (position - 30) + u
    # What is at q before the step is at x after it, for q = x + slope (x - 30) + u.
    forward[..., axis] = (position + slope * 30 - u) / (1 + slope) - position
    assert reliability(backward, forward)[30, 30] == (0 if boundary else 1)


def test_what_came_in_from_outside_is_not_reliable() -> None:
    estimate = reliability(uniform(3), uniform(-3))
    assert (estimate[:, 39:] == 0).all()
    assert (estimate[:, :35] == 1).all()
    assert reliability(uniform(0), uniform(0)).min() == 1


def moved_square(shift: int) -> tuple[Field, Field, NDArray[np.bool_], NDArray[np.bool_]]:
    """A square that moves to the right over a still ground: backward and forward flow, where it is now, what it bared.

    From columns 50..89 to columns 50 + shift..89 + shift, in rows 36..75.
    """
    x, y = grid()
    rows = (y >= 36) & (y < 76)
    was = rows & (x >= 50) & (x < 90)
    is_ = rows & (x >= 50 + shift) & (x < 90 + shift)
    backward, forward = np.zeros((2, *x.shape, 2), np.float32)
    backward[is_, 0], forward[was, 0] = -shift, shift
    return backward, forward, is_, was & ~is_


def test_the_ground_bared_by_a_moving_square_is_all_that_is_not_reliable() -> None:
    backward, forward, square, bared = moved_square(6)
    estimate = reliability(backward, forward)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    edge = cv2.dilate(square.astype(np.uint8), cross) != cv2.erode(square.astype(np.uint8), cross)
    assert (estimate[bared] == 0).all()
    # The blur widens the bad places by two pixels at most.
    near = cv2.dilate((bared | edge).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    assert (estimate[~near] == 1).all()
    assert (estimate[bared | edge] < 0.5).all()
    # Ground that is about to be covered is still seen: in front of the square there is its edge, and no more.
    assert estimate[55, 96 + 3] == 1
    assert estimate[55, 56 - 3] == 0


@pytest.mark.parametrize(("name", "trust", "off"), [("fast", 0.4, 1.5), ("medium", 0.05, 0.1), ("fine", 0.05, 0.1)])
def test_the_bared_ground_is_found_in_pictures(name: str, trust: float, off: float) -> None:
    x, y = grid()
    _, _, square, bared = moved_square(6)
    ground, front = texture(x, y, 1), texture(x, y, 2)
    before = np.where(np.roll(square, -6, axis=1)[..., None], np.roll(front, -6, axis=1), ground)
    now = np.where(square[..., None], front, ground)
    estimate = motion_between(before, now, flow_method(name))
    far = cv2.dilate((square | bared).astype(np.uint8), np.ones((17, 17), np.uint8)) == 0
    inner = cv2.erode(square.astype(np.uint8), np.ones((17, 17), np.uint8)) == 1
    assert estimate.reliability[bared].mean() < trust
    assert estimate.reliability[far].mean() > 0.95
    assert estimate.reliability[inner].mean() > 0.95
    assert np.allclose(np.median(estimate.backward[inner], axis=0), (-6, 0), atol=off)
