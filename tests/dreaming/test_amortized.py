"""One step a frame with a momentum that comes along: by arithmetic on a slope, and beside films with all steps."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from zoomdream.dreaming.amortized import dream_on, first_settings, memory_of
from zoomdream.dreaming.ascent import dream
from zoomdream.images.frame import Frame, Size
from zoomdream.networks import Network
from zoomdream.objectives import Objective
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings

STEP = 0.001
PLAIN = DreamSettings(schedule="amortized", octaves=1, step_size=STEP, natural_color=0)


class Slope:
    """An objective with the same gradient everywhere: each step raises every value by the step size."""

    terms = ((SimpleNamespace(may_hide=False), 1.0),)
    tiling = None
    smallest_input = 1
    network = SimpleNamespace(device=torch.device("cpu"))

    def __init__(self) -> None:
        self.evaluations = 0

    def check(self, size: Size) -> None:
        """Any size will do."""

    def balance(self, frame: Frame, full: Size) -> list[torch.Tensor]:
        return [torch.ones(())]

    def gradient(self, frame: Frame, balance: object, **_: object) -> Frame:
        self.evaluations += 1
        return torch.full_like(frame, 7.0)

    def share(self, *_: object) -> float:
        return 1.0


def dreamed_on(start: Frame, momentum: Frame | None, settings: DreamSettings, **more: Any) -> tuple[Frame, Frame]:
    """On a slope; with the momentum, which is there."""
    objective = more.pop("objective", None) or Slope()
    frame, change = dream_on(start, momentum, cast(Objective, objective), settings, generator(0, 0, "jitter"), **more)
    assert change is not None
    return frame, change


def gray(value: float = 0.2) -> Frame:
    return torch.full((1, 3, 12, 16), value)


def steps(count: int, **changes: object) -> DreamSettings:
    return PLAIN.model_copy(update={"steps": count} | changes)


def test_memory() -> None:
    assert [memory_of(count) for count in (0, 1, 2, 3, 4, 5, 6, 20, 2000)] == [1, 1, 3, 5, 7, 9, 9, 9, 9]


@pytest.mark.parametrize("octaves", [1, 3])
def test_a_frame_with_a_momentum_asks_the_network_once_an_octave(octaves: int) -> None:
    slope, settings = Slope(), steps(4, octaves=octaves)
    _, momentum = dreamed_on(gray(), None, settings, objective=slope)
    assert slope.evaluations == 4 * octaves
    dreamed_on(gray(), momentum, settings, objective=slope)
    assert slope.evaluations == 5 * octaves


@pytest.mark.parametrize(("count", "memory"), [(2, 3), (3, 5), (5, 9), (20, 9)])
def test_a_slope_comes_to_move_the_picture_by_all_steps_in_a_frame(count: int, memory: int) -> None:
    """From rest, over k frames, the change of a frame is N (1 - (1 - 1/memory)^k) step sizes."""
    frame, momentum = gray(), torch.zeros_like(gray())
    for k in range(1, 25):
        before = frame
        frame, momentum = dreamed_on(frame, momentum, steps(count))
        expected = count * (1 - (1 - 1 / memory) ** k) * STEP
        assert (frame - before).mean().item() == pytest.approx(expected, rel=1e-3)
        assert torch.equal(momentum, frame - before)
    settled = torch.full_like(frame, count * STEP)
    after, momentum = dreamed_on(gray(), settled, steps(count))
    assert (after - gray() - settled).abs().max() < 1e-6
    assert (momentum - settled).abs().max() < 1e-6


def test_a_first_frame_takes_all_its_steps_and_hands_on_what_a_frames_steps_change() -> None:
    frame, momentum = dreamed_on(gray(), None, steps(7), steps=3)
    assert (frame - gray()).mean().item() == pytest.approx(7 * STEP, rel=1e-4)
    assert momentum.mean().item() == pytest.approx(7 * STEP * math.sqrt(3 / 7), rel=1e-4)
    _, fewer = dreamed_on(gray(), None, steps(2), steps=3)
    assert fewer.mean().item() == pytest.approx(2 * STEP, rel=1e-4)


def test_a_films_first_frame_takes_more_steps_where_they_are_amortized() -> None:
    assert [first_settings(steps(count)).steps for count in (0, 1, 2, 3, 5, 20)] == [0, 1, 4, 7, 13, 28]
    assert first_settings(steps(3, schedule="every-frame")).steps == 3


def test_the_one_step_is_smoothed_like_the_mean_of_all(network: Network, coffee: Frame) -> None:
    """Two steps have 1 and 1.5 times the sigma, one step alone 1.5 times; 2 of 3 step sizes; no momentum yet."""
    settings = DreamSettings(schedule="amortized", octaves=2, steps=2, smoothing=0.9)
    one = settings.model_copy(update={"steps": 1, "step_size": 0.02 * 2 / 3, "smoothing": 0.9 * 1.25 / 1.5})
    objective, (first, second) = Objective.of(network, {"fire4": 1}), [generator(0, 0, "jitter") for _ in range(2)]
    ours, _ = dream_on(coffee, torch.zeros_like(coffee), objective, settings, first)
    assert (ours - dream(coffee, objective, one, second)).abs().max() < 1e-5


def test_the_gradient_is_taken_where_the_momentum_leads() -> None:
    slope, asked = Slope(), []
    answer = slope.gradient

    def gradient(frame: Frame, balance: object, **rest: object) -> Frame:
        asked.append(frame.mean().item())
        return answer(frame, balance, **rest)

    slope.gradient = gradient  # type: ignore[method-assign]
    dreamed_on(gray(), torch.full_like(gray(), 0.1), steps(3), objective=slope)
    assert asked == [pytest.approx(0.2 + (1 - 1 / 5) * 0.1)]


def test_the_blur_before_octaves_is_no_part_of_the_momentum() -> None:
    """Without a gradient to follow, the frame is blurred and the momentum only fades."""
    random = torch.Generator().manual_seed(0)
    start = 0.4 + 0.2 * torch.rand(1, 3, 24, 32, generator=random)
    blurred = steps(2, octave_blur=2.0, step_size=0.0)
    frame, momentum = dreamed_on(start, None, blurred)
    assert (frame - start).abs().mean() > 0.02
    assert momentum.abs().max() < 1e-6
    change = 0.1 * (torch.rand(start.shape, generator=random) - 0.5)
    frame, momentum = dreamed_on(start, change, blurred)
    assert (frame - start).abs().mean() > 0.02
    assert (momentum - change * 2 / 3).abs().max() < 1e-6


def test_nothing_to_dream_leaves_the_frame_and_no_momentum() -> None:
    start, slope, rng = torch.rand(1, 3, 12, 16) * 1.2 - 0.1, Slope(), generator(0, 0, "jitter")
    without_terms = cast(Objective, SimpleNamespace(terms=()))
    for objective, settings in ((without_terms, steps(3)), (cast(Objective, slope), steps(0))):
        for momentum in (None, torch.ones_like(start)):
            frame, change = dream_on(start, momentum, objective, settings, rng)
            assert torch.equal(frame, start.clamp(0, 1))
            assert change is None
    frame, change = dream_on(start, None, cast(Objective, slope), steps(0), rng, 3)
    assert torch.equal(frame, start.clamp(0, 1))
    assert change is None
    assert slope.evaluations == 0


@pytest.mark.parametrize("settings", [steps(1), steps(4, schedule="every-frame")], ids=["one step", "every frame"])
def test_where_no_step_is_left_out_the_dream_is_as_it_was(
    network: Network, coffee: Frame, settings: DreamSettings
) -> None:
    objective, start = Objective.of(network, {"fire4": 1}), coffee * 1.2 - 0.1
    first, second = (generator(0, 0, "jitter") for _ in range(2))
    for momentum in (None, torch.ones_like(coffee)):
        ours, change = dream_on(start, momentum, objective, settings, first)
        assert torch.equal(ours, dream(start, objective, settings, second).clamp(0, 1))
        assert change is None


@pytest.mark.parametrize("count", [5, 20])
def test_values_stay_in_the_range_and_what_comes_in_stays_as_it_is(count: int) -> None:
    random = torch.Generator().manual_seed(0)
    start = torch.rand(1, 3, 24, 32, generator=random) * 2 - 0.5
    momentum = torch.rand(start.shape, generator=random) * 2 - 1
    settings = steps(count, octaves=2, octave_blur=0.5, step_size=0.1)
    kept = start.clone(), momentum.clone()
    (frame, change), again = (dreamed_on(start, momentum, settings) for _ in range(2))
    assert 0 <= frame.min() <= frame.max() <= 1
    assert change.abs().max() <= 1.5, "a step that leaves the range is no momentum"
    assert torch.equal(frame, again[0]), "nothing is kept between two frames"
    assert torch.equal(change, again[1])
    assert torch.equal(start, kept[0])
    assert torch.equal(momentum, kept[1])


def test_the_objective_rises_nearly_as_in_a_film_with_all_its_steps(network: Network, coffee: Frame) -> None:
    """Frames of a film whose camera stands still: much nearer to it than with single steps of the same size."""
    settings = DreamSettings(schedule="amortized", octaves=2, steps=3, step_size=0.012, smoothing=0.5)
    objective, whole = Objective.of(network, {"fire5": 1}), settings.model_copy(update={"schedule": "every-frame"})

    def scores(first: DreamSettings, later: DreamSettings) -> list[float]:
        frame, momentum, reached = coffee, None, []
        for index in range(7):
            now = later if index else first
            frame, momentum = dream_on(frame, momentum, objective, now, generator(0, index, "jitter"))
            reached.append(objective.scores(frame)[0].item())
        return reached

    ours, theirs = scores(first_settings(settings), settings), scores(whole, whole)
    single = scores(whole, whole.model_copy(update={"steps": 1}))
    assert ours == sorted(ours)
    assert abs(ours[-1] - theirs[-1]) < 0.5 * abs(single[-1] - theirs[-1])
