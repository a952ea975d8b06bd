"""Optical flow against motions that are known exactly."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.support.textures import MOTIONS, Positions, grid, pair, shifted_by_whole_pixels, texture, turned
from zoomdream.errors import UsageError
from zoomdream.motion.cuts import is_cut
from zoomdream.motion.optical_flow.flow import Field, flow_method
from zoomdream.motion.optical_flow.reliability import motion_between

METHODS = ("fast", "medium", "fine", "farneback")


def miss(estimate: Field, truth: Field) -> float:
    """Median distance in pixels of the flows' ends."""
    return float(np.median(np.linalg.norm(estimate - truth, axis=-1)))


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize(("name", "within"), [("fast", 0.2), ("medium", 0.08), ("fine", 0.06), ("farneback", 0.12)])
def test_backward_flow_points_to_where_each_pixel_was(
    name: str, within: float, motion: Callable[..., Positions]
) -> None:
    before, now, truth = pair(motion)
    estimate = motion_between(before, now, flow_method(name))
    assert estimate.backward.shape == truth.shape
    assert estimate.backward.dtype == np.float32
    assert miss(estimate.backward, truth) < within
    assert miss(estimate.backward, -truth) > 10 * within
    assert estimate.reliability.mean() > 0.75


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
    estimate = motion_between(texture(x, y), texture(x + 1, y), flow_method(name))
    assert estimate.backward.shape == (size[1], size[0], 2)
    assert np.isfinite(estimate.backward).all()
    assert estimate.reliability.shape == (size[1], size[0])


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


def test_frames_are_left_as_they_are() -> None:
    before, now, _ = pair(turned)
    copies = before.copy(), now.copy()
    is_cut(before, now, motion_between(before, now, flow_method("medium")))
    assert np.array_equal(before, copies[0])
    assert np.array_equal(now, copies[1])
