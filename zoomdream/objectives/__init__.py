"""What a dream amplifies: layers, channels, neurons, classes, guides and directions, mixed by weight.

The names load lazily: `parse` and the specs need no torch, all else brings it in.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zoomdream.objectives.spec import (
    ChannelSpec,
    ClassSpec,
    DirectionSpec,
    GuideSpec,
    LayerSpec,
    NeuronSpec,
    Spec,
    parse,
    parse_channels,
)

if TYPE_CHECKING:
    from zoomdream.objectives.lookup import class_index, idle_remark, mask_remark, resolve, verify
    from zoomdream.objectives.objective import Mix, Objective
    from zoomdream.objectives.terms import Term, Window
    from zoomdream.objectives.tiles import Tiling
    from zoomdream.objectives.tiling import plan_tiles

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
    "idle_remark",
    "mask_remark",
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
    "Tiling": "tiles",
    "Window": "terms",
    "class_index": "lookup",
    "idle_remark": "lookup",
    "mask_remark": "lookup",
    "plan_tiles": "tiling",
    "resolve": "lookup",
    "verify": "lookup",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
