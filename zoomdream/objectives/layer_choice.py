"""Choosing layers: the default for one picture, and those that show a whole network, shallow to deep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoomdream.errors import UsageError
from zoomdream.images.frame import Size
from zoomdream.networks import LOGITS, Network
from zoomdream.objectives import ClassSpec, parse, verify
from zoomdream.objectives.classes import class_prefix

_SHAPES = 110  # side of a receptive field in pixels, from which on a layer tells shapes and not only textures
_ANIMAL = 170  # the same for what is as large as an animal: squeezenet1_1's fire8, googlenet's inception4c


@dataclass(frozen=True)
class LayerChoice:
    """Objectives in their short form, shallow to deep, and warnings about those that are left out."""

    objectives: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def choose_layers(
    network: Network, size: Size, objectives: Sequence[str] = (), locate: Callable[[Path], Path] = Path
) -> LayerChoice:
    """Those objectives, in their short form, that a frame of `size` (width, height) is large enough for.

    Without `objectives` the layers of the network's outline. `network` may be a blueprint, without weights. `locate`
    finds the files that they name. Raises UsageError when the frame is too small for all of them, and what `verify`
    does.
    """
    for objective in objectives:
        verify(network, parse(objective).located(locate))
    objectives = objectives or tuple(layer.label for layer in network.outline)
    needs = {objective: smallest_input_of(network, objective) for objective in objectives}
    kept = tuple(objective for objective in objectives if needs[objective] <= min(size))
    if kept == tuple(objectives):
        return LayerChoice(kept)
    left_out = ", ".join(objective for objective in needs if objective not in kept)
    frame = f"a frame of {size[0]}x{size[1]}"
    if not kept:
        raise UsageError(
            f"{frame} is too small for any of {left_out} of {network.name}: "
            f"it must have at least {min(needs.values())} pixels a side"
        )
    warning = f"{left_out}: left out, for {frame} is too small; with {max(needs.values())} pixels a side none is"
    return LayerChoice(kept, (warning,))


def smallest_input_of(network: Network, objective: str) -> int:
    """Side in pixels of the smallest square frame on which an objective, in its short form, exists."""
    spec = parse(objective)
    scores = f"{class_prefix(network, spec.name)}{LOGITS}" if isinstance(spec, ClassSpec) else LOGITS
    return network.smallest_input([layer_of(objective) or scores])


def step_size_factor(network: Network, objective: str) -> float:
    """What to multiply the step size by for an objective, in its short form: in (0, 1], smaller for shallow layers.

    Their patterns are at full strength after a few short steps; long ones leave two or three flat colors of a photo.
    """
    layer = layer_of(objective)
    field = network.layer(layer).receptive_field if layer else None
    return min(1.0, (field / _SHAPES) ** 0.6) if field else 1.0


def layer_of(objective: str) -> str | None:
    """The layer that an objective, in its short form, is about; None for a class."""
    return getattr(parse(objective), "layer", None)


def default_layer(network: Network) -> str:
    """The layer to dream with where none is named: the first of the outline whose receptive field holds an animal.

    Where none has one so large, the layer at two thirds of the outline. `network` may be a blueprint.
    """
    outline = network.outline
    large = (layer.label for layer in outline if (layer.receptive_field or 0) >= _ANIMAL)
    return next(large, outline[len(outline) * 2 // 3].label)
