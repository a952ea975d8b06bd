"""Blocks with gradients of their own against autograd's, operation by operation."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from tests.support.networks import random_frame, relative_error, slow, tiny_network
from tests.support.threads import differing_threads
from zoomdream.networks import Network, Tap, load_network
from zoomdream.networks.execution import blocks, onednn
from zoomdream.networks.execution.block_gradients import Block
from zoomdream.networks.execution.convolutions import fix_order

pytestmark = pytest.mark.skipif(
    not blocks.usable(torch.device("cpu"), torch.float32), reason="PyTorch has no oneDNN of its own here"
)
Values = tuple[Tensor, ...]


def values_and_gradient(module: nn.Module, frame: Tensor) -> tuple[Values, Tensor]:
    """What the module gives for a frame, and the gradient of its outputs' weighted sum."""
    leaf = frame.detach().contiguous(memory_format=torch.channels_last).requires_grad_()
    values = module(leaf)
    upstream = [torch.randn(value.shape, generator=torch.Generator().manual_seed(3)) for value in values]
    (gradient,) = torch.autograd.grad(values, leaf, upstream)
    return tuple(value.detach() for value in values), gradient


def counted_blocks(module: fx.GraphModule) -> int:
    return sum(isinstance(child, Block) for child in module.children())


@pytest.mark.parametrize(
    ("name", "taps", "size"),
    [
        ("squeezenet1_1", [Tap("fire8")], (97, 122)),
        ("squeezenet1_1", [Tap("conv1"), Tap("fire5", before_relu=True), Tap("fire5"), Tap("pool5")], (131, 64)),
        ("squeezenet1_1", [Tap("logits", before_relu=True)], (64, 65)),
        ("googlenet", [Tap("inception4a"), Tap("inception3a", before_relu=True)], (96, 75)),
        slow("googlenet", [Tap("inception4c"), Tap("inception3b.branch2.0")], (223, 130)),
        slow("vgg11", [Tap("conv4_1"), Tap("pool2")], (66, 81)),
        slow("alexnet", [Tap("conv5")], (131, 96)),
        slow("resnet18", [Tap("layer2")], (65, 96)),
        slow("mobilenet_v2", [Tap("features.5")], (65, 96)),
        slow("inception_v3", [Tap("Mixed_6b")], (160, 131)),
    ],
)
def test_a_network_in_blocks_is_the_network(name: str, taps: list[Tap], size: tuple[int, int]) -> None:
    network = load_network(name, random=2)
    plain = network.subgraph(taps)
    joined = blocks.joined(plain, {})
    assert counted_blocks(joined)
    frames = torch.cat([random_frame(*size), random_frame(*size).flip(3)]) - 0.5
    for frame in (frames, frames[:1]):
        expected, gradient = values_and_gradient(plain, frame)
        values, of_blocks = values_and_gradient(joined, frame)
        assert all(relative_error(*pair) < 1e-5 for pair in zip(values, expected, strict=True))
        assert relative_error(of_blocks, gradient) < 2e-5


def test_of_large_maps_of_squeezenet_no_bit_differs(network: Network) -> None:
    """Small ones autograd leaves to other code than oneDNN's, which adds in another order.

    So does a convolution of maps that a block never puts side by side, as that of fire3 would be.
    """
    plain = network.subgraph(["fire2"])
    frame = random_frame(180, 201) * 255 - 120
    expected, gradient = values_and_gradient(plain, frame)
    values, of_blocks = values_and_gradient(blocks.joined(plain, {}), frame)
    assert torch.equal(values[0], expected[0])
    assert torch.equal(of_blocks, gradient)


