"""The dream of one picture in print quality: octaves from a thumbnail on, and steps that fall.

Steps of one length everywhere leave the finest octave as strong as the coarsest, which is grit. Here the length falls
over each octave's steps, as in simulated annealing: the first find the shapes, the last settle them. It falls from
octave to octave too, and so does the number of steps, since fine octaves only draw what the coarse ones have found;
most of the time goes into the largest octave, so that this also costs less.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from zoomdream.dreaming.ascent import Ascent, octave_sizes
from zoomdream.images.filters import blur
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.sampling.resample import resize
from zoomdream.memory import release_freed_memory
from zoomdream.objectives import Objective
from zoomdream.objectives.tile_plan import LARGE_FRAME
from zoomdream.settings import DreamSettings

COARSEST = 200
"""Shorter side in pixels of the smallest octave: about what a layer that knows animals sees at once."""

MOST_OCTAVES = 16

_LAST_STEP = 0.2  # of an octave's first step
_FINEST_STEP = 0.35  # of the coarsest octave's
_FINEST_STEPS = 0.35  # how many steps the finest octave takes, as a share of the coarsest's
_FINEST_SMOOTHING = 2.0  # of the coarsest octave's


@dataclass(frozen=True)
class PrintOctave:
    """One octave of a print's dream."""

    size: Size
    """(width, height) in pixels."""
    settings: DreamSettings
    """With its own number of steps, step size of the first step, and smoothing."""

    def at(self, step: int) -> DreamSettings:
        """The settings of a step, counted from 0: its size falls as a cosine does."""
        done = step / max(1, self.settings.steps - 1)
        fall = _LAST_STEP + (1 - _LAST_STEP) * (1 + math.cos(math.pi * done)) / 2
        return self.settings.model_copy(update={"step_size": self.settings.step_size * fall})


def print_octaves(size: Size, settings: DreamSettings, smallest: int) -> list[PrintOctave]:
    """The octaves of a picture of `size` (width, height), coarse to fine.

    There are as many as lead from `COARSEST` pixels to its size, and not fewer than `settings.octaves`; those smaller
    than `smallest` pixels on a side are left out. `settings` are those of the coarsest.
    """
    needed = 1 + math.ceil(math.log(max(1.0, min(size) / COARSEST)) / math.log(settings.octave_scale))
    octaves = min(MOST_OCTAVES, max(settings.octaves, needed))
    sizes = octave_sizes(size, settings.model_copy(update={"octaves": octaves}), smallest)
    shares = [number / max(1, len(sizes) - 1) for number in range(len(sizes))]
    return [PrintOctave(each, _of_octave(settings, share)) for each, share in zip(sizes, shares, strict=True)]


def _of_octave(settings: DreamSettings, share: float) -> DreamSettings:
    """The settings of an octave; `share` is 0 for the coarsest and 1 for the finest."""
    return settings.model_copy(
        update={
            "steps": math.ceil(settings.steps * _FINEST_STEPS**share),
            "step_size": settings.step_size * _FINEST_STEP**share,
            "smoothing": settings.smoothing * _FINEST_SMOOTHING**share,
        }
    )


def dream_print(
    frame: Frame,
    objective: Objective,
    settings: DreamSettings,
    rng: np.random.Generator,
    on_step: Callable[[int, int, str], None] | None = None,
) -> Frame:
    """Dream a frame in print quality.

    Args:
        frame: 1x3xHxW, float32 sRGB in [0, 1]; left as it is.
        objective: what to amplify, in tiles where the frame is large; it lives on the frame's device.
        settings: of the coarsest octave; `octaves` is the least number of them.
        rng: the random shifts are drawn from it.
        on_step: called after each step with the steps done, all steps, and the octave in words.

    Returns a frame of the same shape and range. Raises UsageError when the frame is too small for the objective.
    """
    if not objective.terms or settings.steps == 0:
        return frame
    full = size_of(frame)
    objective.check(full)
    octaves = print_octaves(full, settings, objective.smallest_input)
    total, done = sum(octave.settings.steps for octave in octaves), 0
    is_large = full[0] * full[1] > LARGE_FRAME
    base = dreamed = _base(frame, octaves[0])
    ascent = Ascent.begun(objective, dreamed, octaves[0].settings, full)
    for number, octave in enumerate(octaves):
        if number:
            added = resize(dreamed - base, octave.size)
            base = _base(frame, octave)
            dreamed = base.add(added, alpha=settings.octave_blend)
            del added
            ascent = ascent.rebalanced(dreamed)
        if number + 1 == len(octaves):
            del base  # before the steps that take most memory
        if is_large:
            release_freed_memory()
        for step in range(octave.settings.steps):
            ascent = replace(ascent, settings=octave.at(step))
            dreamed, ascent = ascent.step(dreamed, (step + 1) / octave.settings.steps, rng)
            done += 1
            if on_step:
                on_step(done, total, f"octave {number + 1} of {len(octaves)}")
    if is_large:
        release_freed_memory()
    return dreamed


def _base(frame: Frame, octave: PrintOctave) -> Frame:
    """What an octave begins with, without what the octaves before have added."""
    return blur(resize(frame, octave.size).clamp(0, 1), octave.settings.octave_blur)
