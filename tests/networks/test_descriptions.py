"""What is known of networks without building them is what building and measuring them finds."""

from __future__ import annotations

import pytest
from torchvision.models import get_model_weights

from tests.support.networks import slow
from zoomdream.errors import UnknownNameError
from zoomdream.networks import Layer, class_names, describe_layers, network_info, network_names
from zoomdream.networks.architectures.architecture import build
from zoomdream.networks.architectures.efficientnet_lite import VARIANTS
from zoomdream.networks.descriptions import FOLDER, Description, Preprocessing, description
from zoomdream.networks.graph import trace
from zoomdream.networks.layers import find_layers
from zoomdream.networks.names import paper_names
from zoomdream.networks.registry import TRUNKS

CHEAP = ("squeezenet1_0", "squeezenet1_1", "googlenet", "resnet18", "efficientnet_lite0")


def measured_layers(name: str) -> tuple[Layer, ...]:
    traced = trace(build(name).to("meta"))
    return tuple(site.layer for site in find_layers(traced, paper_names(name, traced.blueprint)) if site.listed)


def published(name: str) -> Preprocessing:
    """What the weights that the registry names expect, from torchvision or the papers."""
    if name in VARIANTS:
        return Preprocessing((127 / 255,) * 3, (128 / 255,) * 3)
    name = TRUNKS.get(name, name)
    if name in ("googlenet", "inception_v3"):  # [-1, 1], which torchvision makes inside of them
        return Preprocessing((0.5,) * 3, (0.5,) * 3)
    entries = get_model_weights(name)
    transforms = next((entry for entry in entries if entry.url == network_info(name).url), entries.DEFAULT).transforms()
    return Preprocessing(tuple(transforms.mean), tuple(transforms.std))


@pytest.mark.parametrize("name", [name if name in CHEAP else slow(name) for name in network_names()])
def test_a_description_is_what_a_measurement_finds(name: str, request: pytest.FixtureRequest) -> None:
    expected = Description(published(name), measured_layers(name))
    if request.config.getoption("--update-golden"):
        (FOLDER / f"{name}.json").write_text(expected.to_json(), encoding="utf-8")
    assert Description.from_json((FOLDER / f"{name}.json").read_text(encoding="utf-8")) == expected


def test_every_network_has_one_and_nothing_else_has() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(network_names())


@pytest.mark.parametrize("name", network_names())
def test_input_is_scaled_as_for_the_published_weights(name: str) -> None:
    assert description(name).preprocessing == published(name)


def test_all_of_torchvisions_networks_tell_the_same_classes_apart() -> None:
    networks = [name for name in network_names() if name not in {*VARIANTS, *TRUNKS}]
    published = {tuple(get_model_weights(name).DEFAULT.meta["categories"]) for name in networks}
    assert published == {class_names()}


def test_a_description_outlives_its_file() -> None:
    known = description("googlenet")
    assert Description.from_json(known.to_json()) == known
    assert describe_layers("googlenet") == known.layers


def test_a_network_that_does_not_exist_has_none() -> None:
    with pytest.raises(UnknownNameError, match="squeezenet1_1"):
        describe_layers("squeezenet1")
