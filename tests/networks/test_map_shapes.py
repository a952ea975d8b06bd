"""Shapes by arithmetic are those that PyTorch finds on the meta device."""

from __future__ import annotations

import pytest
import torch
from torch import fx, nn

from tests.support.networks import slow
from zoomdream.networks import LOGITS, Tap, blueprint
from zoomdream.networks.map_shapes import TooSmallError, UnknownOperationError, output_shapes


def shapes_on_meta(network: fx.GraphModule, size: tuple[int, int]) -> list[tuple[int, ...]] | None:
    """None: the network does not run on a frame of this size."""
    try:
        return [tuple(output.shape) for output in network(torch.empty(1, 3, size[1], size[0], device="meta"))]
    except RuntimeError:
        return None


def shapes_by_arithmetic(network: fx.GraphModule, size: tuple[int, int]) -> list[tuple[int, ...]] | None:
    try:
        return output_shapes(network, size)
    except TooSmallError:
        return None


NETWORKS = (
    *("squeezenet1_1", slow("squeezenet1_0"), "alexnet", "googlenet", slow("resnet18"), "efficientnet_lite0"),
    *(slow("mobilenet_v2"), slow("densenet121"), slow("mnasnet0_5"), slow("regnet_x_400mf")),
)


@pytest.mark.parametrize("name", NETWORKS)
def test_they_are_those_of_the_meta_device(name: str) -> None:
    network = blueprint(name)
    taps = [Tap(layer.name, before_relu) for layer in network.outline for before_relu in (False, True)]
    for part in (network.subgraph(taps), network.subgraph([Tap(LOGITS)])):
        for size in [*((side, side) for side in range(1, 80, 6)), (480, 270), (101, 64), (33, 200)]:
            assert shapes_by_arithmetic(part, size) == shapes_on_meta(part, size), size


@pytest.mark.parametrize("ceil_mode", [True, False])
@pytest.mark.parametrize("kernel", [(3, 2, 1), (2, 2, 0), (3, 3, 0), (2, 3, 1)])
def test_pools_of_all_kinds_have_those_of_the_meta_device(kernel: tuple[int, int, int], ceil_mode: bool) -> None:
    size, stride, padding = kernel
    for pool in (
        nn.MaxPool2d(size, stride, padding, ceil_mode=ceil_mode),
        nn.AvgPool2d(size, stride, padding, ceil_mode),
    ):
        network = traced(pool)
        for side in range(1, 20):
            assert shapes_by_arithmetic(network, (side, 7)) == shapes_on_meta(network, (side, 7)), (pool, side)


def traced(module: nn.Module) -> fx.GraphModule:
    """A network of one module whose outputs are a tuple."""
    graph = fx.Graph()
    graph.output((graph.call_module("0", (graph.placeholder("frame"),)),))
    return fx.GraphModule(nn.Sequential(module), graph)


@pytest.mark.parametrize("module", [nn.Upsample(scale_factor=2), nn.Conv2d(3, 4, 3, padding="same")])
def test_what_only_pytorch_knows_is_told(module: nn.Module) -> None:
    with pytest.raises(UnknownOperationError):
        output_shapes(traced(module), (32, 32))
