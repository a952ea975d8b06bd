"""names and aliases of the layers, smallest inputs, and what the embedded network sees in real photos."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.models import get_model_weights

from zoomdream.errors import UnknownNameError, UsageError
from zoomdream.networks import LOGITS, Network, Tap, blueprint, describe_layers, load_network
from zoomdream.networks.architecture import build, preprocessing
from zoomdream.networks.loading import assemble


@cache
def shapes_of(name: str) -> Network:
    """The network without weights: enough for its names and sizes."""
    return assemble(name, build(name).to("meta"), preprocessing(name))


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
        ("vgg16", "conv4_3", "features.21"),
        ("vgg16", "relu4_3", "features.22"),
        ("vgg16", "pool4", "features.23"),
        ("vgg19", "conv5_4", "features.34"),
        ("vgg16_bn", "conv4_3", "features.30"),
        ("vgg16_bn", "relu4_3", "features.32"),
        ("vgg16_bn", "features.31", "features.30"),
        ("resnet50", "layer3", "layer3.5"),
        ("resnet50", "layer3.4.bn2", "layer3.4.conv2"),
        ("efficientnet_lite0", "block4_3", "block4_3"),
        ("efficientnet_lite0", "block4_1.project", "block4_1"),
        ("googlenet", "inception4c", "inception4c"),
        ("googlenet", "inception4c.branch2", "inception4c.branch2.1"),
        ("inception_v3", "Mixed_5b", "Mixed_5b"),
        ("convnext_tiny", "features.5.8", "features.5.8"),
    ],
)
def test_papers_names_and_module_paths(network: str, alias: str, name: str) -> None:
    layer = shapes_of(network).layer(alias)
    assert layer.name == name
    assert alias in (layer.name, *layer.aliases)
    assert shapes_of(network).layer(layer.label) == layer


@pytest.mark.parametrize(
    "name", ["squeezenet1_1", "googlenet", "vgg16_bn", "resnet50", "densenet121", "efficientnet_b7"]
)
def test_a_list_of_layers_reads_well(name: str) -> None:
    network = shapes_of(name)
    layers = network.layers
    assert 10 <= len(layers) <= 120
    assert len({layer.name for layer in layers}) == len({layer.label for layer in layers}) == len(layers)
    strides = [layer.stride for layer in layers]
    assert strides[-1] == max(strides)
    assert not any(part in layer.label for layer in layers for part in ("dropout", "avgpool", "classifier.3", ".bn"))


def test_layers_are_described_without_weights() -> None:
    assert describe_layers("resnet18") == load_network("resnet18", random=0).layers


def test_every_name_of_a_layer_means_it_alone() -> None:
    network = shapes_of("googlenet")
    names = [name for site in network._sites for name in {site.layer.name, *site.layer.aliases}]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fire19", r"squeezenet1_1 has no layer 'fire19'; did you mean fire9"),
        ("features.3.sqeeze", r"did you mean features\.3\.squeeze"),
        ("classifier.3", r"classifier\.3 of squeezenet1_1 is no map of features.*relu10"),
    ],
)
def test_unknown_layers(name: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        shapes_of("squeezenet1_1").layer(name)


@pytest.mark.parametrize(
    "name", ["alexnet", "densenet121", "googlenet", "inception_v3", "squeezenet1_1", "vgg13", "resnet34"]
)
def test_smallest_input_of_the_whole_network_is_torchvisions(name: str) -> None:
    assert shapes_of(name).smallest_input([LOGITS]) == get_model_weights(name).DEFAULT.meta["min_size"][0]


@pytest.mark.parametrize(
    ("name", "layer", "smallest"),
    [
        # conv1 needs its kernel; pool1 needs 2 of conv1's pixels (the rest of its window may stick out): 1 + 2*2.
        ("squeezenet1_1", "conv1", 3),
        ("squeezenet1_1", "pool1", 5),
        ("squeezenet1_1", "fire9", 17),
        ("vgg16", "conv1_2", 1),
        ("vgg16", "pool4", 16),
        ("alexnet", "conv1", 7),
        ("resnet18", "layer4", 1),
    ],
)
def test_smallest_input_of_a_layer(name: str, layer: str, smallest: int) -> None:
    assert shapes_of(name).smallest_input([layer]) == smallest
    assert shapes_of(name).smallest_input([layer, shapes_of(name).layers[0].name]) >= smallest


@pytest.mark.parametrize(
    ("name", "layer"), [("squeezenet1_1", "fire5"), ("alexnet", "pool2"), ("swin_t", "features.5")]
)
def test_the_network_runs_at_its_smallest_input_and_not_below(name: str, layer: str) -> None:
    network = load_network(name, random=0)
    smallest = network.smallest_input([layer])
    assert network.activations(torch.rand(1, 3, smallest, smallest + 9), [layer])[layer].numel() > 0
    program = network._program((Tap(layer),))
    with pytest.raises(RuntimeError):
        program(torch.rand(1, 3, smallest - 1, smallest - 1))


def test_random_weights_come_from_the_seed_and_leave_the_global_generator_alone() -> None:
    frame = torch.full((1, 3, 64, 64), 0.3)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = load_network("convnext_tiny", random=1).logits(frame)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(first, load_network("convnext_tiny", random=1).logits(frame))
    assert not torch.equal(first, load_network("convnext_tiny", random=2).logits(frame))


@pytest.mark.parametrize("name", ["squeezenet1_1", "googlenet", "resnet50", "efficientnet_b0"])
def test_random_weights_keep_activations_at_a_visible_size(name: str) -> None:
    network = load_network(name, random=0)
    last = network.layers[-1].name
    size = network.activations(torch.rand(1, 3, 96, 96), [last])[last].square().mean().sqrt()
    assert 0.01 < size < 1e4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": torch.float16}, "dtype is torch.float16: networks run in float32 or bfloat16"),
        ({"device": "gpu"}, "device gpu does not work here"),
        ({"weights": Path("w.pth"), "random": 1}, "exclude each other"),
    ],
)
def test_options_that_do_not_work(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_network(**options)  # type: ignore[arg-type]


def read_photo(path: Path) -> Tensor:
    pixels = np.asarray(Image.open(path).convert("RGB").resize((227, 227), Image.Resampling.BICUBIC))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


def test_the_embedded_network_sees_an_espresso(network: Network, photos: Path) -> None:
    probabilities = network.logits(read_photo(photos / "coffee.png")).softmax(1)[0]
    assert network.categories[int(probabilities.argmax())] == "espresso"
    assert probabilities[967] > 0.95


def test_the_embedded_network_sees_a_cat(network: Network, photos: Path) -> None:
    top = network.logits(read_photo(photos / "chelsea.png"))[0].topk(3).indices
    assert {network.categories[int(index)] for index in top} == {"tabby", "tiger cat", "Egyptian cat"}


@pytest.mark.parametrize("name", ["squeezenet1_1", "googlenet"])
def test_a_blueprint_knows_what_the_network_knows(name: str) -> None:
    plan, real = blueprint(name), load_network(name, random=1)
    assert plan.layers == real.layers
    last = plan.layers[-1].label
    assert plan.smallest_input([last]) == real.smallest_input([last])
    with pytest.raises(UnknownNameError, match="did you mean"):
        plan.layer("conv11" if name == "googlenet" else "fire11")
