"""What can be chosen from: the preset's keys, the networks, their layers and classes."""

from __future__ import annotations

from functools import cache
from typing import Any

from zoomdream.networks.descriptions import class_names, describe_layers
from zoomdream.networks.features.class_families import class_families
from zoomdream.networks.registry import EMBEDDED, network_info, network_infos
from zoomdream.presets.loading import json_schema
from zoomdream.schedule.easing import EASES


@cache
def schema() -> dict[str, Any]:
    """The JSON schema of a preset, with the names of eases under `x-eases`."""
    return {**json_schema(), "x-eases": list(EASES)}


def networks() -> list[dict[str, Any]]:
    """The networks, whether their weights are here, and how they come here; None: they are downloaded."""
    return [
        {
            "name": info.name,
            "megabytes": info.megabytes,
            "present": info.embedded or info.present,
            "install": info.install,
            "look": info.look,
            "default": info.name == EMBEDDED,
            "layers": len(describe_layers(info.name)),
        }
        for info in network_infos()
    ]


def layers(network: str) -> list[dict[str, Any]]:
    """A network's layers, shallow to deep. `depth` runs from 0 to 1. Raises UnknownNameError."""
    known = describe_layers(network)
    last = max(1, len(known) - 1)
    return [
        {
            "name": layer.label,
            "depth": round(position / last, 3),
            "note": f"{_kind(layer.receptive_field)}; {layer.channels} channels, sees "
            f"{'the whole frame' if layer.receptive_field is None else f'{layer.receptive_field} pixels'}",
            "channels": layer.channels,
            "outline": layer.outline,
        }
        for position, layer in enumerate(known)
    ]


def _kind(sees: int | None) -> str:
    """What a layer that sees a square of this side dreams of, roughly."""
    if sees is None or sees >= 170:
        return "shapes and animals"
    return "textures and eyes" if sees >= 60 else "curls and patterns" if sees >= 20 else "edges and colors"


def classes(network: str, query: str = "") -> list[dict[str, Any]]:
    """The classes with a text in their names, 200 at most; none of a network without any. Raises UnknownNameError."""
    if network_info(network).features_only:
        return []
    found = ((index, name) for index, name in enumerate(class_names()) if query.lower() in name.lower())
    return [{"index": index, "name": name} for (index, name), _ in zip(found, range(200), strict=False)]


def families() -> list[str]:
    """The names of the families of classes, in alphabetical order."""
    return sorted(class_families())
