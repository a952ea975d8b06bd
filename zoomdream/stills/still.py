"""One dreamed picture: what a film does to each of its frames, without a camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from zoomdream.dreaming.ascent import Step, dream, octave_sizes
from zoomdream.dreaming.soundness import refuse_no_picture
from zoomdream.errors import SettingError, UsageError
from zoomdream.images.colors.color import cohere, palette_of
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.pictures.loading import read_picture
from zoomdream.images.sampling.resample import fit_frame, resize
from zoomdream.memory import memory_guard
from zoomdream.networks import Network
from zoomdream.objectives import Mix, Objective, Term, mask_warning, no_gradient_warning, plan_tiles
from zoomdream.progress import OnProgress, Progress
from zoomdream.provenance import provenance_line
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings
from zoomdream.settings.dreaming import STILL_DEFAULTS, STILL_SETTINGS
from zoomdream.stills.print_dream import dream_print, print_octaves

_FAINT = 0.1  # weights that add up to less are seldom meant


@dataclass(frozen=True)
class Still:
    """A picture to be dreamed: everything resolved and checked, and nothing dreamed yet. `prepare_still` makes one."""

    frame: Frame
    """The photo, 1x3xHxW in [0, 1], on the network's device."""
    objective: Objective
    """What is amplified."""
    settings: DreamSettings
    """Octaves, steps and so on."""
    coherence: float = 0.0
    """Share by which the colors are drawn back to the photo's, 0 to 1."""
    seed: int = 0
    without_gradient: tuple[Term, ...] = ()
    """The terms that have no gradient on the smallest octave."""
    quality: bool = False
    """Dreamed in print quality: see `print_dream`."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know before the work begins."""
        terms, tiling = [term for term, _ in self.objective.terms], self.objective.tiling
        of_terms = [warning for term in terms for warning in (*term.warnings, mask_warning(term, self.size))]
        of_gradients = [no_gradient_warning(term) for term in self.without_gradient]
        warnings = [*of_terms, *of_gradients, self._weight_warning, tiling.warning(self.size) if tiling else None]
        return tuple(dict.fromkeys(filter(None, warnings)))

    @property
    def _weight_warning(self) -> str:
        """About weights that do not do what they seem to; empty where there is nothing to say."""
        weights = [abs(weight) for _, weight in self.objective.terms]
        if len(weights) == 1 and weights[0] > 1:
            return f"a weight of {weights[0]:g} acts as 1 where there is no other objective: raise step_size instead"
        if sum(weights) < _FAINT:
            return f"the weights add up to {sum(weights):g}, and the steps are that much shorter"
        return ""

    @property
    def size(self) -> Size:
        """(width, height) of the picture, in pixels."""
        return size_of(self.frame)

    @property
    def provenance(self) -> str:
        """What makes the picture, in one line for its metadata: network, objectives, seed, settings, tiles."""
        mix = ", ".join(f"{term.spec}={weight:g}" for term, weight in self.objective.terms)
        tiling = self.objective.tiling
        return provenance_line(
            self.objective.network.name,
            mix,
            self.seed,
            f"coherence {self.coherence:g}",
            self.settings.model_dump_json(include=set(STILL_SETTINGS)),
            tiling.label if tiling else "",
            "print quality" if self.quality else "",
        )

    def run(self, on_progress: OnProgress | None = None, *, on_step: Callable[[Step], None] | None = None) -> Frame:
        """Dream the picture; `on_step` is called after each step, with the picture as it is then.

        Raises DreamError where it is no picture any more, UsageError for `on_step` where it is of print quality.
        """
        if self.quality and on_step:
            raise UsageError("a dream in print quality has no stages: its octaves take different numbers of steps")

        def report(step: Step) -> None:
            if on_progress:
                on_progress(step.progress)
            if on_step:
                on_step(step)

        callback = report if on_progress or on_step else None
        with memory_guard(self.size):
            rng = generator(self.seed, 0, "jitter")
            if self.quality:
                dreamed = dream_print(self.frame, self.objective, self.settings, rng, _reporting(on_progress))
            else:
                dreamed = dream(self.frame, self.objective, self.settings, rng, callback)
            refuse_no_picture(dreamed, "the picture", self.frame)
            return cohere(dreamed, palette_of(self.frame), self.coherence)


