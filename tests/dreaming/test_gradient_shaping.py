from __future__ import annotations

import numpy as np
import pytest
import torch

from zoomdream.dreaming.gradient_shaping import color_and_smooth, laplacian_normalized, unit_step
from zoomdream.settings import DreamSettings


def test_laplacian_makes_bands_equally_strong() -> None:
    rng = np.random.default_rng(0)
    fine = torch.from_numpy(rng.normal(0, 1, (1, 3, 128, 128)).astype(np.float32))
    coarse = torch.nn.functional.interpolate(fine[..., ::16, ::16], (128, 128), mode="bicubic")

    def coarse_share(image: torch.Tensor) -> float:
        low = torch.nn.functional.avg_pool2d(image, 16)
        return (low.var() / image.var()).item()

    unequal = 10 * fine + coarse
    assert coarse_share(laplacian_normalized(unequal, 5)) > 5 * coarse_share(unequal)


def test_a_step_has_a_mean_magnitude_of_one() -> None:
    gradient = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 1e-6
    shaped = color_and_smooth(gradient, DreamSettings(smoothing=1.0, laplacian=3), 0.5)
    step = unit_step(shaped, 1.0)
    assert step.abs().mean().item() == pytest.approx(1.0, rel=1e-5)
    assert torch.equal(unit_step(shaped, 0.25), step * 0.25)
    nothing = unit_step(torch.zeros(1, 3, 8, 8), 1.0)
    assert torch.isfinite(nothing).all()


def test_a_local_step_is_as_large_where_it_moves_and_nothing_beside() -> None:
    """A pixel counts as much as its share."""
    gradient = torch.zeros(1, 3, 10, 10)
    gradient[..., :2, :5] = torch.tensor([2.0, -4.0, 6.0]).view(1, 3, 1, 1)
    share = torch.zeros(1, 1, 10, 10)
    share[..., :2, :5] = 1
    alone = unit_step(gradient, share)
    assert alone[0, :, 0, 0].tolist() == pytest.approx([0.5, -1.0, 1.5])
    region = torch.zeros(1, 1, 10, 10)
    region[..., :5] = 0.5
    masked = unit_step(torch.ones(1, 3, 10, 10) * 7, region)
    assert masked.abs().sum().item() == pytest.approx(3 * region.sum().item(), rel=1e-5)
    assert not masked[..., 5:].any()
