from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from zoomdream.images.colors import color
from zoomdream.images.pictures.loading import load_image
from zoomdream.images.sampling.resample import fit_frame


@pytest.fixture(scope="module")
def photo(photos: Path) -> torch.Tensor:
    return fit_frame(load_image(photos / "chelsea.png"), (160, 90))


def test_lab_of_known_colors() -> None:
    """Values of the CIE formula for sRGB under D65."""
    rgb = torch.tensor([[1.0, 1, 1], [0, 0, 0], [1, 0, 0], [0.5, 0.5, 0.5]]).T.reshape(1, 3, 1, 4)
    lab = color.to_lab(rgb)[0, :, 0].T
    expected = [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [53.39, 0, 0]]
    assert lab.numpy() == pytest.approx(np.array(expected), abs=0.05)


def test_lab_agrees_with_opencv(photo: torch.Tensor) -> None:
    pixels = photo[0].permute(1, 2, 0).numpy()
    theirs = cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab)
    assert np.abs(color.to_lab(photo)[0].permute(1, 2, 0).numpy() - theirs).max() < 1.0


def test_lab_round_trip(photo: torch.Tensor) -> None:
    assert torch.allclose(color.from_lab(color.to_lab(photo)), photo, atol=1e-5)


def test_coherence_of_nothing_changes_nothing(photo: torch.Tensor) -> None:
    assert color.cohere(photo, color.palette_of(photo * 0.5), 0.0) is photo


def test_full_coherence_matches_mean_and_spread(photo: torch.Tensor) -> None:
    darker = (photo * 0.6 + 0.1).clamp(0, 1)
    matched = color.palette_of(color.cohere(darker, color.palette_of(photo), 1.0))
    target = color.palette_of(photo)
    assert torch.allclose(matched.mean, target.mean, atol=0.5)
    assert torch.allclose(matched.std, target.std, rtol=0.05)


def test_partial_coherence_goes_part_of_the_way(photo: torch.Tensor) -> None:
    tinted = photo * torch.tensor([0.7, 1.0, 0.9]).view(1, 3, 1, 1)
    target, before = color.palette_of(photo).mean, color.palette_of(tinted).mean
    after = color.palette_of(color.cohere(tinted, color.palette_of(photo), 0.25)).mean
    assert torch.allclose((after - before) / (target - before), torch.full((1, 3, 1, 1), 0.25), atol=0.05)


def test_natural_gradient_keeps_gray_and_shrinks_neon() -> None:
    gray = torch.ones(1, 3, 2, 2)
    neon = torch.tensor([1.0, -1.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    assert color.natural_gradient(gray, 1.0).mean() / color.natural_gradient(neon, 1.0).abs().mean() > 8
    assert color.natural_gradient(neon, 0.0) is neon


def test_natural_correlation_has_norm_one() -> None:
    assert torch.linalg.matrix_norm(color.NATURAL, 2).item() == pytest.approx(1)
