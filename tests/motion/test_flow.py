"""Flow, reliability, carrying and cuts against motions that are known exactly, and arithmetic done by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from zoomdream.errors import UsageError
from zoomdream.media import read_frames
from zoomdream.motion.carrying import carry, warp
from zoomdream.motion.cuts import CUT_SCORE, cut_score, is_cut
from zoomdream.motion.flow import Field, Pixels, flow_method
from zoomdream.motion.reliability import Motion, motion_between, reliability

METHODS = ("fast", "medium", "fine", "farneback")
SIZE = (160, 112)
Positions = tuple[NDArray[np.float64], NDArray[np.float64]]


def grid(size: tuple[int, int] = SIZE) -> Positions:
    """x and y of every pixel."""
    x, y = np.meshgrid(np.arange(size[0], dtype=float), np.arange(size[1], dtype=float))
    return x, y


def texture(x: NDArray[np.float64], y: NDArray[np.float64], seed: int = 0) -> Pixels:
    """Plane waves 7 to 30 pixels long on a brown: known between the pixels, so that it can move by any amount exactly.

    The channels wave nearly together: hues that jump everywhere with each step would count as a cut.
    """
    rng = np.random.default_rng(seed)
    total = np.zeros((*x.shape, 3))
    for _ in range(24):
        angle, length = rng.uniform(0, 2 * math.pi), rng.uniform(7, 30)
        along = (x * math.cos(angle) + y * math.sin(angle)) * 2 * math.pi / length + rng.uniform(0, 2 * math.pi)
        total += np.sin(along[..., None] + rng.uniform(-0.2, 0.2, 3))
    return ((160, 110, 70) + 9 * total).round().clip(0, 255).astype(np.uint8)


# Where the pixel at (x, y) was one frame earlier: the truth that a backward flow estimates.
def shifted_by_whole_pixels(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    return x + 3, y - 2


def shifted_by_part_of_a_pixel(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    return x - 1.5, y + 0.25


def turned(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    across, down, c, s = x - 79.5, y - 55.5, math.cos(math.radians(2)), math.sin(math.radians(2))
    return 79.5 + c * across - s * down, 55.5 + s * across + c * down


def zoomed(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    return 79.5 + (x - 79.5) / 1.03, 55.5 + (y - 55.5) / 1.03


MOTIONS = (shifted_by_whole_pixels, shifted_by_part_of_a_pixel, turned, zoomed)


def pair(motion: Callable[..., Positions]) -> tuple[Pixels, Pixels, Field]:
    """The frame before, the frame now, and the true backward flow."""
    x, y = grid()
    was_x, was_y = motion(x, y)
    return texture(x, y), texture(was_x, was_y), np.stack([was_x - x, was_y - y], -1).astype(np.float32)


def miss(found: Field, truth: Field) -> float:
    """Median distance in pixels of the flows' ends."""
    return float(np.median(np.linalg.norm(found - truth, axis=-1)))


# --- flow ---


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize(("name", "within"), [("fast", 0.2), ("medium", 0.08), ("fine", 0.06), ("farneback", 0.12)])
def test_backward_flow_points_to_where_each_pixel_was(
    name: str, within: float, motion: Callable[..., Positions]
) -> None:
    before, now, truth = pair(motion)
    found = motion_between(before, now, flow_method(name))
    assert found.backward.shape == truth.shape
    assert found.backward.dtype == np.float32
    assert miss(found.backward, truth) < within
    assert miss(found.backward, -truth) > 10 * within
    assert found.reliability.mean() > 0.75


def test_a_finer_search_comes_nearer() -> None:
    pairs = [pair(motion) for motion in MOTIONS]
    fast, medium, fine = (
        sum(miss(flow_method(name)(now, before), truth) for before, now, truth in pairs) for name in METHODS[:3]
    )
    assert fast > 2 * medium > 2.4 * fine


def test_the_scene_moves_left_when_the_backward_flow_points_right() -> None:
    """By hand, without a flow method: what is at x now was at x + 3."""
    x, y = grid()
    before, now, truth = pair(shifted_by_whole_pixels)
    assert np.array_equal(now[10, 10], before[8, 13])
    assert tuple(truth[10, 10]) == (3, -2)
    assert np.array_equal(texture(x + 3, y - 2), now)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("size", [(1, 1), (2, 30), (8, 8), (11, 40), (12, 12), (13, 9)])
def test_small_frames_have_a_flow(name: str, size: tuple[int, int]) -> None:
    x, y = grid(size)
    found = motion_between(texture(x, y), texture(x + 1, y), flow_method(name))
    assert found.backward.shape == (size[1], size[0], 2)
    assert np.isfinite(found.backward).all()
    assert found.reliability.shape == (size[1], size[0])


