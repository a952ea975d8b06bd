"""Which pixels matter: the gradient of an objective with respect to the picture, and a drawing of it."""

from __future__ import annotations

import numpy as np
import torch

from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out
from zoomdream.images.frame import Frame, Size, from_uint8, size_of
from zoomdream.memory import memory_guard
from zoomdream.networks import Network
from zoomdream.objectives import Objective, Spec, resolve

BRIGHTEST = 99.5
"""Percentile of the magnitudes that is drawn at full strength: a few pixels are far above all others."""

_PICTURES = 3
_SIGNED, _MAGNITUDE = "RdBu_r", "inferno"  # matplotlib's: blue to white to red; black to yellow, perceptually even


def pixel_gradient(network: Network, objective: str | Spec, frame: Frame) -> Frame:
    """How much each channel of each pixel raises an objective; a layer stands for its mean before the ReLU.

    The same as in the early pictures of what a network looks at (Simonyan et al. 2013, arXiv:1312.6034): one backward
    pass, no smoothing, nothing random.

    Args:
        network: from `load_network`; in float32, for bfloat16's rounding is visible in so fine a picture.
        objective: a layer, a channel, a class and so on, as a spec or in its short form: `fire8`, `class:espresso`.
        frame: 1x3xHxW in [0, 1] on the network's device; left as it is.

    Returns 1x3xHxW float32, of any sign, in units of the objective per full range of a channel. Raises UsageError when
    the network does not have the objective or the frame is too small for it.
    """
    found = Objective.mixed(network, [(resolve(network, objective, "mean"), 1.0)])
    found.check(size_of(frame))
    with memory_guard(size_of(frame), tiled=False):
        return found.gradient(frame, found.balance(frame))


def is_blind(network: Network, objective: str | Spec, gradient: Frame) -> bool:
    """Whether a gradient from `pixel_gradient` is the same for every picture, as that of a linear layer's mean is."""
    gray = torch.full_like(gradient, 0.5)
    return torch.allclose(pixel_gradient(network, objective, gray), gradient, rtol=1e-3, atol=1e-9)


def drawn_size(size: Size) -> Size:
    """The (width, height) of what `draw_saliency` draws of a frame of `size`."""
    return lay_out(_PICTURES, size).size


def draw_saliency(frame: Frame, gradient: Frame, title: str) -> Frame:
    """Draw a frame beside its gradient, once with its signs and once by magnitude.

    Args:
        frame: 1x3xHxW in [0, 1].
        gradient: 1x3xHxW, from `pixel_gradient`.
        title: written above; it names the objective, which the labels call "it".

    Signed is the sum over the channels, white where it is 0; magnitude is the largest over the channels. Both reach
    their full color at the percentile `BRIGHTEST`.

    Returns a frame with the three pictures in the frame's own size, on the CPU.
    """
    total = gradient[0].sum(0).cpu().numpy()
    largest = gradient[0].abs().amax(0).cpu().numpy()
    strongest = _high(largest)
    cells = (
        Cell(frame, "photo"),
        Cell(_colored(0.5 + 0.5 * total / _high(total), _SIGNED), "red raises it, blue lowers it"),
        Cell(_colored(largest / strongest, _MAGNITUDE), f"magnitude, 0 to {strongest:.2g}"),
    )
    subtitle = "gradient with respect to the pixels"
    return draw_sheet(cells, lay_out(_PICTURES, size_of(frame)), title, subtitle)


def _high(values: np.ndarray) -> float:
    """A scale that is never 0: where there is no gradient, as around what a neuron sees, the picture is blank."""
    found = np.abs(values[values != 0])
    return float(np.percentile(found, BRIGHTEST)) if found.size else 1.0


def _colored(values: np.ndarray, name: str) -> Frame:
    """HxW, clipped to [0, 1], through one of matplotlib's colormaps."""
    from matplotlib import colormaps

    return from_uint8(colormaps[name](values.clip(0, 1), bytes=True)[..., :3])
