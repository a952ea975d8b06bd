"""Dream one frame: gradient ascent of an objective over octaves.

After google/deepdream (Mordvintsev, Olah, Tyka, 2015): the frame is dreamed at a small size first; what the dream has
added there is enlarged and laid over the next size, so that large shapes come before fine ones and the frame's own
detail is never blurred.
"""

from __future__ import annotations

import numpy as np
import torch

from zoomdream.color import natural_gradient
from zoomdream.image import Frame, Size, blur, resize, size_of
from zoomdream.objective import Objective
from zoomdream.settings import DreamSettings


def dream(frame: Frame, objective: Objective, settings: DreamSettings, rng: np.random.Generator) -> Frame:
    """Dream a frame.

    Args:
        frame: 1x3xHxW, float32 sRGB in [0, 1]; left as it is.
        objective: what to amplify; it lives on the frame's device. Without terms, the frame is returned.
        settings: octaves, steps and so on.
        rng: the random shifts are drawn from it; equal generators give equal dreams.

    Returns a frame of the same shape and range. Raises UsageError when the frame is too small for the objective.
    """
    if not objective.terms or settings.steps == 0:
        return frame
    objective.check(size_of(frame))
    sizes = octave_sizes(size_of(frame), settings, objective.smallest_input)
    bases = [blur(resize(frame, size).clamp(0, 1), settings.octave_blur) for size in sizes]
    balance = objective.balance(bases[0])
    dreamed = bases[0]
    for k, base in enumerate(bases):
        if k:
            added = resize(dreamed - bases[k - 1], sizes[k])
            dreamed = base + settings.octave_blend * added
        dreamed = ascend(dreamed, objective, balance, settings, rng)
    return dreamed


def octave_sizes(size: Size, settings: DreamSettings, smallest: int) -> list[Size]:
    """The octaves' sizes (width, height), small to large; those under `smallest` pixels on a side are left out."""
    scales = [settings.octave_scale**-k for k in range(settings.octaves)]
    sizes = [(round(size[0] * scale), round(size[1] * scale)) for scale in reversed(scales)]
    return [s for s in sizes if min(s) >= smallest]


def ascend(
    frame: Frame,
    objective: Objective,
    balance: list[torch.Tensor],
    settings: DreamSettings,
    rng: np.random.Generator,
) -> Frame:
    """`settings.steps` steps up the gradient at one size; each moves a channel value by `step_size` on average.

    Before each step the picture is shifted by a random offset, wrapping around, so that neither the network's strides
    nor its zero padding leave a pattern.
    """
    size = settings.step_size * objective.strength
    for step in range(settings.steps):
        down, right = rng.integers(-settings.jitter, settings.jitter + 1, 2).tolist()
        shifted = torch.roll(frame, (down, right), (2, 3))
        gradient = shape_gradient(objective.gradient(shifted, balance), settings, (step + 1) / settings.steps)
        shifted.add_(gradient, alpha=size).clamp_(0, 1)
        frame = torch.roll(shifted, (-down, -right), (2, 3))
    return frame


def shape_gradient(gradient: Frame, settings: DreamSettings, progress: float) -> Frame:
    """Color, smooth and band-equalise a gradient, then scale it to a mean absolute value of 1.

    `progress` is the share of the steps done, in (0, 1]: the smoothing grows with it.
    """
    gradient = natural_gradient(gradient, settings.natural_color)
    if settings.smoothing:
        gradient = gaussian_cascade(gradient, settings.smoothing * (0.5 + progress))
    if settings.laplacian:
        gradient = laplacian_normalized(gradient, settings.laplacian)
    return gradient / gradient.abs().mean().clamp_min(1e-12)


def gaussian_cascade(gradient: Frame, sigma: float) -> Frame:
    """Mean of three Gaussian blurs, of half of `sigma`, of `sigma` and of twice it (gordicaleksa/pytorch-deepdream).

    Blurred alike, fine noise goes and shapes of several sizes stay.
    """
    return (blur(gradient, sigma / 2) + blur(gradient, sigma) + blur(gradient, sigma * 2)) / 3


def laplacian_normalized(gradient: Frame, bands: int) -> Frame:
    """Split a gradient into `bands` frequency bands, bring each to a standard deviation of 1, and add them up.

    From TensorFlow's DeepDream tutorial: coarse changes get as much of the step as fine ones. A band more than the
    frame can be halved is left out.
    """
    total = torch.zeros_like(gradient)
    full = size_of(gradient)
    rest = gradient
    for _ in range(bands - 1):
        width, height = size_of(rest)
        if min(width, height) < 4:
            break
        coarse = resize(rest, (width // 2, height // 2))
        total += resize(_unit(rest - resize(coarse, (width, height))), full)
        rest = coarse
    return total + resize(_unit(rest), full)


def _unit(band: Frame) -> Frame:
    return band / band.std().clamp_min(1e-12)
