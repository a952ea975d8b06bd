"""Looks up the layers, channels and classes that a preset names, from what is known of each network without PyTorch."""

from __future__ import annotations

import re
from collections.abc import Sequence

from zoomdream.errors import PresetError, nearest
from zoomdream.networks.descriptions import class_names, describe_layers
from zoomdream.networks.layer import Layer, prefix_of, unknown_prefix
from zoomdream.networks.registry import network_info, no_classes
from zoomdream.objectives.specs.short_form import parse
from zoomdream.objectives.specs.spec import ChannelSpec, ClassSpec, DirectionSpec, LayerSpec, NeuronSpec, Spec
from zoomdream.presets.preset import Preset
from zoomdream.schedule.wandering import Wander

_LAYERS = ("dream", "layers")


def check_names(preset: Preset) -> None:
    """Check every name of the preset's networks. Raises PresetError with its line, UnknownNameError."""
    with preset.locating_errors(preset.networks_key):
        networks = [network_info(name).name for name in preset.networks]
    layers = preset.layers
    wandered = layers.channels if isinstance(layers, Wander) else ()
    for key in (*layers.keys, *map(LayerSpec, wandered)):
        spec = parse(key) if isinstance(key, str) else key
        mistake = _mistake(networks, spec, has_own_weights=preset.weights is not None)
        if mistake:
            raise PresetError(f"{_place(preset, spec)}: {'.'.join(_LAYERS)}: {mistake}")


def _place(preset: Preset, spec: Spec) -> str:
    """The line in which an objective is written, as far as it is found by its name."""
    name = str(spec.name if isinstance(spec, ClassSpec) else getattr(spec, "layer", ""))
    texts = preset.document.texts(_LAYERS)
    found = (path for path, text in texts if re.search(rf"(^|[^\w.]){re.escape(name)}($|[^\w.])", text))
    return preset.document.where(next(found, _LAYERS)).label


def _mistake(networks: Sequence[str], spec: Spec, *, has_own_weights: bool) -> str:
    """What is wrong with an objective's names; empty for nothing."""
    written = spec.name if isinstance(spec, ClassSpec) else getattr(spec, "layer", "")
    prefix, own = prefix_of(str(written))
    network = prefix if prefix in networks else networks[0]
    name = own if prefix in networks else str(written)
    if isinstance(spec, ClassSpec):  # weights of the user's own may tell other classes apart
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
