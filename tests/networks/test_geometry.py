"""Sizes of the maps, what they see, and what they cost, against numbers found by hand and by running."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.support.networks import slow, tiny_network
from zoomdream.networks import blueprint
from zoomdream.networks.architectures.architecture import build, preprocessing
from zoomdream.networks.loading import assemble

shapes_of = cache(blueprint)


@pytest.mark.parametrize(
    ("network", "name", "channels", "stride", "field"),
    [
        # By hand: conv 3/2 sees 3; pool 3/2 adds 2*2: 7; the 3x3 of fire2 and fire3 add 2*4 each: 23; ...
        ("squeezenet1_1", "conv1", 64, 2, 3),
        ("squeezenet1_1", "pool1", 64, 4, 7),
        ("squeezenet1_1", "fire3", 128, 4, 23),
        ("squeezenet1_1", "fire8", 512, 16, 175),
        # distill.pub/2019/computing-receptive-fields: 195, 212 and 1311.
        ("alexnet", "pool5", 256, 32, 195),
        slow("vgg16", "pool5", 512, 32, 212),
        slow("vgg16", "conv5_3", 512, 16, 196),
        slow("inception_v3", "Mixed_7c", 2048, 32, 1311),
        # 7/2 and a pool 3/2: 11; four 3x3 in steps of 4: 43; then one in steps of 4 and three of 8, one of 8 and so on.
        ("resnet18", "maxpool", 64, 4, 11),
        ("resnet18", "layer1", 64, 4, 43),
        ("resnet18", "layer2", 128, 8, 99),
        ("resnet18", "layer3", 256, 16, 211),
        # 7 + 4, three blocks of 2*4, then stages whose first 3x3 has a stride: 8 + 3*16, 16 + 5*32, 32 + 2*64.
        slow("resnet50", "layer1", 256, 4, 35),
        slow("resnet50", "layer2", 512, 8, 91),
        slow("resnet50", "layer3", 1024, 16, 267),
        slow("resnet50", "layer4", 2048, 32, 427),
        # 4x4/4, then 7x7 in steps of 4: 4 + 6*4; its wide inner layer, whose channels are last in torchvision.
        slow("convnext_tiny", "features.0", 96, 4, 4),
        slow("convnext_tiny", "features.1.0", 96, 4, 28),
        slow("convnext_tiny", "features.1.0.block.4", 384, 4, 28),
        # Stem 3/2, depthwise 3: 7; its gate sees everything and is not counted.
        slow("efficientnet_b0", "features.1.0", 16, 2, 7),
        # Stem 3/2 and a kernel of 3: 7; 3 in steps of 2 and of 4: 19; 5 in steps of 4 and of 8: 67.
        ("efficientnet_lite0", "block3_2", 40, 8, 67),
        slow("efficientnet_lite2", "block3_3", 48, 8, 107),
        slow("swin_t", "features.0", 96, 4, 4),
        slow("swin_t", "features.3.1", 192, 8, None),
    ],
)
def test_channels_stride_and_receptive_field(
    network: str, name: str, channels: int, stride: int, field: int | None
) -> None:
    layer = shapes_of(network).layer(name)
    assert (layer.channels, layer.stride, layer.receptive_field) == (channels, stride, field)


@pytest.mark.parametrize(
    ("family", "name", "channels", "stride", "field"),
    [
        # As in the large ones, above: 4x4/4, then 7x7 in steps of 4; a wide inner layer with its channels last.
        ("convnext", "features.0", 8, 4, 4),
        ("convnext", "features.1.0", 8, 4, 28),
        ("convnext", "features.1.0.block.4", 32, 4, 28),
        ("swin", "features.0", 12, 4, 4),
        ("swin", "features.3.1", 24, 8, None),
    ],
)
def test_geometry_of_maps_with_their_channels_last(
    family: str, name: str, channels: int, stride: int, field: int | None
) -> None:
    layer = tiny_network(family).layer(name)
    assert (layer.channels, layer.stride, layer.receptive_field) == (channels, stride, field)


@pytest.mark.parametrize(
    ("network", "averages"),
    [
        ("squeezenet1_1", True),
        ("googlenet", True),
        ("resnet18", True),
        slow("inception_v3", True),
        slow("densenet121", True),
        ("shufflenet_v2_x1_0", True),
        slow("swin_t", True),
        ("efficientnet_lite0", True),
        ("alexnet", False),  # 6x6 places and three matrices
        slow("vgg16", False),
        ("mobilenet_v3_small", False),  # a hardswish between two matrices
        slow("convnext_tiny", False),  # a norm after the average
    ],
)
def test_scores_of_a_frame_are_the_mean_of_its_parts_after_one_average_and_one_matrix(
    network: str, averages: bool
) -> None:
    assert shapes_of(network).averages_classes == averages


@pytest.mark.parametrize(
    ("network", "first"),
    [
        ("mobilenet_v3_small", "features.1.block.1"),
        slow("efficientnet_b0", "features.1.0.block.1"),
        slow("mobilenet_v3_large", "features.4.block.2"),
        slow("regnet_y_400mf", "trunk_output.block1.block1-0.f.se"),
        ("efficientnet_lite0", None),
        ("squeezenet1_1", None),
        ("googlenet", None),
        slow("inception_v3", None),
        slow("densenet121", None),
        slow("convnext_tiny", None),
        slow("swin_t", None),
    ],
)
def test_what_follows_the_first_gate_is_gated(network: str, first: str | None) -> None:
    """Squeeze-and-excitation averages the frame; the classifier's average at the end gates nothing."""
    layers = list(shapes_of(network).all_layers)
    gated = [layer for layer in layers if layer.gated]
    assert [layer.name for layer in gated[:1]] == ([first] if first else [])
    assert layers[len(layers) - len(gated) :] == gated


