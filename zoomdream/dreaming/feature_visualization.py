"""Pictures from noise that show what a channel, a neuron or a class looks for (Olah et al. 2017, "Feature
Visualization", distill.pub/2017/feature-visualization).

A picture is the inverse Fourier transform of a spectrum whose frequencies are weighted by 1/f^decay, in colors that
vary together as ImageNet's do, through a sigmoid: so frequencies and colors are as easy to reach as they are common in
photographs.
Before each step of Adam it is moved, scaled, rotated and overlaid with noise, so that only those features grow which
the network finds in all of these views.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from zoomdream.dreaming.coarse_to_fine import ascend_coarse_to_fine, stages
from zoomdream.dreaming.picture_spectrum import picture, spectrum_scale
from zoomdream.dreaming.soundness import refuse_no_picture
from zoomdream.errors import OutOfMemoryError
from zoomdream.images.frame import Frame, Size
from zoomdream.memory import format_bytes, held_memory, memory_budget, memory_guard
from zoomdream.networks import Network
from zoomdream.objectives import Objective, Spec, Term, Window, mask_warning, resolve
from zoomdream.objectives.loss_scaling import Values, picture_gradients
from zoomdream.objectives.tile_plan import default_limit
from zoomdream.progress import OnProgress, Progress
from zoomdream.provenance import provenance_line
from zoomdream.rng import generator
from zoomdream.runtime import repeatable
from zoomdream.settings import VisualizeSettings

_SPECTRUM_STD = 0.01  # of the spectrum that a picture begins with: near gray


@dataclass(frozen=True)
class Visualization:
    """Pictures from noise: everything resolved and checked, and nothing begun.

    `at_once` is the number of pictures in one batch. With `quality` each is made by itself, coarse to fine.
    """

    network: Network
    terms: tuple[Term, ...]
    settings: VisualizeSettings
    seed: int = 0
    at_once: int = 1
    quality: bool = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know before the work begins."""
        warnings = [
            warning for term in self.terms for warning in (*term.warnings, mask_warning(term, self.size)) if warning
        ]
        batch = 1 if self.quality else min(self.settings.batch, len(self.terms))
        if self.at_once < batch:
            warnings.append(
                f"memory allows only {self.at_once} pictures at once and not {batch}, which changes their rounding "
                f"and so the pictures"
            )
        return tuple(dict.fromkeys(warnings))

    @property
    def size(self) -> Size:
        """(width, height) of each picture."""
        return self.settings.size, self.settings.size

    @property
    def provenance(self) -> str:
        """What makes the pictures, in one line for their metadata."""
        named = ", ".join(str(term.spec) for term in self.terms)
        made = "coarse to fine" if self.quality else f"{self.at_once} at once"
        return provenance_line(self.network.name, named, self.seed, made, self.settings.model_dump_json())

    def run(self, on_progress: OnProgress | None = None) -> list[Frame]:
        """Make the pictures: 1x3xHxW each, in [0, 1]. `on_progress` counts the steps of all.

        Raises DreamError where one is no picture any more.
        """
        settings, frames = self.settings, list[Frame]()
        if self.quality:
            return self._run_coarse_to_fine(on_progress)
        total = len(self.terms) * settings.steps
        now = str(self.terms[0].spec) if len(self.terms) == 1 else f"{len(self.terms)} pictures"
        for start in range(0, len(self.terms), self.at_once):
            batch = self.terms[start : start + self.at_once]

            def report(step: int, before: int = start * settings.steps, count: int = len(batch)) -> None:
                if on_progress:
                    on_progress(Progress(before + step * count, total, "step", now))

            with memory_guard(self.size):
                frames += _ascend(self.network, batch, settings, self.seed, report)
            for term, frame in zip(batch, frames[start:], strict=True):
                refuse_no_picture(frame, f"the picture of {term.spec}")
        return frames

    def _run_coarse_to_fine(self, on_progress: OnProgress | None) -> list[Frame]:
        settings, frames = self.settings, list[Frame]()
        steps = sum(stage.steps for stage in stages(settings.size, settings.steps))
        for number, term in enumerate(self.terms):

            def report(step: int, before: int = number * steps, now: str = str(term.spec)) -> None:
                if on_progress:
                    on_progress(Progress(before + step, len(self.terms) * steps, "step", now))

            rng = generator(self.seed, 0, f"visualize coarse to fine {term.spec.short_form}")
            with memory_guard(self.size):
                frame = ascend_coarse_to_fine(self.network, term, settings.size, settings.steps, rng, report)
            refuse_no_picture(frame, f"the picture of {term.spec}")
            frames.append(frame)
        return frames


def prepare_visualization(
    network: Network,
    objectives: Sequence[str | Spec],
    settings: VisualizeSettings | None = None,
    *,
    seed: int = 0,
    max_memory: int | None = None,
    quality: bool = False,
) -> Visualization:
    """Resolve and check everything that pictures from noise need; the arguments are `visualize`'s.

    Raises what `resolve` does, UsageError when the size is too small, and OutOfMemoryError when `max_memory` is too
    little for one picture.
    """
    settings = settings or VisualizeSettings()
    terms = tuple(resolve(network, objective) for objective in objectives)
    for term in terms:
        Objective(network, ((term, 1.0),)).check((settings.size, settings.size))
    if quality:
        return Visualization(network, terms, settings, seed, quality=True)
    return Visualization(network, terms, settings, seed, _at_once(network, terms, settings, max_memory))


