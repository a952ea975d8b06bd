"""Pictures from noise that show a whole thing: low frequencies first, and every step sees all of the picture.

What `feature_visualization` makes is full of parts at one scale, the network's. Here the picture is small at first, so
that its spectrum holds nothing but low frequencies, and is seen as a whole: the thing gets its shape, its place and
what is around it. Then the picture is doubled, and doubled again, with its spectrum kept, and is seen closer; so parts
grow where the whole has them. Each view has the side at which networks are trained, however large the picture is, and
a step costs the same. Beyond the picture's border views show gray, so that nothing that is cut off counts as whole. For
a class, its share of all classes' scores counts beside its score: what other classes have too grows less.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from zoomdream.dreaming.picture_spectrum import picture, spectrum_scale
from zoomdream.networks import Network
from zoomdream.objectives import Term, Window
from zoomdream.objectives.loss_scaling import Values, picture_gradients
from zoomdream.objectives.terms import ClassTerm
from zoomdream.runtime import repeatable

VIEW = 192
"""Side of a view in pixels; larger where the objective's layer needs it."""

_COARSEST = 128  # side of the first stage's picture, in pixels; the others are twice as large as the one before
_VIEWS = 2  # of each step
_DECAY = 1.3  # see `VisualizeSettings.decay`
_LEARNING_RATE, _LATER_RATE, _LAST_RATE = 0.06, 0.7, 0.2  # of Adam; a later stage's share of it; a stage's last step's
_NOISE = 0.08  # added to views at a stage's first step; it fades to none
_ROTATE = 12.0  # degrees either way
_SHIFT = 0.08  # of the picture's side, beside what a view leaves out
_OTHER_CLASSES = 0.5  # weight of a class's log-probability beside its score
_PIXELS = 1.5  # of the picture in one of a view, above which the picture is halved before it is looked at


@dataclass(frozen=True)
class Stage:
    """A part of the ascent, on a picture of one size."""

    side: int
    """Of the picture, in pixels."""
    steps: int
    nearest: float
    """The side of the closest view, as a share of the picture's."""
    farthest: float
    """The same of the widest view; above 1 it shows gray around the picture."""


_RANGES = ((0.85, 1.2), (0.65, 1.15), (0.45, 1.0))  # of the views in the first, the second and the third stage
_SHARES = (3.0, 2.0, 1.0)  # how the steps are divided among them


def stages(size: int, steps: int) -> list[Stage]:
    """The stages of a picture with `size` pixels a side and about `steps` steps: three, or fewer where it is small."""
    doublings = [k for k in range(len(_RANGES)) if k == 0 or size >> k >= _COARSEST]
    sides = [size >> k for k in reversed(doublings)]
    total = sum(_SHARES[: len(sides)])
    counts = [max(1, round(steps * share / total)) for share in _SHARES[: len(sides)]]
    return [Stage(side, count, *views) for side, count, views in zip(sides, counts, _RANGES, strict=False)]


