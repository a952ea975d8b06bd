"""A layer: what a user knows of one place of a network, and how its name says of which network. Needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from zoomdream.errors import nearest

LOGITS = "logits"
"""A name that `Network.activations` and `Network.smallest_input` take beside the layers': the class scores."""


@dataclass(frozen=True)
class Layer:
    """A layer: one module of the network whose output is a map of features.

    A convolution and the batch norm after it are one layer, whose activation is the normalised one.
    """

    name: str
    """The path of the module in torchvision: `features.12`."""
    label: str
    """What the papers call it, `fire9`, or the name."""
    aliases: tuple[str, ...]
    """All other names that mean this layer."""
    channels: int
    stride: int
    """The distance between neighbours in the map, in pixels of the frame."""
    receptive_field: int | None
    """Side in pixels of the square of the frame that one place of the map depends on; None: all of it, by attention.

    Gates of squeeze-and-excitation, which see the whole frame, are not counted."""
    gated: bool
    """Whether there are such gates before it."""
    cost: float
    """The arithmetic of a gradient step up to here for each pixel of the frame; SqueezeNet 1.1's up to fire8 is 1.

    What is bound by memory, as depthwise kernels are, takes longer."""
    outline: bool
    """Whether it is among the dozen or so that show the whole network: each block once, shallow to deep."""


class Tap(NamedTuple):
    """A place in a network where its values are read: a layer's name or `LOGITS`, and whether before its ReLU."""

    layer: str
    before_relu: bool = False

    @classmethod
    def of(cls, name: str | Tap, before_relu: bool = False) -> Tap:
        """A tap as it is, or the one of a name."""
        return name if isinstance(name, Tap) else cls(name, before_relu)


def prefix_of(name: str) -> tuple[str, str]:
    """The network's name in `mobilenet_v2/features.11`, empty where there is none, and what it names there."""
    prefix, slash, own = name.partition("/")
    return (prefix, own) if slash else ("", name)


def unknown_prefix(name: str, networks: Sequence[str]) -> str:
    """What is wrong with the name of a layer or a class whose prefix is none of these networks."""
    prefix, own = prefix_of(name)
    if len(networks) == 1:
        return (
            f"{own!r} of {prefix} is asked for, and {networks[0]} dreams alone: name both, "
            f"networks: [{networks[0]}, {prefix}], or leave {prefix}/ out"
        )
    return f"{name!r}: {prefix!r} is none of the networks here, {', '.join(networks)}{nearest(prefix, networks)}"


def is_logits(name: str) -> bool:
    """Whether a name means class scores, of whichever network."""
    return prefix_of(name)[1] == LOGITS
