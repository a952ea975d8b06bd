"""Pretrained networks: names, weights, layers, preprocessing, forward up to the deepest layer asked for.

The names load lazily: listing networks needs no torch, `load_network` and `Network` bring it in.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoomdream.networks.registry import EMBEDDED, NetworkInfo, describe, network_info, network_names

if TYPE_CHECKING:
    from zoomdream.networks.layers import Layer
    from zoomdream.networks.loading import blueprint, describe_layers, load_network
    from zoomdream.networks.network import LOGITS, Network, Tap

__all__ = [
    "EMBEDDED",
    "LOGITS",
    "Layer",
    "Network",
    "NetworkInfo",
    "Tap",
    "blueprint",
    "describe",
    "describe_layers",
    "load_network",
    "network_info",
    "network_names",
]

_HOMES = {
    "LOGITS": "network",
    "Layer": "layers",
    "Network": "network",
    "Tap": "network",
    "blueprint": "loading",
    "describe_layers": "loading",
    "load_network": "loading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
