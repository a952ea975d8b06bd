"""What a dream amplifies: layers, channels, neurons, classes, guides and directions, mixed by weight.

The names load lazily: `parse` and the specs need no torch, all else brings it in.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoomdream.objectives.short_form import parse, parse_channels
from zoomdream.objectives.spec import ChannelSpec, ClassSpec, DirectionSpec, GuideSpec, LayerSpec, NeuronSpec, Spec

if TYPE_CHECKING:
    from zoomdream.objectives.objective import Mix, Objective
    from zoomdream.objectives.resolver import class_index, mask_warning, no_gradient_warning, resolve, verify
    from zoomdream.objectives.terms import Term, Window
    from zoomdream.objectives.tile_plan import plan_tiles
    from zoomdream.objectives.tiling import Tiling

__all__ = [
    "ChannelSpec",
    "ClassSpec",
    "DirectionSpec",
    "GuideSpec",
    "LayerSpec",
    "Mix",
    "NeuronSpec",
    "Objective",
    "Spec",
    "Term",
    "Tiling",
    "Window",
    "class_index",
    "mask_warning",
    "no_gradient_warning",
    "parse",
    "parse_channels",
    "plan_tiles",
    "resolve",
    "verify",
]

_HOMES = {
    "Mix": "objective",
    "Objective": "objective",
    "Term": "terms",
    "Tiling": "tiling",
    "Window": "terms",
    "class_index": "resolver",
    "no_gradient_warning": "resolver",
    "mask_warning": "resolver",
    "plan_tiles": "tile_plan",
    "resolve": "resolver",
    "verify": "resolver",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
