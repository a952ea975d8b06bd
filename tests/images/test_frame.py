from __future__ import annotations

import numpy as np
import pytest
import torch

from zoomdream.images.frame import from_uint8, noise, size_of, to_levels, to_uint8, to_uint16


def test_uint8_round_trip_is_exact() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)[..., None].repeat(3, axis=2)
    assert np.array_equal(to_uint8(from_uint8(levels)), levels)


def test_to_uint8_rounds_and_clamps() -> None:
    frame = torch.tensor([-0.5, 0.499 / 255, 0.501 / 255, 2.0]).view(1, 1, 1, 4).expand(1, 3, 1, 4)
    assert to_uint8(frame)[0, :, 0].tolist() == [0, 0, 1, 255]


def test_16_bits_are_rounded_and_clamped() -> None:
    frame = torch.tensor([-0.5, 0.499 / 65535, 0.501 / 65535, 0.5, 2.0]).view(1, 1, 1, 5).expand(1, 3, 1, 5)
    levels = to_uint16(frame)
    assert levels.dtype == np.uint16
    assert levels[0, :, 0].tolist() == [0, 0, 1, 32768, 65535]
    assert [to_levels(frame, bits).dtype for bits in (8, 16)] == [np.uint8, np.uint16]


def test_noise_is_reproducible_and_gray() -> None:
    one, two = (noise((64, 32), np.random.default_rng(5)) for _ in range(2))
    assert torch.equal(one, two)
    assert one.shape == (1, 3, 32, 64)
    assert one.mean().item() == pytest.approx(0.5, abs=0.01)


def test_size_is_width_and_height() -> None:
    assert size_of(torch.zeros(1, 3, 48, 64)) == (64, 48)
