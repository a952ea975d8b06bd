"""Looks up the layers, channels and classes that a preset names, from what is known of each network without PyTorch."""

from __future__ import annotations

import re

from zoomdream.errors import PresetError
from zoomdream.networks.registry import network_info
from zoomdream.objectives.specs.known_names import name_mistake
from zoomdream.objectives.specs.short_form import parse
from zoomdream.objectives.specs.spec import ClassSpec, LayerSpec, Spec
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
        mistake = name_mistake(networks, spec, has_own_weights=preset.weights is not None)
        if mistake:
            raise PresetError(f"{_place(preset, spec)}: {'.'.join(_LAYERS)}: {mistake}")


def _place(preset: Preset, spec: Spec) -> str:
    """The line in which an objective is written, as far as it is found by its name."""
    name = str(spec.name if isinstance(spec, ClassSpec) else getattr(spec, "layer", ""))
    texts = preset.document.texts(_LAYERS)
    found = (path for path, text in texts if re.search(rf"(^|[^\w.]){re.escape(name)}($|[^\w.])", text))
    return preset.document.where(next(found, _LAYERS)).label
