"""A picture to be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zoomdream.dreaming.ascent import Step
from zoomdream.dreaming.visualization import Visualization
from zoomdream.images.frame import Frame, Size
from zoomdream.progress import Steps

OnStep = Callable[[Step], None]
OnSteps = Callable[[Steps], None]


@dataclass(frozen=True)
class PictureJob:
    """A picture to be made: everything resolved and checked, and nothing made yet.

    `size` is (width, height) in pixels; `recipe` and `warnings` are for its metadata and for people.
    """

    size: Size
    recipe: str
    warnings: tuple[str, ...]
    make: Callable[[OnSteps | None], Frame]

    def draw(self, on_step: OnSteps | None = None) -> Frame:
        """The picture, a frame on the CPU; `on_step` is told the steps that are done of all."""
        return self.make(on_step)


def told(on_step: OnSteps | None, before: int, total: int, now: str) -> OnStep | None:
    """One of several dreams, told as a part of all."""
    return on_step and (lambda step: on_step(Steps(before + _done(step), total, now)))


def step_counter(on_step: OnSteps) -> OnStep:
    """Tells a single dream's steps."""
    return lambda step: on_step(
        Steps(_done(step), step.octaves * step.steps, f"octave {step.octave} of {step.octaves}")
    )


def _done(step: Step) -> int:
    return (step.octave - 1) * step.steps + step.step


def counted(on_step: OnSteps | None, pictures: Visualization) -> Callable[[int, int], None] | None:
    named = [str(term.spec) for term in pictures.terms]
    now = named[0] if len(named) == 1 else f"{len(named)} pictures"
    return on_step and (lambda done, total: on_step(Steps(done, total, now)))
