"""Looks up the layers, channels and classes that a preset names, from what is known of each network without PyTorch."""

from __future__ import annotations

import re

from zoomdream.errors import PresetError, nearest
from zoomdream.networks.descriptions import class_names, describe_layers
from zoomdream.networks.layer import Layer
from zoomdream.networks.registry import network_info
from zoomdream.objectives.specs.short_form import parse
from zoomdream.objectives.specs.spec import ChannelSpec, ClassSpec, DirectionSpec, LayerSpec, NeuronSpec, Spec
from zoomdream.presets.preset import Preset
from zoomdream.schedule.wandering import Wander

_LAYERS = ("dream", "layers")


def check_names(preset: Preset) -> None:
    """Check every name of the preset's network. Raises PresetError with its line, UnknownNameError."""
    with preset.locating_errors("network"):
        network = network_info(preset.network).name
    layers = preset.layers
    wandered = layers.channels if isinstance(layers, Wander) else ()
    for key in (*layers.keys, *map(LayerSpec, wandered)):
        spec = parse(key) if isinstance(key, str) else key
        mistake = _mistake(network, spec, has_own_weights=preset.weights is not None)
        if mistake:
            raise PresetError(f"{_place(preset, spec)}: {'.'.join(_LAYERS)}: {mistake}")


def _place(preset: Preset, spec: Spec) -> str:
    """The line in which an objective is written, as far as it is found by its name."""
    name = str(spec.name if isinstance(spec, ClassSpec) else getattr(spec, "layer", ""))
    texts = preset.document.texts(_LAYERS)
    found = (path for path, text in texts if re.search(rf"(^|[^\w.]){re.escape(name)}($|[^\w.])", text))
    return preset.document.where(next(found, _LAYERS)).label


def _mistake(network: str, spec: Spec, *, has_own_weights: bool) -> str:
    """What is wrong with an objective's names; empty for nothing."""
    if isinstance(spec, ClassSpec):  # weights of the user's own may tell other classes apart
        return "" if has_own_weights else _class_mistake(network, spec.name)
    name = str(getattr(spec, "layer", ""))
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
    known = class_names()
    if isinstance(name, int):
        return "" if 0 <= name < len(known) else f"{network} has no class {name}: it has {len(known)}, from 0 on"
    plain = {re.sub("[-_]", " ", each.lower()) for each in known}
    if re.sub("[-_]", " ", name.lower()) in plain:
        return ""
    words = [each for each in known if re.search(rf"\b{re.escape(name)}\b", each, re.IGNORECASE)]
    near = f"; did you mean {' or '.join(words[:3])}?" if words else nearest(name, known)
    return f"{network} has no class {name!r}{near}"
