"""Dreams in print quality: which octaves they have, how their steps fall, and that they rise without grit."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch

from zoomdream.errors import UsageError
from zoomdream.images.frame import Frame, to_uint8
from zoomdream.networks import Network
from zoomdream.objectives import Objective, tiles_of_side
from zoomdream.progress import Progress
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings
from zoomdream.settings.dreaming import STILL_DEFAULTS
from zoomdream.stills.print_dream import COARSEST, dream_print, print_octaves
from zoomdream.stills.still import dream_still, prepare_still

SETTINGS = DreamSettings(**STILL_DEFAULTS)
QUICK = DreamSettings(**{**STILL_DEFAULTS, "octaves": 2, "steps": 3})


def grit(frame: Frame) -> float:
    """The variance of the Laplacian."""
    gray = cv2.cvtColor(to_uint8(frame), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(gray.astype(np.float32), cv2.CV_32F).var())


@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (3840, 2160), (2160, 3840)])
def test_octaves_lead_from_a_thumbnail_to_the_pictures_size(size: tuple[int, int]) -> None:
    octaves = print_octaves(size, SETTINGS.model_copy(update={"octaves": 1}), smallest=63)
    assert octaves[-1].size == size
    assert COARSEST / SETTINGS.octave_scale <= min(octaves[0].size) <= COARSEST * 1.01
    ratios = [after.size[0] / before.size[0] for before, after in pairwise(octaves)]
    assert ratios == pytest.approx([SETTINGS.octave_scale] * len(ratios), rel=0.02)


def test_a_small_picture_has_the_octaves_that_are_asked_for_and_fit() -> None:
    assert len(print_octaves((200, 150), SETTINGS, smallest=16)) == SETTINGS.octaves
    assert [octave.size for octave in print_octaves((200, 150), SETTINGS, smallest=120)] == [(200, 150)]
    assert print_octaves((200, 150), SETTINGS, smallest=120)[0].settings == SETTINGS


def test_steps_fall_in_size_and_number() -> None:
    octaves = print_octaves((3840, 2160), SETTINGS, smallest=63)
    first, last = octaves[0].settings, octaves[-1].settings
    assert (first.steps, first.step_size, first.smoothing) == (SETTINGS.steps, SETTINGS.step_size, SETTINGS.smoothing)
    steps, sizes = [each.settings.steps for each in octaves], [each.settings.step_size for each in octaves]
    assert steps == sorted(steps, reverse=True)
    assert sizes == sorted(sizes, reverse=True)
    assert last.steps < 0.5 * first.steps
    assert last.step_size < 0.5 * first.step_size
    assert last.smoothing > first.smoothing
    within = [octaves[2].at(step).step_size for step in range(octaves[2].settings.steps)]
    assert within == sorted(within, reverse=True)
    assert within[0] == octaves[2].settings.step_size
    assert within[-1] == pytest.approx(0.2 * within[0])


def test_it_rises_and_leaves_less_grit(network: Network, coffee: torch.Tensor) -> None:
    kept = coffee.clone()
    objective = Objective.of(network, {"fire5": 1})
    print_, plain = (dream_still(coffee, network, {"fire5": 1}, QUICK, quality=quality) for quality in (True, False))
    assert torch.equal(coffee, kept)
    assert print_.shape == coffee.shape
    assert 0 <= print_.min() <= print_.max() <= 1
    before, after = (objective.scores(frame)[0].item() for frame in (coffee, print_))
    assert after > 1.25 * before
    assert grit(coffee) < grit(print_) < 0.8 * grit(plain)


def test_the_same_seed_is_the_same_print(network: Network, coffee: torch.Tensor) -> None:
    prints = [dream_still(coffee, network, {"fire3": 1}, QUICK, seed=seed, quality=True) for seed in (1, 1, 2)]
    assert torch.equal(prints[0], prints[1])
    assert not torch.equal(prints[0], prints[2])


def test_tiles_give_nearly_the_same(network: Network, coffee: torch.Tensor) -> None:
    objective = Objective.of(network, {"fire3": 1})
    tiled = objective.tiled(tiles_of_side(objective, 64))
    whole, parts = (dream_print(coffee, each, QUICK, generator(0, 0, "jitter")) for each in (objective, tiled))
    assert (whole - parts).abs().mean() < 0.01


def test_each_step_is_told_and_nothing_to_dream_is_the_frame(network: Network, coffee: torch.Tensor) -> None:
    still, told = prepare_still(coffee, network, {"fire3": 1}, QUICK, quality=True), list[Progress]()
    still.run(told.append)
    octaves = print_octaves(still.size, QUICK, still.objective.smallest_input)
    total = sum(octave.settings.steps for octave in octaves)
    assert [each.done for each in told] == list(range(1, total + 1))
    assert {each.total for each in told} == {total}
    assert "print quality" in still.provenance
    none = QUICK.model_copy(update={"steps": 0})
    assert dream_print(coffee, still.objective, none, generator(0, 0, "jitter")) is coffee


def test_it_has_no_stages(network: Network, coffee: torch.Tensor) -> None:
    still = prepare_still(coffee, network, {"fire3": 1}, QUICK, quality=True)
    with pytest.raises(UsageError, match="a dream in print quality has no stages"):
        still.run(on_step=lambda step: None)
