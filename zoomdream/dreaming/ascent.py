"""Dream one frame: gradient ascent of an objective over octaves.

After google/deepdream (Mordvintsev, Olah, Tyka, 2015): the frame is dreamed at a small size first; what the dream has
added there is enlarged and laid over the next size, so that large shapes come before fine ones and the frame's own
detail is never blurred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from zoomdream.dreaming.gradient_shaping import (
    color_and_smooth,
    unit_step,
    within_headroom,
)
from zoomdream.images.filters import blur
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.sampling.resample import resize, roll
from zoomdream.memory import release_freed_memory
from zoomdream.objectives import Objective
from zoomdream.objectives.gradients import Shift
from zoomdream.objectives.tile_plan import LARGE_FRAME
from zoomdream.progress import Progress
from zoomdream.settings import DreamSettings


@dataclass(frozen=True)
class Step:
    """A step of the ascent, and the picture after it."""

    octave: int
    """Number of the octave, counted from 1."""
    octaves: int
    """How many octaves there are."""
    step: int
    """Number of the step in its octave, counted from 1."""
    steps: int
    """How many steps an octave has."""
    frame: Frame
    """The picture after the step: 1x3xHxW in [0, 1], at the octave's size."""

    @property
    def progress(self) -> Progress:
        """How far the dream is."""
        done = (self.octave - 1) * self.steps + self.step
        return Progress(done, self.octaves * self.steps, "step", f"octave {self.octave} of {self.octaves}")


def dream(
    frame: Frame,
    objective: Objective,
    settings: DreamSettings,
    rng: np.random.Generator,
    on_step: Callable[[Step], None] | None = None,
    focus: Frame | None = None,
) -> Frame:
    """Dream a frame.

    Args:
        frame: 1x3xHxW, float32 sRGB in [0, 1]; left as it is.
        objective: what to amplify; it lives on the frame's device. Without terms, the frame is returned.
        settings: octaves, steps and so on.
        rng: the random shifts are drawn from it; equal generators give equal dreams.
        on_step: called after each step.
        focus: 1x1xHxW of at least 0, what each step is multiplied by, as `dreaming.focus` gives it; None: 1.

    Returns a frame of the same shape and range. Raises UsageError when the frame is too small for the objective.
    """
    if not objective.terms or settings.steps == 0:
        return frame
    full = size_of(frame)
    objective.check(full)
    sizes = octave_sizes(full, settings, objective.smallest_input)
    base = dreamed = _base(frame, sizes[0], settings)
    ascent = Ascent.begun(objective, dreamed, settings, full, focus)
    is_large = full[0] * full[1] > LARGE_FRAME
    for k, size in enumerate(sizes):
        if k:
            added = resize(dreamed - base, size)
            base = _base(frame, size, settings)
            dreamed = torch.add(base, added, alpha=settings.octave_blend, out=added)
            del added
            ascent = ascent.rebalanced(dreamed)
        if k + 1 == len(sizes):
            del base  # before the steps that take most memory
        if is_large:
            release_freed_memory()  # of another octave's sizes: what is kept would not fit, and be held beside
        for step in range(settings.steps):
            dreamed, ascent = ascent.step(dreamed, (step + 1) / settings.steps, rng)
            if on_step:
                on_step(Step(k + 1, len(sizes), step + 1, settings.steps, dreamed.clone()))
    if is_large:
        release_freed_memory()  # of the last octave: the next frame is made ready, and its source computed, beside it
    return dreamed


def _base(frame: Frame, size: Size, settings: DreamSettings) -> Frame:
    """What an octave of `size` begins with, without what the octaves before have added."""
    return blur(resize(frame, size).clamp(0, 1), settings.octave_blur)


def octave_sizes(size: Size, settings: DreamSettings, smallest: int) -> list[Size]:
    """The octaves' sizes (width, height), small to large; those under `smallest` pixels on a side are left out."""
    scales = [settings.octave_scale**-k for k in range(settings.octaves)]
    sizes = [(round(size[0] * scale), round(size[1] * scale)) for scale in reversed(scales)]
    return [s for s in sizes if min(s) >= smallest]