@pytest.mark.parametrize(
    ("network", "name"), [("squeezenet1_1", "fire3"), ("resnet18", "layer2"), slow("vgg11", "pool3")]
)
def test_the_receptive_field_is_what_a_gradient_reaches(network: str, name: str) -> None:
    model = build(network)
    # Kernels of ones let every input pixel through every ReLU; average pools would not hide any, max pools hide most.
    for module in model.modules():
        for key, parameter in list(module.named_parameters(recurse=False)):
            setattr(module, key, torch.nn.Parameter(torch.full(parameter.shape, 0.01), requires_grad=False))
    ours = assemble(network, model, preprocessing(network))
    reach = torch.zeros(160, 160)
    for seed in range(12):  # max pools let one pixel of each window through: other pictures, other pixels
        leaf = (1 + torch.rand(1, 3, 160, 160, generator=torch.Generator().manual_seed(seed))).requires_grad_()
        activation = ours.activations(leaf, [name])[name]
        height, width = activation.shape[-2:]
        (gradient,) = torch.autograd.grad(activation[0, :, height // 2, width // 2].sum(), leaf)
        reach += gradient.abs().sum((0, 1))
    rows = reach.sum(1).nonzero()
    assert int(rows.max() - rows.min() + 1) == ours.layer(name).receptive_field


# Operations, forward, of SqueezeNet 1.1 on 512x512; a multiplication and an addition count two. conv1: 64 kernels of
# 3x3x3 on 255x255. fire2, after a pool on 127x127: squeeze 64 to 16, expand 16 to 64, and to 64 more by 3x3.
CONV1 = 2 * 64 * 27 * 255**2
FIRE2_SQUEEZE = 2 * 16 * 64 * 127**2
FIRE2_EXPAND1, FIRE2_EXPAND3 = (2 * 64 * 16 * kernel**2 * 127**2 for kernel in (1, 3))
FIRE8 = 5.0e9 / 2  # a step takes 5.0 GFLOP forward and back (FIELD)


@pytest.mark.parametrize(
    ("layer", "operations"),
    [
        ("conv1", CONV1),
        ("pool1", CONV1),
        ("fire2.squeeze", CONV1 + FIRE2_SQUEEZE),
        ("fire2.expand3x3", CONV1 + FIRE2_SQUEEZE + FIRE2_EXPAND3),
        ("fire2", CONV1 + FIRE2_SQUEEZE + FIRE2_EXPAND1 + FIRE2_EXPAND3),
    ],
)
def test_cost_is_the_arithmetic_by_hand(layer: str, operations: int) -> None:
    assert shapes_of("squeezenet1_1").layer(layer).cost == pytest.approx(operations / FIRE8, rel=0.01)


def test_the_unit_of_cost_is_squeezenets_fire8() -> None:
    assert shapes_of("squeezenet1_1").layer("fire8").cost == 1


@pytest.mark.parametrize(
    ("network", "layer"),
    [
        ("squeezenet1_1", "fire8"),
        ("googlenet", "inception4c.branch2"),
        ("mobilenet_v3_small", "features.4"),
        ("efficientnet_lite0", "block3_2"),
        slow("vgg16", "conv4_3"),
        slow("efficientnet_b0", "features.4.0"),
        slow("densenet121", "features.transition2"),
        slow("swin_t", "features.3.1"),
    ],
)
def test_cost_is_what_the_graph_cut_there_runs(network: str, layer: str) -> None:
    """The parts of the network beside the layer, such as the other branches of its block, are not counted."""
    subgraph = shapes_of(network).subgraph([layer])
    with FlopCounterMode(display=False) as counter:
        subgraph(torch.empty(1, 3, 512, 512, device="meta"))
    assert shapes_of(network).layer(layer).cost == pytest.approx(counter.get_total_flops() / 2.5077e9, abs=1e-3)


def test_the_way_back_to_the_image_costs_as_much_again() -> None:
    """What a kernel takes forward it takes once more for the gradient of its input."""
    subgraph = shapes_of("squeezenet1_1").subgraph(["fire8"])
    leaf = torch.empty(1, 3, 512, 512, device="meta", requires_grad=True)
    with FlopCounterMode(display=False) as counter:
        torch.autograd.backward([subgraph(leaf)[0].square().mean()])
    assert counter.get_total_flops() == pytest.approx(5.0e9, rel=0.01)
