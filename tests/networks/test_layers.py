"""Lists of layers, and the outline, which shows a whole network."""

from __future__ import annotations

import pytest

from tests.support.networks import shapes_of, slow, tiny_network
from zoomdream.networks import blueprint


@pytest.mark.parametrize(
    "name",
    [
        "squeezenet1_1",
        "googlenet",
        "mobilenet_v3_small",
        *map(slow, ("vgg16_bn", "resnet50", "densenet121", "efficientnet_b7")),
    ],
)
def test_a_list_of_layers_reads_well(name: str) -> None:
    network = shapes_of(name)
    layers = network.layers
    assert 10 <= len(layers) <= 120
    assert len({layer.name for layer in layers}) == len({layer.label for layer in layers}) == len(layers)
    strides = [layer.stride for layer in layers]
    assert strides[-1] == max(strides)
    assert not any(part in layer.label for layer in layers for part in ("dropout", "avgpool", "classifier.3", ".bn"))


OUTLINES = {
    "squeezenet1_1": "conv1 fire2 fire3 fire4 fire5 fire6 fire7 fire8 fire9 conv10",
    "alexnet": "conv1 conv2 conv3 conv4 conv5",
    "vgg13_bn": "conv1_1 conv1_2 conv2_1 conv2_2 conv3_1 conv3_2 conv4_1 conv4_2 conv5_1 conv5_2",
    "googlenet": (
        "conv1 conv2 conv3 inception3a inception3b inception4a inception4b inception4c inception4d inception4e "
        "inception5a inception5b"
    ),
    "inception_v3": (
        "Conv2d_1a_3x3 Conv2d_2a_3x3 Conv2d_2b_3x3 Conv2d_3b_1x1 Conv2d_4a_3x3 Mixed_5b Mixed_5c Mixed_5d "
        "Mixed_6a Mixed_6b Mixed_6c Mixed_6d Mixed_6e Mixed_7a Mixed_7b Mixed_7c"
    ),
    "resnet50": (
        "conv1 layer1.0 layer1.1 layer1.2 layer2.0 layer2.1 layer2.2 layer2.3 "
        "layer3.0 layer3.1 layer3.2 layer3.3 layer3.4 layer3.5 layer4.0 layer4.1 layer4.2"
    ),
    # Of the 23 blocks of the third stage 9: after every 23 / 9 = 2.56 blocks one.
    "resnet101": (
        "conv1 layer1.0 layer1.1 layer1.2 layer2.0 layer2.1 layer2.2 layer2.3 "
        "layer3.1 layer3.4 layer3.6 layer3.9 layer3.11 layer3.14 layer3.16 layer3.19 layer3.22 "
        "layer4.0 layer4.1 layer4.2"
    ),
    "efficientnet_lite0": (
        "stem block1_1 block2_1 block2_2 block3_1 block3_2 block4_1 block4_2 block4_3 block5_1 block5_2 block5_3 "
        "block6_1 block6_2 block6_3 block6_4 block7_1 head"
    ),
    "densenet121": (
        "features.conv0 features.denseblock1 features.transition1 features.denseblock2 features.transition2 "
        "features.denseblock3 features.transition3 features.denseblock4"
    ),
    "swin_t": (
        "features.0 features.1.0 features.1.1 features.2 features.3.0 features.3.1 features.4 features.5.0 "
        "features.5.1 features.5.2 features.5.3 features.5.4 features.5.5 features.6 features.7.0 features.7.1"
    ),
}


BIG = ("vgg13_bn", "inception_v3", "resnet50", "densenet121", "swin_t")


@pytest.mark.parametrize("name", [slow(name) if name in BIG else name for name in OUTLINES])
def test_each_block_is_shown_once(name: str) -> None:
    assert " ".join(layer.label for layer in blueprint(name).outline) == OUTLINES[name]


@pytest.mark.parametrize(
    "name",
    [
        "mobilenet_v2",
        "shufflenet_v2_x1_0",
        *map(slow, ("convnext_tiny", "mnasnet1_0", "regnet_y_3_2gf", "vgg19")),
    ],
)
def test_an_outline_goes_from_shallow_to_deep(name: str) -> None:
    layers = blueprint(name).outline
    assert 12 <= len(layers) <= 20
    assert [layer.stride for layer in layers] == sorted(layer.stride for layer in layers)
    assert [layer.cost for layer in layers] == sorted(layer.cost for layer in layers)
    assert not any(part in layer.label for layer in layers for part in ("pool", "relu", "norm"))


@pytest.mark.parametrize(
    ("family", "labels"),
    [
        ("convnext", "features.0 features.1.0 features.1.1 features.2.1 features.3.0 features.3.1"),
        ("densenet", "features.conv0 features.denseblock1 features.transition1 features.denseblock2"),
        ("swin", "features.0 features.1.0 features.1.1 features.2 features.3.0 features.3.1"),
    ],
)
def test_each_block_of_a_small_network_is_shown_once(family: str, labels: str) -> None:
    assert " ".join(layer.label for layer in tiny_network(family).outline) == labels
