"""Looks up the layers, channels and classes that objectives name in what is known of a network without PyTorch."""

from __future__ import annotations

import re
from collections.abc import Sequence

from zoomdream.errors import nearest
from zoomdream.networks.descriptions import class_names, describe_layers
from zoomdream.networks.layer import Layer, prefix_of, unknown_prefix
from zoomdream.networks.registry import network_info, no_classes
from zoomdream.objectives.specs.spec import ChannelSpec, ClassSpec, DirectionSpec, LayerSpec, NeuronSpec, Spec


def is_known(networks: Sequence[str], spec: Spec) -> bool:
    """Whether an objective, without files, can be told to be fine from the names that networks are known to have.

    False says nothing against it: `objectives.verify` knows more, and takes PyTorch.
    """
    if spec.files or not isinstance(spec, LayerSpec | ChannelSpec | NeuronSpec | ClassSpec):
        return False
    if isinstance(spec, ClassSpec) and class_names().count(str(spec.name)) != 1:
        return False
    return not name_mistake(networks, spec)


def name_mistake(networks: Sequence[str], spec: Spec, *, has_own_weights: bool = False) -> str:
    """What is wrong with an objective's names; empty for nothing. With weights of the user's own any class may be.

    A name without a network's before it is of the first one.
    """
    written = spec.name if isinstance(spec, ClassSpec) else getattr(spec, "layer", "")
    prefix, own = prefix_of(str(written))
    network = prefix if prefix in networks else networks[0]
    name = own if prefix in networks else str(written)
    if isinstance(spec, ClassSpec):
        is_index = isinstance(written, int) or (prefix in networks and own.isdecimal())
        return "" if has_own_weights else _class_mistake(network, int(name) if is_index else name)
    if "/" in name:
        return unknown_prefix(name, networks)
    layers = describe_layers(network)
    layer = next((each for each in layers if name in (each.label, each.name, *each.aliases)), None)
    if layer is None:
        return f"{network} has no layer {name!r}{nearest(name, [each.label for each in layers])}"
    return _channel_mistake(network, layer, spec)


def _channel_mistake(network: str, layer: Layer, spec: Spec) -> str:
    channels: tuple[int, ...] = ()
    if isinstance(spec, ChannelSpec):
        channels = spec.channels
    elif isinstance(spec, NeuronSpec):
        channels = (spec.channel,)
    elif isinstance(spec, DirectionSpec) and isinstance(spec.vector, tuple):
        channels = tuple(channel for channel, _ in spec.vector)
    for channel in channels:
        if not 0 <= channel < layer.channels:
            return (
                f"layer {layer.label} of {network} has no channel {channel}: it has {layer.channels}, from 0 to "
                f"{layer.channels - 1}"
            )
    return ""


def _class_mistake(network: str, name: str | int) -> str:
    if network_info(network).features_only:
        return no_classes(network)
    known = class_names()
    if isinstance(name, int):
        return "" if 0 <= name < len(known) else f"{network} has no class {name}: it has {len(known)}, from 0 on"
    plain = {re.sub("[-_]", " ", each.lower()) for each in known}
    if re.sub("[-_]", " ", name.lower()) in plain:
        return ""
    words = [each for each in known if re.search(rf"\b{re.escape(name)}\b", each, re.IGNORECASE)]
    near = f"; did you mean {' or '.join(words[:3])}?" if words else nearest(name, known)
    return f"{network} has no class {name!r}{near}"
