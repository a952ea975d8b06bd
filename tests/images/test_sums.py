"""Sums of whole tensors: right, differentiable, and the same bits on any number of threads."""

from __future__ import annotations

import pytest
import torch

from tests.support.threads import differing_threads
from zoomdream.images.sums import mean, standard_deviation, total

SHAPES = [(), (7,), (100_001,), (1, 1, 1, 70_001), (1, 3, 193, 343), (1, 96, 33, 59), (2, 3, 64, 96)]


@pytest.mark.parametrize("shape", SHAPES)
def test_sums_are_right(shape: tuple[int, ...]) -> None:
    values = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    exact = values.double()
    assert total(values).shape == ()
    torch.testing.assert_close(total(values).double(), exact.sum(), rtol=1e-5, atol=0)
    torch.testing.assert_close(mean(values).double(), exact.mean(), rtol=1e-5, atol=0)
    if values.numel() > 1:
        torch.testing.assert_close(standard_deviation(values).double(), exact.std(), rtol=1e-5, atol=0)


@pytest.mark.parametrize("shape", SHAPES[1:])
@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_sums_do_not_depend_on_the_threads(shape: tuple[int, ...], order: torch.memory_format) -> None:
    values = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    if len(shape) == 4:
        values = values.contiguous(memory_format=order)
    assert differing_threads(lambda: [total(values), mean(values), standard_deviation(values)], (1, 2, 3, 4, 8)) == []


def test_a_mean_has_the_gradient_of_a_mean() -> None:
    values = torch.rand(1, 3, 20, 30).requires_grad_()
    (ours,) = torch.autograd.grad(mean(values.square()), values)
    torch.testing.assert_close(ours, values.detach() * 2 / values.numel())
