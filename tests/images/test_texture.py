"""Contrast over that of photographs is taken back, octave by octave, and nothing else is changed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.support.measures import laplacian_variance
from zoomdream.images.frame import Frame, noise
from zoomdream.images.sampling.resample import resize
from zoomdream.images.texture import natural_texture

SIZE = (96, 64)


def white_noise(contrast: float) -> Frame:
    rng = np.random.default_rng(3)
    return torch.from_numpy(rng.normal(0.5, contrast, (1, 3, 64, 96)).astype(np.float32)).clamp(0, 1)


def test_what_is_too_much_is_taken_back() -> None:
    gritty = white_noise(0.2)
    once = natural_texture(gritty, 1.0)
    assert laplacian_variance(once) < laplacian_variance(gritty) / 6
    assert laplacian_variance(natural_texture(gritty, 0.5)) == pytest.approx(
        (laplacian_variance(once) * laplacian_variance(gritty)) ** 0.5, rel=0.15
    )


def test_what_photographs_have_stays() -> None:
    soft = resize(white_noise(0.1), (24, 16))
    picture = resize(soft, SIZE).clamp(0, 1) * 0.3 + 0.35
    assert (natural_texture(picture, 1.0) - picture).abs().max() < 0.02


def test_colors_of_the_whole_frame_stay() -> None:
    gritty = white_noise(0.25)
    assert (natural_texture(gritty, 1.0) - gritty).mean((2, 3)).abs().max() < 0.01


def test_a_share_of_nothing_changes_nothing() -> None:
    gritty = white_noise(0.2)
    assert natural_texture(gritty, 0.0) is gritty


def test_calm_places_keep_less() -> None:
    strength = torch.ones(1, 1, 64, 96)
    strength[..., :48] = 0
    result = natural_texture(white_noise(0.2), 1.0, strength)
    assert laplacian_variance(result[..., :40]) < laplacian_variance(result[..., 56:]) / 10


def test_a_tiny_frame_has_no_octaves() -> None:
    tiny = noise((8, 6), np.random.default_rng(0))
    assert torch.equal(natural_texture(tiny, 1.0), tiny)


def test_the_frame_itself_is_left_alone() -> None:
    gritty = white_noise(0.2)
    before = gritty.clone()
    natural_texture(gritty, 1.0)
    assert torch.equal(gritty, before)
