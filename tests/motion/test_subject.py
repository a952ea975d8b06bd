"""What moves against the camera, on flows and pictures whose motion is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.textures import grid, texture
from zoomdream.motion.optical_flow.flow import flow_method
from zoomdream.motion.optical_flow.reliability import reliability
from zoomdream.motion.subject import Evidence, camera_field, evidence, moving_part, steadied

SIZE = (160, 96)
SQUARE = (slice(30, 66), slice(60, 110))


def affine() -> NDArray[np.float32]:
    x, y = grid(SIZE)
    return np.stack([1.5 + 0.02 * x - 0.01 * y, -0.5 + 0.01 * x + 0.02 * y], axis=-1).astype(np.float32)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.45])
def test_the_cameras_movement_is_found_behind_what_moves_otherwise(share: float) -> None:
    flow = affine()
    flow[:, : round(share * SIZE[0])] += (9, -4)
    found, noise = camera_field(flow, np.ones(SIZE[::-1], np.float32))
    assert np.abs(found - affine()).max() < 0.05
    assert noise < 0.1


def test_fits_are_the_same_each_time() -> None:
    flow = affine() + np.random.default_rng(3).normal(0, 0.3, (*SIZE[::-1], 2)).astype(np.float32)
    one, other = (camera_field(flow, np.ones(SIZE[::-1], np.float32)) for _ in range(2))
    assert np.array_equal(one[0], other[0])
    assert one[1] == other[1]
    assert one[1] == pytest.approx(0.3, rel=0.2)


def test_what_moves_over_a_camera_that_moves_is_the_subject() -> None:
    x, y = grid(SIZE)
    before, now = texture(x, y), texture(x + 2, y + 1)
    before[SQUARE] = texture(x, y, 1)[SQUARE]
    now[SQUARE] = texture(x - 3, y, 1)[SQUARE]
    method = flow_method("medium")
    backward, forward = method(now, before), method(before, now)
    mask = moving_part([evidence(backward, reliability(backward, forward), 1 / 25)], SIZE[::-1])
    inside = np.zeros(SIZE[::-1], bool)
    inside[SQUARE] = True
    assert mask[35:61, 68:102].mean() > 0.95
    near = np.zeros_like(inside)
    near[20:76, 48:122] = True
    assert mask[~near].mean() < 0.03


def test_nothing_moves_in_a_pan() -> None:
    x, y = grid(SIZE)
    before, now = texture(x, y), texture(x + 3, y - 2)
    method = flow_method("medium")
    backward, forward = method(now, before), method(before, now)
    mask = moving_part([evidence(backward, reliability(backward, forward), 1 / 25)], SIZE[::-1])
    assert mask.mean() < 0.02


def test_what_cannot_be_trusted_is_what_is_around() -> None:
    moves, trust = np.ones((40, 60), np.float32), np.ones((40, 60), np.float32)
    moves[18:22, 28:32] = 0
    trust[18:22, 28:32] = 1e-3
    assert moving_part([Evidence(moves, trust)], (40, 60)).min() > 0.95
    assert not moving_part([], (40, 60)).any()


def test_a_steady_mask_moves_along() -> None:
    shape = (20, 60)

    def bar(left: int) -> NDArray[np.float32]:
        part = np.zeros(shape, np.float32)
        part[:, left : left + 10] = 1
        return part

    flow = np.zeros((*shape, 2), np.float32)
    flow[..., 0] = -5
    assert np.array_equal(steadied([bar(10), bar(15), bar(20)], [flow, flow]), bar(20))
    lost = steadied([bar(10), bar(15), bar(20) * 0], [flow, flow])
    assert lost[:, 20:30].mean() == pytest.approx(0.6, abs=1e-3)
