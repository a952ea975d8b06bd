"""Masks: what they leave as it is, how they meet a frame of another shape, and what they remember."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from zoomdream.images.pictures.saving import save_image
from zoomdream.networks import Network
from zoomdream.objectives import (
    mask_warning,
    resolve,
)
from zoomdream.objectives.masks import Mask
from zoomdream.settings import DreamSettings
from zoomdream.stills.still import dream_still


def test_a_mask_leaves_the_rest_of_the_picture_as_it_is_to_the_bit(
    network: Network, coffee: torch.Tensor, tmp_path: Path
) -> None:
    half = torch.zeros(1, 3, 112, 160)
    half[..., :80] = 1
    save_image(half, tmp_path / "half.png")
    settings = DreamSettings(octaves=1, steps=3, smoothing=0.5, jitter=32)
    masked = dream_still(coffee, network, {f"class:daisy in {tmp_path}/half.png": 1}, settings)
    assert torch.equal(masked[..., 80:], coffee[..., 80:])
    inside = (masked - coffee)[..., :80].abs().mean()
    everywhere = (dream_still(coffee, network, {"class:daisy": 1}, settings) - coffee).abs().mean()
    assert inside.item() == pytest.approx(everywhere.item(), rel=0.25)
    both = {f"class:daisy in {tmp_path}/half.png": 1.0, "fire5": 0.5}
    assert not torch.equal(dream_still(coffee, network, both, settings)[..., 80:], coffee[..., 80:])


def test_a_mask_of_another_size_is_cropped_as_the_source_is_with_a_warning(network: Network, tmp_path: Path) -> None:
    bands = torch.zeros(1, 3, 100, 400)
    bands[..., 100:200] = 1  # of the 200 columns that a square crop keeps, the left half
    save_image(bands, tmp_path / "bands.png")
    term = resolve(network, f"fire5 in {tmp_path}/bands.png")
    assert term.mask is not None
    cropped = term.mask.at((50, 25), (50, 25))
    assert cropped.shape == (1, 1, 25, 50)
    assert cropped[..., 2:23].min() > 0.99
    assert cropped[..., 28:].max() < 0.01
    assert mask_warning(term, (50, 25)) == "mask bands.png is 400x100 and is read at 50x25"
    assert mask_warning(term, (400, 100)) is None


def test_a_mask_that_is_larger_than_any_film_is_read_smaller(network: Network, tmp_path: Path) -> None:
    strip = torch.zeros(1, 3, 2, 6000)
    strip[..., 3000:] = 1
    save_image(strip, tmp_path / "strip.png")
    term = resolve(network, f"fire3 in {tmp_path}/strip.png")
    assert isinstance(term.mask, Mask)
    assert term.mask.picture.shape == (1, 3, 1, 4096)
    assert term.mask.at((6000, 2), (60, 1)).round().flatten().tolist() == [0] * 30 + [1] * 30
    assert mask_warning(term, (6000, 2)) is None
    assert "strip.png is 6000x2 and is read at 60x1" in str(mask_warning(term, (60, 1)))


def test_a_mask_with_another_fit_does_not_show_the_first_ones_sizes() -> None:
    left = torch.zeros(1, 3, 20, 80)
    left[..., :20] = 1
    mask = Mask(left)
    filled = mask.at((40, 40), (40, 40))
    assert filled.max() == 0  # a square crop begins at column 30
    fitted = replace(mask, fit="fit").at((40, 40), (40, 40))
    assert fitted.max() == 1
    assert torch.equal(mask.at((40, 40), (40, 40)), filled)


def test_a_mask_remembers_its_sizes_and_not_all_of_them() -> None:
    mask = Mask(torch.rand(1, 3, 30, 30, generator=torch.Generator().manual_seed(0)))
    first = mask.at((30, 30), (10, 10))
    assert mask.at((30, 30), (10, 10)) is first
    for side in range(100, 200):
        mask.at((30, 30), (side, side))
    again = mask.at((30, 30), (10, 10))
    assert again is not first
    assert torch.equal(again, first)
