"""Names of layers: module paths, and what the papers call them."""

from __future__ import annotations

import pytest

from tests.support.networks import shapes_of, slow


@pytest.mark.parametrize(
    ("network", "alias", "name"),
    [
        ("squeezenet1_1", "conv1", "features.0"),
        ("squeezenet1_1", "fire2", "features.3"),
        ("squeezenet1_1", "pool5", "features.8"),
        ("squeezenet1_1", "fire9", "features.12"),
        ("squeezenet1_1", "fire8.expand3x3", "features.11.expand3x3"),
        ("squeezenet1_1", "conv10", "classifier.1"),
        ("squeezenet1_0", "fire4", "features.5"),
        ("squeezenet1_0", "pool8", "features.11"),
        ("alexnet", "conv5", "features.10"),
        ("alexnet", "relu3", "features.7"),
        ("vgg11", "conv4_2", "features.13"),
        ("vgg11", "relu4_2", "features.14"),
        ("vgg11", "pool4", "features.15"),
        ("vgg11_bn", "conv4_2", "features.18"),
        ("vgg11_bn", "relu4_2", "features.20"),
        ("vgg11_bn", "features.19", "features.18"),
        slow("vgg16", "conv4_3", "features.21"),
        slow("vgg19", "conv5_4", "features.34"),
        slow("vgg16_bn", "conv4_3", "features.30"),
        ("resnet18", "layer3", "layer3.1"),
        ("resnet18", "layer3.0.bn2", "layer3.0.conv2"),
        slow("resnet50", "layer3.4.bn2", "layer3.4.conv2"),
        ("efficientnet_lite0", "block4_3", "block4_3"),
        ("efficientnet_lite0", "block4_1.project", "block4_1"),
        ("googlenet", "inception4c", "inception4c"),
        ("googlenet", "inception4c.branch2", "inception4c.branch2.1"),
        slow("inception_v3", "Mixed_5b", "Mixed_5b"),
        slow("convnext_tiny", "features.5.8", "features.5.8"),
    ],
)
def test_papers_names_and_module_paths(network: str, alias: str, name: str) -> None:
    layer = shapes_of(network).layer(alias)
    assert layer.name == name
    assert alias in (layer.name, *layer.aliases)
    assert shapes_of(network).layer(layer.label) == layer


def test_every_name_of_a_layer_means_it_alone() -> None:
    names = [name for layer in shapes_of("googlenet").all_layers for name in {layer.name, *layer.aliases}]
    assert len(names) == len(set(names)) > 100
