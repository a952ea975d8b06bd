"""Networks by name: options, and blueprints, which have no weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from zoomdream.errors import UnknownNameError, UsageError
from zoomdream.networks import blueprint, describe_layers, load_network


def test_layers_are_described_without_weights() -> None:
    assert describe_layers("resnet18") == load_network("resnet18", random=0).layers


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": torch.float64}, "dtype is torch.float64: networks run in float32, bfloat16 or float16"),
        ({"device": "gpu"}, "device gpu does not work here"),
        ({"weights": Path("w.pth"), "random": 1}, "exclude each other"),
    ],
)
def test_options_that_do_not_work(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_network(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["squeezenet1_1", "googlenet"])
def test_a_blueprint_knows_what_the_network_knows(name: str) -> None:
    without_weights, real = blueprint(name), load_network(name, random=1)
    assert without_weights.layers == real.layers
    last = real.layers[-1].label
    assert without_weights.smallest_input([last]) == real.smallest_input([last])
    with pytest.raises(UnknownNameError, match="did you mean"):
        without_weights.layer("conv11" if name == "googlenet" else "fire11")
