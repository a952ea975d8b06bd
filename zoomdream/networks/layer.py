"""A layer: what a user knows of one place of a network. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass


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
