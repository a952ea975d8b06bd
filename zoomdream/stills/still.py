"""One dreamed picture: the film's own engine, without a camera."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from zoomdream.dreaming.ascent import Step, dream, octave_sizes
from zoomdream.errors import OutputError, SettingError, UsageError
from zoomdream.images.color import cohere, palette_of
from zoomdream.images.files import load_image
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.resample import fit, resize
from zoomdream.memory import memory_guard
from zoomdream.networks import Network
from zoomdream.objectives import Mix, Objective, Term, mask_warning, no_gradient_warning, plan_tiles
from zoomdream.output_files import refuse_overwriting
from zoomdream.provenance import recipe
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_FAINT = 0.1  # weights that add up to less are seldom meant
STILL_DEFAULTS: Mapping[str, Any] = {"octaves": 4, "steps": 20, "step_size": 0.015, "smoothing": 0.5}
"""How a still departs from a film's frame: it has one frame to become a dream."""


@dataclass(frozen=True)
class Still:
    """A picture to be dreamed: everything resolved and checked, and nothing dreamed yet."""

    frame: Frame
    objective: Objective
    settings: DreamSettings
    coherence: float = 0.0
    seed: int = 0
    idle: tuple[Term, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What will be done otherwise than one might think."""
        size, tiling = size_of(self.frame), self.objective.tiling
        warnings = [
            warning for term, _ in self.objective.terms for warning in (*term.warnings, mask_warning(term, size))
        ]
        waiting = [no_gradient_warning(term) for term in self.idle]
        told = [*warnings, *waiting, self._shares, tiling and tiling.warning]
        return tuple(dict.fromkeys(warning for warning in told if warning))

    @property
    def _shares(self) -> str:
        """What to tell about weights that do not do what they seem to."""
        weights = [abs(weight) for _, weight in self.objective.terms]
        if len(weights) == 1 and weights[0] > 1:
            return f"a weight of {weights[0]:g} is as much as 1 where nothing else shares the step: raise step_size"
        if sum(weights) < _FAINT:
            return f"the weights add up to {sum(weights):g}, and the steps are that much shorter"
        return ""

    @property
    def recipe(self) -> str:
        """What made the picture, for its metadata: network, objectives, seed, settings, tiles."""
        mix = ", ".join(f"{term.spec}={weight:g}" for term, weight in self.objective.terms)
        tiling = self.objective.tiling
        return recipe(
            self.objective.network.name,
            mix,
            self.seed,
            f"coherence {self.coherence:g}",
            self.settings.model_dump_json(),
            tiling.short if tiling else "",
        )

    def dream(self, on_step: Callable[[Step], None] | None = None) -> Frame:
        """The dream; `on_step` is called after each step."""
        with memory_guard(size_of(self.frame)):
            dreamed = dream(self.frame, self.objective, self.settings, generator(self.seed, 0, "jitter"), on_step)
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
) -> Still:
    """Resolve and check everything that a still needs; the arguments are `dream_still`'s.

    Raises SourceError, UnknownNameError, OutOfMemoryError, or UsageError, also when no objective has a gradient or
    they cancel.
    """
    settings = settings or DreamSettings(**STILL_DEFAULTS)
    frame = photo if isinstance(photo, torch.Tensor) else load_image(Path(photo))
    frame = (frame if size is None else fit(frame, size)).to(network.device)
    objective = Objective.of(network, layers, settings.objective)
    objective.check(size_of(frame))
    network.place_weights(objective.taps)
    objective = objective.tiled(plan_tiles(objective, size_of(frame), max_memory))
    with memory_guard(size_of(frame)):
        idle = _without_gradient(objective, frame, settings)
    return Still(frame, objective, settings, coherence, seed, idle)


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
    on_step: Callable[[Step], None] | None = None,
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
        on_step: called after each step.

    Returns a frame. Raises what `prepare_still` does.
    """
    still = prepare_still(
        photo, network, layers, settings, size=size, coherence=coherence, seed=seed, max_memory=max_memory
    )
    return still.dream(on_step)


def _without_gradient(objective: Objective, frame: Frame, settings: DreamSettings) -> tuple[Term, ...]:
    """The terms that change nothing on the smallest octave.

    Raises UsageError when no other is left, SettingError when those that are left undo one another.
    """
    if not objective.terms:
        raise SettingError("every objective's weight is 0, so nothing would change: give one of them another weight")
    smallest = octave_sizes(size_of(frame), settings, objective.smallest_input)[0]
    shown = resize(frame, smallest).clamp(0, 1)
    idle = objective.without_gradient(shown)
    if len(idle) == len(objective.terms):
        raise UsageError(
            f"{', '.join(str(term.spec) for term in idle)} has no gradient on this picture, so nothing would change: "
            f"look before the ReLU (relu: before), or choose another channel or picture"
        )
    objective.refuse_cancelling(shown)
    return tuple(idle)


def check_picture(path: Path, overwrite: bool, inputs: Iterable[Path] = ()) -> None:
    """Refuse an output that cannot be written, or is one of `inputs`, before the work.

    Raises UsageError or OutputError.
    """
    if not path.name:
        raise UsageError(f"the output has no name: give it one that ends in {', '.join(SUFFIXES)}")
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: a picture's name ends in {', '.join(SUFFIXES)}")
    if path.is_dir():
        raise OutputError(f"{path} is a folder: name a file in it")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists: add -y to replace it, or choose another name")
    refuse_overwriting(path, inputs)
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"{path} cannot be written: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{path} cannot be written: the folder {folder} is closed to you")
