"""One ascent over all frames of a film: each takes one step an octave and goes on along what the last have changed.

A film that takes N steps in every frame asks the network N times for almost the same picture. Here it is asked once,
at the place where the momentum leads (Nesterov's accelerated gradient, 1983), and the momentum moves with the picture.
Gradients at two random shifts of one frame have a cosine of 0.2, since strides and pooling see other pixels; their mean
over a few frames is what rises. So the momentum makes up for the steps left out: what frames agree about changes as
much in a second as in N steps a frame, and what they do not agree about changes less.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from zoomdream.dreaming.ascent import dream
from zoomdream.images.filters import blur
from zoomdream.images.frame import Frame
from zoomdream.objectives import Objective
from zoomdream.settings import DreamSettings

_LONGEST_MEMORY = 9  # frames; what is older has moved on in any film

Amortized = tuple[Frame, Frame | None]
"""A dreamed frame and its momentum: the change of a frame that goes on, 1x3xHxW; None: nothing was dreamed."""


def memory_of(steps: int) -> int:
    """Over how many frames the momentum averages where each stands for so many steps: 2 N - 1, at most 9.

    One step a frame has no momentum: nothing is left out there.
    """
    return max(1, min(2 * steps - 1, _LONGEST_MEMORY))


def first_settings(settings: DreamSettings) -> DreamSettings:
    """The settings of a zoom film's first frame.

    Where steps are amortized it takes one more for each frame by which the momentum lags behind: N + memory - 1, which
    is 3 N - 2 up to 5 steps. With 3 N - 2 of 20, it would be so strong that the frames after it fell back for a second.
    """
    if settings.schedule == "every-frame" or settings.steps == 0:
        return settings
    return settings.model_copy(update={"steps": settings.steps + memory_of(settings.steps) - 1})


def dream_on(
    start: Frame,
    momentum: Frame | None,
    objective: Objective,
    settings: DreamSettings,
    rng: np.random.Generator,
    steps: int | None = None,
    focus: Frame | None = None,
) -> Amortized:
    """Dream a frame of a film as `settings.schedule` says.

    Args:
        start: 1x3xHxW, what the frame is dreamed from; it has come along with the camera or the motion.
        momentum: of the frame before, come along as `start` has; None: the frame begins a film or a shot.
        objective: what to amplify. Without terms nothing is dreamed.
        settings: of the frame. Where there is a momentum, one step stands for its `steps`; else all are taken.
        rng: the random shifts are drawn from it.
        steps: how many each further frame stands for; None: as many as this one takes.
        focus: what each step is multiplied by at each place, 1x1xHxW of at least 0; None: 1.

    Returns the frame in [0, 1], and its momentum. Raises what `dream` does.
    """
    steps = settings.steps if steps is None else steps
    if settings.schedule == "every-frame" or memory_of(steps) == 1:
        return dream(start, objective, settings, rng, focus=focus).clamp(0, 1), None
    start = start.clamp(0, 1)
    if not objective.terms or settings.steps == 0:
        return start, None
    if momentum is None:
        dreamed = dream(start, objective, settings, rng, focus=focus).clamp(0, 1)
        # Steps whose directions are independent add up like the square root of their number.
        return dreamed, _change(start, start, dreamed, settings) * math.sqrt(min(1.0, steps / settings.steps))
    ahead = torch.add(start, momentum, alpha=1 - 1 / memory_of(steps)).clamp_(0, 1)
    dreamed = dream(ahead, objective, _one_step(settings), rng, focus=focus).clamp(0, 1)
    return dreamed, _change(start, ahead, dreamed, settings)


def _one_step(settings: DreamSettings) -> DreamSettings:
    """The settings of the one step.

    A direction on which all frames agree moves the picture by memory x step = N steps in a frame. The smoothing, which
    grows over N steps from 0.5 + 1/N to 1.5 of its sigma, has its mean.
    """
    steps = settings.steps
    mean = (0.5 + (steps + 1) / (2 * steps)) / 1.5
    changes = {
        "steps": 1,
        "step_size": settings.step_size * steps / memory_of(steps),
        "smoothing": settings.smoothing * mean,
    }
    return settings.model_copy(update=changes)


def _change(start: Frame, ahead: Frame, dreamed: Frame, settings: DreamSettings) -> Frame:
    """What dreaming has changed; the blur before each octave is no part of it, or it would go on blurring."""
    if settings.octave_blur == 0:
        return dreamed - start
    return ahead - start + dreamed - blur(ahead, settings.octave_blur)
