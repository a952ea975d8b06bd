"""Dream one frame: gradient ascent of an objective over octaves.

After google/deepdream (Mordvintsev, Olah, Tyka, 2015): the frame is dreamed at a small size first; what the dream has
added there is enlarged and laid over the next size, so that large shapes come before fine ones and the frame's own
detail is never blurred.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from zoomdream.color import natural_gradient
from zoomdream.image import Frame, Size, blur, resize, size_of
from zoomdream.objectives import Objective
from zoomdream.settings import DreamSettings


@dataclass(frozen=True)
class Step:
    """A step that was done: number `step` of `steps` in octave `octave` of `octaves`, all counted from 1.

    `frame` is the picture after it, 1x3xHxW in [0, 1], at the octave's size.
    """

    octave: int
    octaves: int
    step: int
    steps: int
    frame: Frame


def dream(
    frame: Frame,
    objective: Objective,
    settings: DreamSettings,
    rng: np.random.Generator,
    on_step: Callable[[Step], None] | None = None,
) -> Frame:
    """Dream a frame.

    Args:
        frame: 1x3xHxW, float32 sRGB in [0, 1]; left as it is.
        objective: what to amplify; it lives on the frame's device. Without terms, the frame is returned.
        settings: octaves, steps and so on.
        rng: the random shifts are drawn from it; equal generators give equal dreams.
        on_step: called after each step.

    Returns a frame of the same shape and range. Raises UsageError when the frame is too small for the objective.
    """
    if not objective.terms or settings.steps == 0:
        return frame
    full = size_of(frame)
    objective.check(full)
    sizes = octave_sizes(full, settings, objective.smallest_input)
    bases = [blur(resize(frame, size).clamp(0, 1), settings.octave_blur) for size in sizes]
    climb = Climb(objective, objective.balance(bases[0], full), settings, full)
    dreamed = bases[0]
    for k, base in enumerate(bases):
        if k:
            added = resize(dreamed - bases[k - 1], sizes[k])
            dreamed = base + settings.octave_blend * added
            climb = climb.rebalanced(dreamed)
        for step in range(settings.steps):
            dreamed = climb.step(dreamed, (step + 1) / settings.steps, rng)
            if on_step:
                on_step(Step(k + 1, len(sizes), step + 1, settings.steps, dreamed.clone()))
    return dreamed


def octave_sizes(size: Size, settings: DreamSettings, smallest: int) -> list[Size]:
    """The octaves' sizes (width, height), small to large; those under `smallest` pixels on a side are left out."""
    scales = [settings.octave_scale**-k for k in range(settings.octaves)]
    sizes = [(round(size[0] * scale), round(size[1] * scale)) for scale in reversed(scales)]
    return [s for s in sizes if min(s) >= smallest]


@dataclass(frozen=True)
class Climb:
    """Ascent of one frame: what all of its steps share. `full` is the finished frame's size (width, height)."""

    objective: Objective
    balance: list[torch.Tensor]
    settings: DreamSettings
    full: Size

    def step(self, frame: Frame, progress: float, rng: np.random.Generator) -> Frame:
        """One step up the gradient, which moves a channel value by `step_size` on average.

        Before it the picture is shifted by a random offset, wrapping around, so that neither the network's strides nor
        its zero padding leave a pattern; the grid of tiles, if there is one, moves by another. `progress` is the share
        of the octave's steps that are done after it, in (0, 1].
        """
        settings, objective = self.settings, self.objective
        down, right = rng.integers(-settings.jitter, settings.jitter + 1, 2).tolist()
        shifted = torch.roll(frame, (down, right), (2, 3))
        gradient = objective.gradient(
            shifted, self.balance, full=self.full, shift=(down, right), offset=_tile_offset(objective, rng)
        )
        gradient = color_and_smooth(gradient, settings, progress)
        share = objective.share(shifted, self.full, (down, right))
        shifted.add_(unit_step(gradient, share), alpha=settings.step_size)
        return torch.roll(shifted.clamp_(0, 1), (-down, -right), (2, 3))

    def rebalanced(self, frame: Frame) -> Climb:
        """With a fresh balance, at the next octave's first frame, for terms that a ReLU hides here and shows there.

        Of nothing, or of a single place that has woken, their gradient says little about what it becomes.
        """
        stale = [
            bool(factor == 0) or term.may_hide
            for factor, (term, _) in zip(self.balance, self.objective.terms, strict=True)
        ]
        if len(stale) < 2 or not any(stale):
            return self
        fresh = self.objective.balance(frame, self.full)
        return replace(self, balance=[fresh[k] if old else self.balance[k] for k, old in enumerate(stale)])


def _tile_offset(objective: Objective, rng: np.random.Generator) -> tuple[int, int]:
    """From a generator of its own: the shifts of a tiled dream are those of the same dream in one piece."""
    if objective.tiling is None:
        return 0, 0
    down, right = rng.spawn(1)[0].integers(0, objective.tiling.side, 2).tolist()
    return down, right


def color_and_smooth(gradient: Frame, settings: DreamSettings, progress: float) -> Frame:
    """Color, smooth and band-equalise a gradient; the smoothing grows with `progress`, in (0, 1]."""
    gradient = natural_gradient(gradient, settings.natural_color)
    if settings.smoothing:
        gradient = gaussian_cascade(gradient, settings.smoothing * (0.5 + progress))
    if settings.laplacian:
        gradient = laplacian_normalized(gradient, settings.laplacian)
    return gradient


def unit_step(gradient: Frame, share: Frame | float) -> Frame:
    """The gradient scaled to a mean absolute value of `share`, 1x1xHxW or one number for all pixels, in [0, 1].

    Where the share is 0 the step is nothing. Over a whole frame, a neuron's few pixels would get its whole step.
    """
    if not isinstance(share, torch.Tensor):
        return gradient / gradient.abs().mean().clamp_min(1e-12) * share
    gradient = gradient * (share > 0)
    return gradient * (3 * share.sum() / gradient.abs().sum().clamp_min(1e-12))


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
