"""Which layers suit: for one picture, and for showing a whole network, shallow to deep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoomdream.errors import UsageError
from zoomdream.images.frame import Size
from zoomdream.networks import LOGITS, Network
from zoomdream.objectives import parse, verify

_SHAPES = 110  # pixels of receptive field, from which on a layer sees shapes


@dataclass(frozen=True)
class LayerChoice:
    """The stops, objectives in their short form, and notes on what is left out."""

    stops: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def choose_layers(network: Network, size: Size, stops: Sequence[str] = ()) -> LayerChoice:
    """The stops that a frame of `size` (width, height) is large enough for; by default the network's outline.

    `network` may be a blueprint, without weights. Raises UsageError when no stop is left, and what `verify`
    does.
    """
    for stop in stops:
        verify(network, stop)
    stops = stops or tuple(layer.label for layer in network.outline)
    needs = {stop: smallest_input_of(network, stop) for stop in stops}
    kept = tuple(stop for stop in stops if needs[stop] <= min(size))
    if kept == tuple(stops):
        return LayerChoice(kept)
    missed = [stop for stop in needs if stop not in kept]
    shown = f"{size[0]}x{size[1]}"
    if not kept:
        raise UsageError(
            f"a frame of {shown} is too small for any of {', '.join(missed)} of {network.name}: "
            f"it must have at least {min(needs.values())} pixels a side"
        )
    least = max(needs.values())
    return LayerChoice(
        kept,
        (f"{', '.join(missed)}: left out, for a frame of {shown} is too small; with {least} pixels a side none is",),
    )


def smallest_input_of(network: Network, objective: str) -> int:
    """Side in pixels of the smallest square frame on which an objective, in its short form, exists."""
    return network.smallest_input([layer_of(objective) or LOGITS])


def step_size_factor(network: Network, objective: str) -> float:
    """The share of a deep layer's step that suits an objective, in its short form: in (0, 1].

    A shallow layer's strokes are there at once, and long steps make a stencil of a photo.
    """
    layer = layer_of(objective)
    field = network.layer(layer).receptive_field if layer else None
    return min(1.0, (field / _SHAPES) ** 0.6) if field else 1.0


def layer_of(objective: str) -> str | None:
    """The layer at which an objective, in its short form, looks; None for a class."""
    return getattr(parse(objective), "layer", None)


_ANIMAL = 170  # pixels of receptive field: squeezenet1_1's fire8, googlenet's inception4c


def default_layer(network: Network) -> str:
    """The first layer of the outline that sees what is large enough for an animal; else one at two thirds of it.

    `network` may be a blueprint.
    """
    outline = network.outline
    seeing = (layer.label for layer in outline if (layer.receptive_field or 0) >= _ANIMAL)
    return next(seeing, outline[len(outline) * 2 // 3].label)