@dataclass(frozen=True)
class Ascent:
    """What all steps of one frame share."""

    objective: Objective
    balance: Sequence[torch.Tensor | None]
    """One factor for each term, from `Objective.balance`; None: the next step measures it."""
    settings: DreamSettings
    full: Size
    """(width, height) of the finished frame, in pixels; an octave's may be smaller."""
    focus: Frame | None = None
    """What a step is multiplied by at each place: 1x1xHxW of the finished frame, at least 0."""

    @classmethod
    def begun(
        cls, objective: Objective, frame: Frame, settings: DreamSettings, full: Size, focus: Frame | None = None
    ) -> Ascent:
        """The ascent of the first octave, which begins with `frame`.

        Where a step stands for many, measuring the balance before it would cost as much as the step itself.
        """
        by_step = settings.schedule == "amortized" and len(objective.terms) > 1
        balance = [None] * len(objective.terms) if by_step else objective.balance(frame, full)
        return cls(objective, balance, settings, full, focus)

    def step(self, frame: Frame, progress: float, rng: np.random.Generator) -> tuple[Frame, Ascent]:
        """One step up the gradient, which moves a channel value by `step_size` on average; and the ascent after it.

        Before it the picture is shifted by a random offset, wrapping around, so that neither the network's strides nor
        its zero padding leave a pattern; the grid of tiles, if there is one, moves by another. `progress` is the share
        of the octave's steps that are done after it, in (0, 1].
        """
        settings, objective = self.settings, self.objective
        down, right = rng.integers(-settings.jitter, settings.jitter + 1, 2).tolist()
        shifted = roll(frame, down, right)
        gradient, balance = self._gradient(shifted, (down, right), _tile_offset(objective, rng))
        gradient = color_and_smooth(gradient, settings, progress)
        share = objective.share(shifted, self.full, (down, right))
        step = self._bounded(shifted, unit_step(gradient, share), (down, right))
        shifted.add_(step, alpha=settings.step_size)
        return roll(shifted.clamp_(0, 1), -down, -right), replace(self, balance=balance)

    def _bounded(self, shifted: Frame, step: Frame, shift: Shift) -> Frame:
        """A step as far as the focus and the values of the picture leave room for it."""
        if self.focus is not None:
            step = step * torch.roll(resize(self.focus, size_of(shifted)).clamp_min(0), shift, (2, 3))
        return within_headroom(shifted, step, self.settings.headroom) if self.settings.headroom else step

    def _gradient(self, shifted: Frame, shift: Shift, offset: Shift) -> tuple[Frame, Sequence[torch.Tensor]]:
        """The gradient at a shifted frame, and the balance that made it."""
        known = [factor for factor in self.balance if factor is not None]
        if len(known) < len(self.balance):
            return self.objective.balanced_gradient(shifted, self.balance, full=self.full, shift=shift, offset=offset)
        return self.objective.gradient(shifted, known, full=self.full, shift=shift, offset=offset), known

    def rebalanced(self, frame: Frame) -> Ascent:
        """The ascent of the next octave, which begins with `frame`: terms that a ReLU may hide are balanced anew.

        Such a term may have had no gradient at the smaller octave, or one at a single place, which says little about
        its strength here.
        """
        terms = [term for term, _ in self.objective.terms]
        if len(terms) < 2:
            return self
        if self.settings.schedule == "amortized":
            kept = [None if term.may_hide or term.mask else old for term, old in zip(terms, self.balance, strict=True)]
            return replace(self, balance=kept)
        if self.objective.network.device.type != "cpu":
            return self.rebalanced_without_waiting(frame)
        stale = [term.may_hide or not bool(factor) for factor, term in zip(self.balance, terms, strict=True)]
        if not any(stale):
            return self
        fresh = self.objective.balance(frame, self.full)
        return replace(self, balance=[fresh[k] if is_stale else self.balance[k] for k, is_stale in enumerate(stale)])

    def rebalanced_without_waiting(self, frame: Frame) -> Ascent:
        """The same without asking a GPU, which would have to stop, for the factors that are 0.

        Only a term that a ReLU or a mask may hide can have one.
        """
        terms = [term for term, _ in self.objective.terms]
        if len(terms) < 2 or not any(term.may_hide or term.mask is not None for term in terms):
            return self
        fresh = self.objective.balance(frame, self.full)
        kept = [
            new if term.may_hide or old is None else torch.where(old == 0, new, old)
            for term, old, new in zip(terms, self.balance, fresh, strict=True)
        ]
        return replace(self, balance=kept)


def _tile_offset(objective: Objective, rng: np.random.Generator) -> tuple[int, int]:
    """Where the grid of tiles begins (down, right), in pixels.

    Drawn from a generator of its own, so that the random shifts are the same with and without tiles.
    """
    if objective.tiling is None:
        return 0, 0
    down, right = rng.spawn(1)[0].integers(0, objective.tiling.side, 2).tolist()
    return down, right