def ascend_coarse_to_fine(
    network: Network, term: Term, size: int, steps: int, rng: np.random.Generator, report: Callable[[int], None]
) -> torch.Tensor:
    """The picture of one term: 1x3xsizexsize in (0, 1). `report` is called after each step with how many are done."""
    device, done = network.device, 0
    first = stages(size, steps)[0].side
    start = rng.normal(0, 0.01, (1, 3, first, first // 2 + 1, 2)).astype(np.float32)
    spectrum = torch.from_numpy(start).to(device)
    old: Stage | None = None
    for number, stage in enumerate(stages(size, steps)):
        if old is not None:
            spectrum = enlarged(spectrum, old.side, stage.side)
        rate = _LEARNING_RATE * _LATER_RATE**number
        before = done

        def after_step(step: int, before: int = before) -> None:
            report(before + step)

        spectrum = _climb(network, term, stage, spectrum, rate, rng, after_step)
        done, old = done + stage.steps, stage
    with torch.no_grad():
        return _seen(spectrum, spectrum_scale(size, _DECAY).to(device), size, term)


def enlarged(spectrum: torch.Tensor, old: int, new: int) -> torch.Tensor:
    """The spectrum of a picture with `new` pixels a side whose low frequencies are those of one with `old` pixels."""
    waves = torch.view_as_complex(spectrum) * spectrum_scale(old, _DECAY).to(spectrum.device)
    half = old // 2
    larger = waves.new_zeros((*waves.shape[:2], new, new // 2 + 1))
    larger[:, :, :half, :half] = waves[:, :, :half, :half]
    larger[:, :, 1 - half :, :half] = waves[:, :, 1 - half :, :half]
    larger *= (new / old) ** 2  # the transform divides by the number of pixels
    return torch.view_as_real(larger / spectrum_scale(new, _DECAY).to(spectrum.device))


def _climb(
    network: Network,
    term: Term,
    stage: Stage,
    start: torch.Tensor,
    rate: float,
    rng: np.random.Generator,
    after_step: Callable[[int], None],
) -> torch.Tensor:
    """The spectrum after a stage's steps."""
    device, side = network.device, max(VIEW, network.smallest_input([term.tap.layer]))
    scale, spectrum = spectrum_scale(stage.side, _DECAY).to(device), start.detach().clone().requires_grad_()
    adam, window = torch.optim.Adam([spectrum], lr=rate), Window.whole((side, side))
    for step in range(stage.steps):
        share = (step + 0.5) / stage.steps
        adam.param_groups[0]["lr"] = rate * (_LAST_RATE + (1 - _LAST_RATE) * (1 + math.cos(math.pi * share)) / 2)
        with torch.enable_grad(), repeatable(device):
            seen = views(_seen(spectrum, scale, stage.side, term), stage, side, rng)
            grain = torch.from_numpy(rng.standard_normal(tuple(seen.shape), np.float32)).to(device)
            values = {term.tap: network.activations(seen + _NOISE * (1 - share) * grain, [term.tap])[term.tap]}
            (spectrum.grad,) = picture_gradients(values, lambda values: [_loss(term, values, window)], spectrum)
        adam.step()
        after_step(step + 1)
    return spectrum.detach()


def _seen(spectrum: torch.Tensor, scale: torch.Tensor, side: int, term: Term) -> torch.Tensor:
    """The picture of a spectrum, gray where the term's mask is black."""
    whole = picture(spectrum, scale, side)
    if term.mask is None:
        return whole
    region = term.mask.at((side, side), (side, side)).to(whole.device)
    return torch.lerp(torch.full_like(whole, 0.5), whole, region)


def views(whole: torch.Tensor, stage: Stage, side: int, rng: np.random.Generator) -> torch.Tensor:
    """Views of a picture, Nx3xsidexside: each turned, moved, closer or wider; gray beyond the picture's border."""
    rows = []
    for _ in range(_VIEWS):
        zoom = math.exp(rng.uniform(math.log(stage.nearest), math.log(stage.farthest)))
        angle = math.radians(rng.uniform(-_ROTATE, _ROTATE))
        right, down = rng.uniform(-1, 1, 2) * (abs(1 - zoom) + _SHIFT)
        cos, sin = math.cos(angle) * zoom, math.sin(angle) * zoom
        rows.append([[cos, -sin, right], [sin, cos, down]])
    centered, covered = whole - 0.5, stage.side * math.sqrt(stage.nearest * stage.farthest) / side
    while covered > _PIXELS:
        centered, covered = F.avg_pool2d(centered, 2), covered / 2
    matrices = torch.tensor(rows, dtype=whole.dtype, device=whole.device)
    grid = F.affine_grid(matrices, [_VIEWS, 3, side, side], align_corners=False)
    return F.grid_sample(centered.expand(_VIEWS, -1, -1, -1), grid, padding_mode="zeros", align_corners=False) + 0.5


def _loss(term: Term, values: Values, window: Window) -> torch.Tensor:
    """Of a batch of views."""
    batch = values[term.tap]
    scores = [term.score(view, window) for view in torch.split(batch, 1)]
    loss = -torch.stack([score for score in scores if score is not None]).sum()
    if isinstance(term, ClassTerm):
        loss = loss - _OTHER_CLASSES * torch.log_softmax(batch.float(), 1)[:, term.index].sum()
    return loss
