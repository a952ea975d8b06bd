"""Carrying a dream along a motion, against arithmetic by hand."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
import torch

from tests.support.textures import grid, pair, shifted_by_whole_pixels, texture, uniform
from zoomdream.images.filters import blur
from zoomdream.motion import carrying
from zoomdream.motion.carrying import carry, carry_both, warp
from zoomdream.motion.optical_flow.flow import flow_method
from zoomdream.motion.optical_flow.reliability import Motion, motion_between


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


def test_a_change_comes_along_as_the_picture_does(monkeypatch: pytest.MonkeyPatch) -> None:
    image = torch.randn(1, 3, 48, 64, generator=torch.Generator().manual_seed(4))
    change = blur(torch.randn(1, 3, 48, 64, generator=torch.Generator().manual_seed(5)), 2)
    trust = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (48, 1))
    noise = np.random.default_rng(0).normal(size=(48, 64, 2)).astype(np.float32)
    backward = np.asarray(6 * cv2.GaussianBlur(noise, (0, 0), 4), np.float32)
    backward[:20, :30] = 0
    motion = Motion(backward, trust)
    with_it = carry_both(image, change, motion)
    assert torch.equal(with_it[0], carry(image, motion))
    assert carry_both(image, None, motion)[1] is None
    assert with_it[1] is not None
    assert torch.equal(with_it[1][..., :20, :30], (change * torch.from_numpy(trust))[..., :20, :30])
    assert torch.allclose(with_it[1], carry(change, motion), atol=0.03 * float(change.abs().max()))
    monkeypatch.setattr(carrying, "opencv_samples", lambda *_: False)
    other = carry_both(image, change, motion)[1]
    assert other is not None
    assert torch.allclose(with_it[1], other, atol=1e-4)


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