def prepare_still(
    photo: Frame | Path | str,
    network: Network,
    layers: Mix,
    settings: DreamSettings | None = None,
    *,
    size: Size | None = None,
    coherence: float = 0.0,
    seed: int = 0,
    max_memory: int | None = None,
    quality: bool = False,
) -> Still:
    """Resolve and check everything that a still needs; the arguments are `dream_still`'s.

    Raises SourceError, UnknownNameError, OutOfMemoryError, or UsageError, also when no objective has a gradient or
    they cancel.
    """
    settings = settings or DreamSettings(**STILL_DEFAULTS)
    if isinstance(photo, torch.Tensor):
        frame = photo if size is None else fit_frame(photo, size)
    else:
        frame = read_picture(photo, size, max_memory=max_memory).frame
    frame = frame.to(network.device)
    objective = Objective.of(network, layers, settings.objective)
    objective.check(size_of(frame))
    network.place_weights(objective.taps)
    objective = objective.tiled(plan_tiles(objective, size_of(frame), max_memory))
    with memory_guard(size_of(frame)):
        without_gradient = _without_gradient(objective, frame, settings, quality=quality)
    return Still(frame, objective, settings, coherence, seed, without_gradient, quality)


def dream_still(
    photo: Frame | Path | str,
    network: Network,
    layers: Mix,
    settings: DreamSettings | None = None,
    *,
    size: Size | None = None,
    coherence: float = 0.0,
    seed: int = 0,
    max_memory: int | None = None,
    quality: bool = False,
    on_progress: OnProgress | None = None,
) -> Frame:
    """Dream a picture.

    Args:
        photo: a frame (1x3xHxW in [0, 1]) or a picture's path.
        network: from `load_network`; its device is where the dream runs.
        layers: objectives and weights, such as `{"fire8": 1, "fire5:17": 0.3, "class:espresso": 0.5}`.
        settings: octaves, steps and so on; `STILL_DEFAULTS` over the defaults when left out.
        size: (width, height); the picture's own by default. Another shape crops the picture.
        coherence: share by which the colors are drawn back to the photo's, 0 to 1.
        seed: another seed, another dream.
        max_memory: bytes that this process may come to hold; above it the picture is dreamed in tiles.
        quality: for prints: octaves from a thumbnail on, and steps that fall, which leave no grit.
        on_progress: called after each step.

    Returns a frame. Raises what `prepare_still` does.
    """
    still = prepare_still(
        photo,
        network,
        layers,
        settings,
        size=size,
        coherence=coherence,
        seed=seed,
        max_memory=max_memory,
        quality=quality,
    )
    return still.run(on_progress)


def _reporting(on_progress: OnProgress | None) -> Callable[[int, int, str], None] | None:
    """What tells each step of a print's dream."""
    if on_progress is None:
        return None
    return lambda done, total, now: on_progress(Progress(done, total, "step", now))


def _without_gradient(
    objective: Objective, frame: Frame, settings: DreamSettings, *, quality: bool
) -> tuple[Term, ...]:
    """The terms that change nothing on the smallest octave.

    Raises UsageError when no other is left, SettingError when those that are left undo one another.
    """
    if not objective.terms:
        raise SettingError("every objective's weight is 0, so nothing would change: give one of them another weight")
    size, needed = size_of(frame), objective.smallest_input
    smallest = print_octaves(size, settings, needed)[0].size if quality else octave_sizes(size, settings, needed)[0]
    first_octave = resize(frame, smallest).clamp(0, 1)
    without_gradient = objective.without_gradient(first_octave)
    if len(without_gradient) == len(objective.terms):
        names = ", ".join(str(term.spec) for term in without_gradient)
        raise UsageError(
            f"{names} has no gradient on this picture, so nothing would change: "
            f"look before the ReLU (relu: before), or choose another channel or picture"
        )
    objective.refuse_cancelling(first_octave)
    return tuple(without_gradient)
