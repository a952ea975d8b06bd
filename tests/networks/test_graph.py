"""Tracing, folding and cutting a network."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from tests.support.networks import random_frame, slow
from zoomdream.networks import LOGITS, Network, Tap, load_network
from zoomdream.networks.graph import trace


class _ReadTwice(nn.Module):
    """A convolution that a batch norm and a sum read: folding would change the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        result: Tensor = self.norm(y) + y
        return result


def test_a_convolution_that_is_read_twice_is_not_folded() -> None:
    traced = trace(_ReadTwice().eval())
    assert traced.folded == ()
    assert traced.returned["norm"] is not traced.returned["conv"]


def test_before_relu_becomes_the_layer_by_a_relu(relu_network: Network) -> None:
    names = [layer.name for layer in relu_network.layers]
    after = relu_network.activations(random_frame(), names)
    before = relu_network.activations(random_frame(), names, before_relu=True)
    for name in names:
        # Inception's reduction blocks join ReLUs and a max pool of ReLUs, which a second ReLU leaves as it is.
        assert torch.equal(before[name], after[name]) or torch.equal(F.relu(before[name]), after[name]), name


@pytest.fixture(
    scope="module", params=["squeezenet1_1", "googlenet", "resnet18", slow("vgg11_bn"), slow("inception_v3")]
)
def relu_network(request: pytest.FixtureRequest) -> Network:
    return load_network(request.param, random=2)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("squeezenet1_1", "fire8"),
        ("squeezenet1_1", "relu1"),
        ("googlenet", "inception4c"),
        ("googlenet", "conv2"),
        ("resnet18", "layer2.0"),
        slow("inception_v3", "Mixed_6a"),
        slow("alexnet", "relu3"),
    ],
)
def test_before_relu_has_the_negative_half(name: str, layer: str) -> None:
    network = load_network(name, random=2)
    assert network.activations(random_frame(), [layer])[layer].min() >= 0
    alone = network.activations(random_frame(), [layer], before_relu=True)[layer]
    assert (alone < 0).float().mean() > 0.1
    # With a deeper layer beside it, its ReLU runs, in place.
    deepest = network.layers[-1].name
    assert torch.equal(network.activations(random_frame(), [layer, deepest], before_relu=True)[layer], alone)


@pytest.mark.parametrize("layer", ["conv1", "pool3", "fire5.expand1x1"])
def test_before_relu_leaves_other_layers_alone(layer: str) -> None:
    network = load_network(random=2)
    before = network.activations(random_frame(), [layer], before_relu=True)[layer]
    assert torch.equal(before, network.activations(random_frame(), [layer])[layer])


def test_a_layer_before_its_convolutions_relu_does_not_run_the_relu() -> None:
    network = load_network(random=0)
    subgraph = network.subgraph(["conv1"])
    assert [node.op for node in subgraph.graph.nodes] == ["placeholder", "call_module", "output"]


def test_nothing_deeper_than_the_deepest_layer_runs() -> None:
    network = load_network(random=0)
    network.smallest_input(["conv1", "fire2"])  # counts as well, and is kept
    with FlopCounterMode(display=False) as counter:
        network.activations(random_frame(65, 65), ["conv1", "fire2"])
    # conv1: 64 kernels of 3x3x3 on 32x32 positions; pooled to 16x16; squeeze 64 to 16, expand to 64 and, by 3x3, to 64.
    expected = 2 * 64 * 27 * 32**2 + 2 * (16 * 64 + 64 * 16 + 64 * 16 * 9) * 16**2
    assert counter.get_total_flops() == expected


def test_one_layer_before_and_after_its_relu_in_one_run(network: Network) -> None:
    before, after = Tap("fire8", before_relu=True), Tap("fire8")
    activations = network.activations(random_frame(), [before, after, "conv1"])
    assert list(activations) == [before, after, "conv1"]
    assert activations[before].min() < 0
    assert torch.equal(F.relu(activations[before]), activations[after])


def test_class_scores_before_a_relu_that_is_only_averaged(network: Network) -> None:
    """SqueezeNet averages conv10 after its ReLU: a class that is seen nowhere would have no gradient."""
    frame = random_frame()
    scores = network.activations(frame, [Tap(LOGITS, before_relu=True), LOGITS])
    maps = network.activations(frame, ["conv10"])["conv10"]
    assert torch.allclose(scores[Tap(LOGITS, before_relu=True)], maps.mean((2, 3)), atol=1e-5)
    assert torch.allclose(scores[LOGITS], F.relu(maps).mean((2, 3)), atol=1e-5)
    googlenet = load_network("googlenet", random=2)  # ends in a linear layer
    assert torch.equal(
        googlenet.activations(frame, [Tap(LOGITS, before_relu=True)]).popitem()[1], googlenet.logits(frame)
    )