def visualize(
    network: Network,
    objectives: Sequence[str | Spec],
    settings: VisualizeSettings | None = None,
    *,
    seed: int = 0,
    max_memory: int | None = None,
    quality: bool = False,
    on_progress: OnProgress | None = None,
) -> list[Frame]:
    """One picture for each objective, from noise.

    Args:
        network: from `load_network`; its device is where the pictures are made.
        objectives: specs or short forms, such as `"fire8:17"` or `"class:espresso"`. Where an objective has a mask, the
            picture is gray where the mask is black.
        settings: size, steps and so on.
        seed: another seed, other pictures. How many pictures are computed together changes each (by rounding, which
            the steps multiply); which ones does not.
        max_memory: bytes that this process may come to hold, half of what is free by default; fewer pictures are made
            at once when not all of the batch fit.
        quality: a picture of the whole thing, coarse to fine, one after the other; of `settings` only `size` and
            `steps` count.
        on_progress: called after each step; it counts the steps of all pictures.

    Returns frames, 1x3xHxW in [0, 1]. Raises what `prepare_visualization` does.
    """
    prepared = prepare_visualization(network, objectives, settings, seed=seed, max_memory=max_memory, quality=quality)
    return prepared.run(on_progress)


def _at_once(network: Network, terms: Sequence[Term], settings: VisualizeSettings, max_memory: int | None) -> int:
    """How many pictures: a batch of them, or as many as there is memory for."""
    size, device = (settings.size, settings.size), network.device
    each = network.step_bytes(dict.fromkeys(term.tap for term in terms), size)
    fitting = default_limit(memory_budget(max_memory, device), device, size, max_memory) // max(1, each)
    if max_memory and fitting < 1:
        limit = each + held_memory(network.device)
        raise OutOfMemoryError(
            f"a picture of {settings.size}x{settings.size} with {network.name} needs {format_bytes(limit)}, and "
            f"{max_memory / 1e9:g} GB may be taken: choose a smaller size",
            needed=limit,
        )
    return max(1, min(settings.batch, len(terms), fitting))


def _ascend(
    network: Network, terms: Sequence[Term], settings: VisualizeSettings, seed: int, report: Callable[[int], None]
) -> list[Frame]:
    device, size = network.device, settings.size
    rngs = [generator(seed, 0, f"visualize {term.spec.short_form}") for term in terms]
    scale = spectrum_scale(size, settings.decay).to(device)
    start = np.stack([rng.normal(0, _SPECTRUM_STD, (3, size, size // 2 + 1, 2)) for rng in rngs])
    spectrum = torch.from_numpy(start.astype(np.float32)).to(device).requires_grad_()
    adam = torch.optim.Adam([spectrum], lr=settings.learning_rate)
    taps = tuple(dict.fromkeys(term.tap for term in terms))
    window = Window.whole((size, size))
    regions = torch.cat([_region(term, size, device) for term in terms])
    for step in range(settings.steps):
        share = (step + 0.5) / settings.steps
        adam.param_groups[0]["lr"] = settings.learning_rate * (0.2 + 0.4 * (1 + math.cos(math.pi * share)))
        with torch.enable_grad(), repeatable(device):
            pictures = transform(_masked(regions, picture(spectrum, scale, size)), rngs, settings)
            pictures = pictures + settings.noise * (1 - share) * _normal(rngs, (3, size, size), device)
            given = network.activations(pictures, taps)
            values = {tap: given[tap] for tap in taps}
            (spectrum.grad,) = picture_gradients(values, lambda values: [_loss(terms, values, window)], spectrum)
        adam.step()
        report(step + 1)
    with torch.no_grad():
        return list(torch.split(_masked(regions, picture(spectrum, scale, size)), 1))


def _loss(terms: Sequence[Term], values: Values, window: Window) -> torch.Tensor:
    """Of a batch with one picture for each term."""
    # Split at once: the gradient of N slices would be N arrays as large as the whole batch's map.
    each = {tap: torch.split(batch, 1) for tap, batch in values.items()}
    scores = [term.score(each[term.tap][k], window) for k, term in enumerate(terms)]
    return -torch.stack([score for score in scores if score is not None]).sum()


def transform(pictures: torch.Tensor, rngs: Sequence[np.random.Generator], settings: VisualizeSettings) -> torch.Tensor:
    """Each picture moved by up to `jitter` pixels, scaled and rotated, in one resampling; borders reflect."""
    size, rows = pictures.shape[-1], []
    for rng in rngs:
        zoom = math.exp(rng.uniform(-settings.scale, settings.scale))
        angle = math.radians(rng.uniform(-settings.rotate, settings.rotate))
        right, down = rng.uniform(-settings.jitter, settings.jitter, 2) * 2 / size
        cos, sin = math.cos(angle) / zoom, math.sin(angle) / zoom
        rows.append([[cos, -sin, right], [sin, cos, down]])
    grid = F.affine_grid(
        torch.tensor(rows, dtype=pictures.dtype, device=pictures.device), list(pictures.shape), align_corners=False
    )
    return F.grid_sample(pictures, _reflected(grid, size), padding_mode="zeros", align_corners=False)


def _reflected(grid: torch.Tensor, size: int) -> torch.Tensor:
    """Places beyond the picture's edges at -1 and 1, mirrored back: not every device has grid_sample's reflection."""
    mirrored = 1 - ((grid + 1).remainder(4) - 2).abs()
    return mirrored.clamp(1 / size - 1, 1 - 1 / size)  # not past the outer pixels' centers


def _region(term: Term, size: int, device: torch.device) -> torch.Tensor:
    """1x1xsizexsize in [0, 1]: where the picture may be anything but gray."""
    if term.mask is None:
        return torch.ones(1, 1, size, size, device=device)
    return term.mask.at((size, size), (size, size)).to(device)


def _masked(regions: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
    return torch.lerp(torch.full_like(pictures, 0.5), pictures, regions)


def _normal(rngs: Sequence[np.random.Generator], shape: tuple[int, ...], device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.stack([rng.standard_normal(shape, np.float32) for rng in rngs])).to(device)