@pytest.mark.parametrize(
    "operators", [SimpleNamespace(), SimpleNamespace(_convolution_pointwise=lambda values: values)]
)
def test_a_pytorch_without_the_operators_runs_without_blocks(
    operators: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    onednn.available.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(torch.ops, "mkldnn", operators)
        assert not blocks.usable(torch.device("cpu"), torch.float32)
    onednn.available.cache_clear()
    assert blocks.usable(torch.device("cpu"), torch.float32)


def test_networks_without_such_operations_stay_as_they_are() -> None:
    plain = tiny_network("swin").subgraph(["features.1"])
    joined = blocks.joined(plain, {})
    assert torch.equal(joined(random_frame())[0], plain(random_frame())[0])


class _Joints(nn.Module):
    """Every way in which values meet: a map read by two branches, twice by one, a pool beside them, ties in it."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 16, 3, padding=1)
        self.narrow, self.wide = nn.Conv2d(16, 8, 1), nn.Conv2d(16, 8, (5, 3), padding=(2, 1))
        self.pool = nn.MaxPool2d(3, 1, 1)
        self.coarse = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.last = nn.Conv2d(48, 8, 2)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        start = self.relu(self.first(frame))
        twice = self.wide(start)
        joined = torch.cat([F.relu(self.narrow(start)), twice, F.relu(twice), self.pool(start), self.wide(start)], 1)
        return self.last(self.coarse(F.relu(joined))), joined


@pytest.mark.parametrize("flat", [False, True])
def test_values_that_several_operations_read(flat: bool) -> None:
    torch.manual_seed(0)
    module = _Joints().requires_grad_(False)
    plain = fx.symbolic_trace(module).to(memory_format=torch.channels_last)
    fix_order(plain)
    joined = blocks.joined(plain, {})
    assert counted_blocks(joined) >= 2
    frame = torch.full((2, 3, 21, 34), 0.3) if flat else random_frame(21, 34)
    expected, gradient = values_and_gradient(plain, frame)
    values, of_blocks = values_and_gradient(joined, frame)
    assert all(relative_error(*pair) < 1e-5 for pair in zip(values, expected, strict=True))
    assert relative_error(of_blocks, gradient) < 1e-5


def test_the_way_back_changes_nothing_that_others_read_and_runs_again() -> None:
    joined = blocks.joined(load_network(random=2).subgraph(["fire3", "fire4"]), {})
    leaf = random_frame(65, 80).contiguous(memory_format=torch.channels_last).requires_grad_()
    values = joined(leaf)
    before, upstream = [value.clone() for value in values], [torch.ones_like(value) for value in values]
    (first,) = torch.autograd.grad(values, leaf, upstream, retain_graph=True)
    (again,) = torch.autograd.grad(values, leaf, upstream)
    assert torch.equal(first, again)
    assert all(map(torch.equal, values, before))
    assert all(gradient.eq(1).all() for gradient in upstream)


def test_an_output_without_a_gradient_counts_as_zero() -> None:
    joined = blocks.joined(load_network(random=2).subgraph(["fire3", "fire3.squeeze"]), {})
    leaf = random_frame(65, 80).requires_grad_()
    alone, _ = joined(leaf)
    together = joined(leaf)
    (expected,) = torch.autograd.grad(
        [together[0], together[1]], leaf, [torch.ones_like(v) * k for k, v in zip((1, 0), together, strict=True)]
    )
    assert torch.equal(torch.autograd.grad(alone.sum(), leaf)[0], expected)


def test_a_block_is_differentiable_once() -> None:
    joined = blocks.joined(load_network(random=2).subgraph(["fire2"]), {})
    leaf = random_frame(65, 80).requires_grad_()
    (gradient,) = torch.autograd.grad(joined(leaf)[0].square().sum(), leaf, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


def test_the_frames_gradient_comes_through_blocks(network: Network) -> None:
    leaf = random_frame(65, 80).requires_grad_()
    (values,) = network.activations(leaf, ["fire4"]).values()
    names, nodes = set(), [values.grad_fn]
    while nodes:
        node = nodes.pop()
        names.add(type(node).__name__)
        nodes += [following for following, _ in node.next_functions if following is not None] if node else []
    assert "_BlockBackward" in names
    assert "ConvolutionBackward0" not in names


@pytest.mark.parametrize(
    ("name", "layer", "size"),
    [
        ("googlenet", "inception3b", (61, 84)),
        ("googlenet", "inception3b", (135, 98)),
        ("squeezenet1_1", "fire8", (101, 84)),
        ("squeezenet1_1", "fire8", (270, 199)),
    ],
)
def test_blocks_do_not_depend_on_the_threads(name: str, layer: str, size: tuple[int, int]) -> None:
    joined = blocks.joined(load_network(name, random=0).subgraph([layer]), {})

    def work(frame: Tensor) -> list[Tensor]:
        values, gradient = values_and_gradient(joined, frame)
        return [*values, gradient]

    assert differing_threads(partial(work, random_frame(*size)), (1, 2, 3, 4)) == []
