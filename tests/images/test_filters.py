from __future__ import annotations

import numpy as np
import pytest
import torch

from zoomdream.images.filters import blur, convolved, reflected, separable


def test_separable_equals_a_plain_convolution() -> None:
    frame = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(1))
    half = np.array([0.4, 0.2, 0.1])
    kernel = torch.tensor([0.1, 0.2, 0.4, 0.2, 0.1])
    padded = torch.nn.functional.pad(frame, (2, 2, 2, 2), mode="reflect")
    plane = torch.outer(kernel, kernel)[None, None].expand(3, 1, 5, 5)
    plain = torch.nn.functional.conv2d(padded, plane, groups=3)
    assert torch.allclose(separable(frame, half), plain, atol=1e-6)


def test_blur_has_the_width_asked_for_and_keeps_the_sum() -> None:
    point = torch.zeros(1, 3, 41, 41)
    point[..., 20, 20] = 1
    spread = blur(point, 2.0)[0, 0]
    offsets = torch.arange(41.0) - 20
    assert spread.sum().item() == pytest.approx(1, abs=1e-5)
    assert (spread.sum(0) * offsets**2).sum().sqrt().item() == pytest.approx(2.0, rel=0.03)
    assert blur(point, 0) is point


@pytest.mark.parametrize("sigma", [0.4, 3.0, 50.0])
def test_blur_keeps_a_plain_frame_and_its_size_up_to_the_borders(sigma: float) -> None:
    plain = torch.full((1, 3, 5, 9), 0.3)
    assert torch.allclose(blur(plain, sigma), plain, atol=1e-6)


@pytest.mark.parametrize("dim", [-1, -2])
@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_a_short_frame_is_reflected_as_often_as_it_takes(length: int, dim: int) -> None:
    line = torch.arange(float(length))
    frame = line[None, :].expand(3, 3, length) if dim == -1 else line[:, None].expand(3, length, 3)
    wide = reflected(frame[None], 7, dim).movedim(dim, -1)[0, 0, 0]
    assert torch.equal(wide, torch.from_numpy(np.pad(line.numpy(), 7, "reflect" if length > 1 else "edge")))


@pytest.mark.parametrize("size", [(40, 30), (5, 3), (1, 7)])
@pytest.mark.parametrize("reach", [0, 1, 12])
def test_a_gpu_filters_by_convolutions_to_the_same_values(size: tuple[int, int], reach: int) -> None:
    frame = torch.rand(1, 3, size[1], size[0], generator=torch.Generator().manual_seed(3))
    half = np.random.default_rng(reach).normal(size=reach + 1)
    ours, expected = convolved(frame, half), separable(frame, half)
    assert ours.shape == expected.shape
    assert (ours - expected).abs().max() <= 2e-6 * expected.abs().max() + 1e-6 * np.abs(half).sum() ** 2
