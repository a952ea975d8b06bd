"""What is known of each network without building it: its layers, its classes, what it expects of its input.

Needs no torch, so that questions about networks are answered at once. Each network has a file in `described/`, and all
share the names of ImageNet's classes; tests/networks/test_descriptions.py writes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from zoomdream.networks.layer import Layer
from zoomdream.networks.registry import network_info

FOLDER = Path(__file__).parent / "described"
"""Where the files lie: NAME.json for each network, `classes.txt` for all."""


@dataclass(frozen=True)
class Preprocessing:
    """What a network expects of its input: `(rgb - mean) / std` per channel, for rgb in [0, 1]."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass(frozen=True)
class Description:
    """What is known of a network with its published weights."""

    preprocessing: Preprocessing
    layers: tuple[Layer, ...]
    """The layers worth choosing from, in the order in which they run: `Network.layers`."""

    @classmethod
    def from_json(cls, text: str) -> Description:
        """The description in a file."""
        content: dict[str, Any] = json.loads(text)
        preprocessing = Preprocessing(tuple(content["mean"]), tuple(content["std"]))
        layers = ((name, label, tuple(aliases), *rest) for name, label, aliases, *rest in content["layers"])
        return cls(preprocessing, tuple(Layer(*values) for values in layers))

    def to_json(self) -> str:
        """The description as a file: a line for each layer, its values in the order of `Layer`'s fields."""
        numbers = {"mean": self.preprocessing.mean, "std": self.preprocessing.std}
        head = "".join(f' "{name}": {json.dumps(values)},\n' for name, values in numbers.items())
        return f'{{\n{head} "layers": [\n{_lines(map(astuple, self.layers))}\n ]\n}}\n'


def _lines(rows: Iterable[object]) -> str:
    return ",\n".join(f"  {json.dumps(row, separators=(',', ':'))}" for row in rows)


@cache
def description(name: str) -> Description:
    """The description of a network. Raises UnknownNameError."""
    return Description.from_json((FOLDER / f"{network_info(name).name}.json").read_text(encoding="utf-8"))


def describe_layers(name: str) -> tuple[Layer, ...]:
    """The layers of a network worth choosing from: `Network.layers`. Raises UnknownNameError."""
    return description(name).layers


@cache
def class_names() -> tuple[str, ...]:
    """The names of ImageNet's 1000 classes, in the order of every network's outputs."""
    return tuple((FOLDER / "classes.txt").read_text(encoding="utf-8").splitlines())