@pytest.mark.parametrize("name", METHODS)
def test_flow_depends_on_its_two_frames_alone(name: str) -> None:
    before, now, _ = pair(turned)
    small = np.ascontiguousarray(before[:16, :16])
    method = flow_method(name)
    first = method(now, before)
    method(small, small)
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        again = method(now, before)
    finally:
        cv2.setNumThreads(threads)
    assert np.array_equal(first, again)
    assert np.array_equal(first, flow_method(name)(now, before))


def test_an_unknown_method_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"'slow'.*fast, medium, fine, farneback, raft"):
        flow_method("slow")


# --- reliability ---


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


def uniform(u: float, v: float = 0.0, size: tuple[int, int] = (40, 30)) -> Field:
    return np.full((size[1], size[0], 2), (u, v), np.float32)


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
    found = reliability(uniform(3), uniform(-3))
    assert (found[:, 39:] == 0).all()
    assert (found[:, :35] == 1).all()
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
    found = reliability(backward, forward)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    edge = cv2.dilate(square.astype(np.uint8), cross) != cv2.erode(square.astype(np.uint8), cross)
    assert (found[bared] == 0).all()
    # The blur widens the bad places by two pixels at most.
    near = cv2.dilate((bared | edge).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    assert (found[~near] == 1).all()
    assert (found[bared | edge] < 0.5).all()
    # Ground that is about to be covered is still seen: in front of the square there is its edge, and no more.
    assert found[55, 96 + 3] == 1
    assert found[55, 56 - 3] == 0


@pytest.mark.parametrize(("name", "trust", "off"), [("fast", 0.4, 1.5), ("medium", 0.05, 0.1), ("fine", 0.05, 0.1)])
def test_the_bared_ground_is_found_in_pictures(name: str, trust: float, off: float) -> None:
    x, y = grid()
    _, _, square, bared = moved_square(6)
    ground, front = texture(x, y, 1), texture(x, y, 2)
    before = np.where(np.roll(square, -6, axis=1)[..., None], np.roll(front, -6, axis=1), ground)
    now = np.where(square[..., None], front, ground)
    found = motion_between(before, now, flow_method(name))
    far = cv2.dilate((square | bared).astype(np.uint8), np.ones((17, 17), np.uint8)) == 0
    inner = cv2.erode(square.astype(np.uint8), np.ones((17, 17), np.uint8)) == 1
    assert found.reliability[bared].mean() < trust
    assert found.reliability[far].mean() > 0.95
    assert found.reliability[inner].mean() > 0.95
    assert np.allclose(np.median(found.backward[inner], axis=0), (-6, 0), atol=off)


# --- carrying ---


def test_what_does_not_move_is_carried_bit_for_bit() -> None:
    image = torch.randn(1, 3, 37, 50, generator=torch.Generator().manual_seed(1))
    assert torch.equal(warp(image, torch.zeros(37, 50, 2)), image)
    still = texture(*grid((50, 37)))
    motion = motion_between(still, still, flow_method("medium"))
    carried = image
    for _ in range(50):
        carried = carry(carried, motion)
    assert torch.equal(carried, image)


def test_a_still_half_stays_bit_for_bit_beside_a_moving_one() -> None:
    image = torch.rand(1, 3, 30, 40, generator=torch.Generator().manual_seed(1))
    backward = torch.zeros(30, 40, 2)
    backward[:, 20:, 1] = 0.5
    moved = warp(image, backward)
    assert torch.equal(moved[..., :20], image[..., :20])
    assert not torch.isclose(moved[..., 20:], image[..., 20:]).all(dim=1).any()


def test_a_whole_shift_takes_the_pixels_themselves() -> None:
    image = torch.rand(1, 3, 30, 40, generator=torch.Generator().manual_seed(2))
    moved = warp(image, torch.from_numpy(uniform(3, -2)))
    assert torch.allclose(moved[:, :, 2:, :-3], image[:, :, :-2, 3:], atol=1e-5)


def test_a_fractional_shift_of_a_smooth_picture_equals_its_formula() -> None:
    x, y = (torch.from_numpy(values).float() for values in grid((61, 41)))

    def picture(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        # Mirrored at the borders, as the sampling is: half periods that end where the frame ends.
        waves = [
            torch.cos(math.pi * kx * x / 60) * torch.cos(math.pi * ky * y / 40) for kx, ky in ((1, 1), (4, 2), (0, 3))
        ]
        return torch.stack(waves)[None]

    moved = warp(picture(x, y), torch.from_numpy(uniform(0.5, -1.25, (61, 41))))
    assert torch.allclose(moved, picture(x + 0.5, y - 1.25), atol=2e-4)


def test_a_difference_is_carried_to_where_the_scene_went_times_its_reliability() -> None:
    difference = torch.randn(1, 3, 30, 40, generator=torch.Generator().manual_seed(3))
    trust = np.tile(np.linspace(0, 1, 40, dtype=np.float32), (30, 1))
    carried = carry(difference, Motion(uniform(3, -2), trust))
    expected = difference[:, :, :-2, 3:] * torch.from_numpy(trust)[2:, :-3]
    assert torch.allclose(carried[:, :, 2:, :-3], expected, atol=1e-5)


def test_a_mark_on_a_moving_scene_stays_on_its_place_and_keeps_its_strength() -> None:
    before, now, _ = pair(shifted_by_whole_pixels)
    mark = torch.zeros(1, 3, 112, 160)
    mark[..., 50:58, 60:68] = 0.25
    carried = carry(mark, motion_between(before, now, flow_method("medium")))
    # What was at x, y is at x - 3, y + 2.
    moved = torch.zeros_like(mark)
    moved[..., 52:60, 57:65] = 0.25
    assert torch.linalg.vector_norm(carried - moved) < 0.15 * torch.linalg.vector_norm(moved)
    assert float(carried.sum()) == pytest.approx(float(mark.sum()), rel=0.05)


# --- cuts ---


def flat(*rgb: int, size: tuple[int, int] = (64, 48)) -> Pixels:
    return np.full((size[1], size[0], 3), rgb, np.uint8)


def test_the_score_is_the_mean_difference_of_hue_saturation_and_value() -> None:
    # Gray has neither hue nor saturation. Pure red: hue 0, saturation and value 255; pure green: hue 60 of 180.
    assert cut_score(flat(100, 100, 100), flat(130, 130, 130)) == 30 / 3
    assert cut_score(flat(255, 0, 0), flat(0, 255, 0)) == 60 / 3
    assert cut_score(flat(0, 0, 0), flat(255, 0, 0)) == (255 + 255) / 3
    assert cut_score(flat(9, 9, 9, size=(1000, 3)), flat(9, 9, 9, size=(1000, 3))) == 0


def trusted(share: float, backward: tuple[float, float] = (0, 0), size: tuple[int, int] = (112, 160)) -> Motion:
    return Motion(np.full((*size, 2), backward, np.float32), np.full(size, share, np.float32))


def test_a_jump_of_colors_is_a_cut_from_a_score_of_27_on() -> None:
    assert CUT_SCORE == 27
    one, below, above = (flat(level, level, level) for level in (100, 180, 181))
    still = trusted(1.0, size=one.shape[:2])
    assert not is_cut(one, below, still)
    assert is_cut(one, above, still)


def test_colors_that_only_move_are_no_cut() -> None:
    stripes = np.zeros((112, 160, 3), np.uint8)
    stripes[:, ::2] = (255, 0, 0)
    stripes[:, 1::2] = (0, 255, 255)
    moved = np.roll(stripes, 1, axis=1)
    assert cut_score(stripes, moved) >= CUT_SCORE
    assert is_cut(stripes, moved, trusted(1.0))
    assert not is_cut(stripes, moved, trusted(1.0, (-1, 0)))


def test_motion_that_cannot_be_trusted_is_a_cut_though_the_colors_stay() -> None:
    x, y = grid()
    one, other = texture(x, y, 1), texture(x, y, 2)
    motion = motion_between(one, other, flow_method("medium"))
    assert motion.reliability.mean() < 0.3
    assert is_cut(one, other, motion)
    for share, cut in ((0.29, True), (0.31, False)):
        assert is_cut(one, other, trusted(share)) == cut


def test_the_cuts_of_a_real_clip_are_found_and_no_others(clips: Path) -> None:
    method = flow_method("fast")
    with read_frames(clips / "bikes.mp4", size=(256, 108)) as frames:
        scores, cuts = [], []
        for before, now in pairwise(frames):
            scores.append(cut_score(before, now))
            cuts.append(is_cut(before, now, motion_between(before, now, method)))
    at = [index + 1 for index, cut in enumerate(cuts) if cut]
    assert at == [30, 76, 137, 187, 242]
    jumps = [scores[index - 1] for index in at]
    others = [score for index, score in enumerate(scores, 1) if index not in at]
    assert 35 < min(jumps) < max(jumps) < 60
    assert max(others) < 20.5


@pytest.mark.parametrize("name", METHODS)
def test_a_moving_scene_is_no_cut(name: str) -> None:
    for motion in MOTIONS:
        before, now, _ = pair(motion)
        assert not is_cut(before, now, motion_between(before, now, flow_method(name)))


def test_frames_are_left_as_they_are() -> None:
    before, now, _ = pair(turned)
    copies = before.copy(), now.copy()
    is_cut(before, now, motion_between(before, now, flow_method("medium")))
    assert np.array_equal(before, copies[0])
    assert np.array_equal(now, copies[1])
