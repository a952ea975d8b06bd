"""Convolutions that give the same bits on any number of threads, and the same values as PyTorch's."""

from __future__ import annotations

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.support.threads import differing_threads
from zoomdream.networks import LOGITS, Network, load_network
from zoomdream.networks.execution.convolutions import (
    FirstConvolution,
    PointwiseConvolution,
    fix_order,
    picture_gradient,
)

THREADS = (1, 2, 3, 4, 8)


@pytest.mark.parametrize("kernel", [(3, 3), (7, 7), (5, 2)])
@pytest.mark.parametrize(
    ("stride", "padding"), [((2, 2), (0, 0)), ((2, 2), (3, 1)), ((4, 3), (1, 2)), ((5, 5), (0, 0))]
)
@pytest.mark.parametrize("size", [(31, 44), (40, 33)])
def test_the_gradient_is_that_of_the_convolution(
    kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int], size: tuple[int, int]
) -> None:
    picture, weight = normal(2, 3, *size).double().requires_grad_(), normal(8, 3, *kernel).double()
    output = F.conv2d(picture, weight, None, stride, padding)
    upstream = normal(*output.shape).double()
    (expected,) = torch.autograd.grad(output, picture, upstream)
    torch.testing.assert_close(picture_gradient(upstream, weight, size, stride, padding), expected)


def test_only_convolutions_that_depend_on_the_threads_are_replaced() -> None:
    first, same = nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.Conv2d(8, 8, 3, padding=1)
    pointwise, grouped = nn.Conv2d(8, 64, 1), nn.Conv2d(64, 64, 1, groups=4)
    inner = nn.Sequential(pointwise, grouped)
    model = nn.Sequential(first, same, inner).requires_grad_(False)
    picture = normal(1, 3, 90, 122)
    expected = model(picture)
    fix_order(model)
    assert [type(module) for module in model] == [FirstConvolution, nn.Conv2d, nn.Sequential]
    assert [type(module) for module in inner] == [PointwiseConvolution, nn.Conv2d]
    torch.testing.assert_close(model(picture), expected, rtol=1e-4, atol=1e-5)


# Of these sizes, 122x284 and 118x314 are some whose first gradient oneDNN computes otherwise on 2, 3 or 4 threads.
@pytest.mark.parametrize("size", [(122, 284), (118, 314), (245, 138), (343, 193)])
def test_squeezenet_does_not_depend_on_the_threads(network: Network, size: tuple[int, int]) -> None:
    assert differing_threads(lambda: activations_and_gradient(network, size), THREADS) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["googlenet", "vgg16", "mobilenet_v2", "squeezenet1_0"])
def test_other_networks_do_not_depend_on_the_threads(name: str) -> None:
    network = load_network(name, random=0)
    for size in [(343, 193), (224, 160)]:
        assert differing_threads(partial(activations_and_gradient, network, size), (1, 2, 3, 4)) == []


def activations_and_gradient(network: Network, size: tuple[int, int]) -> list[Tensor]:
    picture = torch.rand(1, 3, size[1], size[0], generator=torch.Generator().manual_seed(1)).requires_grad_()
    logits = network.activations(picture, [LOGITS], before_relu=True)[LOGITS]
    return [logits.detach(), *torch.autograd.grad(logits, picture, logits.detach())]


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))
