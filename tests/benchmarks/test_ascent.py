"""The comparison of steps: the floor is what a network multiplies, the other program dreams, the tables are whole."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import ascent
from benchmarks.floor import convolutions_alone, convolutions_of
from benchmarks.machine import Taken, Times, measure_in_turn, ratio
from benchmarks.rival_worker import Job, Rival, default_environment
from benchmarks.rivals import PytorchDeepDream, Ways, cascade, plain_modules
from zoomdream.dreaming.gradient_shaping import gaussian_cascade
from zoomdream.networks import load_network
from zoomdream.objectives import Objective
from zoomdream.runtime import ENVIRONMENT

SIZE = (96, 64)


def test_the_floor_multiplies_as_much_as_our_gradient() -> None:
    """Its convolutions come from the network's own graph: none is missing, and none is run twice."""
    network = load_network("squeezenet1_1", random=1)
    subgraph = network.subgraph(["fire8"])  # its blocks do the same with operators that are not counted
    with FlopCounterMode(display=False) as counter:
        (activations,) = subgraph(ascent.noise_frame(SIZE))
    convolutions = convolutions_of("squeezenet1_1", ["fire8"], SIZE)
    assert sum(each.flop for each in convolutions) == 2 * counter.get_total_flops()
    assert (convolutions[-1].kernels[0], *convolutions[-1].outputs) == (256, *activations.shape[2:])


def test_the_floor_does_what_it_counts() -> None:
    convolutions = convolutions_of("googlenet", ["inception3a"], (64, 48))
    call = convolutions_alone(convolutions, torch.float32)
    with FlopCounterMode(display=False) as counter:
        call()
    assert counter.get_total_flops() == pytest.approx(sum(each.flop for each in convolutions), rel=1e-6)


def googlenet(ways: Ways, *, stop_early: bool = False) -> PytorchDeepDream:
    return PytorchDeepDream(
        "googlenet", plain_modules("googlenet", random=1), ["inception4c"], ways, stop_early=stop_early
    )


def test_the_other_program_goes_up_the_gradient_that_we_go_up() -> None:
    """The same weights, layer and score: but for what each does to its gradient, both step in one direction."""
    frame = ascent.noise_frame(SIZE)
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    objective = Objective.of(load_network("googlenet", random=1), {"inception4c": 1.0})
    ours = objective.gradient(frame, objective.balance(frame))
    values = (frame - mean) / std
    theirs = googlenet(Ways(steps=1, shift=0, step_size=1e-3, smoothing=None)).step(values, 0) - values
    inside = (frame > 0.01) & (frame < 0.99)  # the others may be clamped
    pair = torch.stack([ours[inside], (theirs * std)[inside]])  # a step is taken in units of the deviation
    weights = (std**2).expand_as(frame)[inside]
    assert float(torch.corrcoef(pair * torch.stack([weights, torch.ones_like(weights)]))[0, 1]) > 0.99


@pytest.mark.slow
def test_the_other_program_is_the_same_where_it_stops_early() -> None:
    picture = np.random.default_rng(0).random((48, 64, 3), dtype=np.float32)
    ways = Ways(levels=2, ratio=1.3, steps=2)
    dreamed = googlenet(ways).picture(picture)
    assert (dreamed.shape, dreamed.dtype) == (picture.shape, picture.dtype)
    assert 0 <= dreamed.min() < dreamed.max() <= 1
    assert np.abs(dreamed - picture).mean() > 0.05
    np.testing.assert_array_equal(dreamed, googlenet(ways, stop_early=True).picture(picture))


def test_its_smoothing_is_ours_where_its_kernels_are_long_enough() -> None:
    gradient = torch.randn(1, 3, 40, 50, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(cascade(gradient, 0.65), gaussian_cascade(gradient, 0.65), atol=2e-3, rtol=0)


def test_a_network_without_weights_needs_a_seed() -> None:
    with pytest.raises(ValueError, match="googlenet comes without weights"):
        plain_modules("googlenet")


def test_a_ratio_is_that_of_each_round() -> None:
    """Where a machine slows down midway, the ratio of the medians would be another."""
    assert ratio((2.0, 20.0, 24.0), (1.0, 10.0, 12.0)) == 2
    assert Times((3.0, 1.0, 2.0), ()).quartiles == (1.5, 2.5)


def test_a_call_that_another_process_answers_took_what_that_says() -> None:
    times = measure_in_turn({"there": lambda: Taken(7.0, 5.0)}, 2)
    assert times["there"] == Times((7.0, 7.0), (5.0, 5.0))


def test_the_process_of_the_other_program_has_the_defaults_of_its_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOMP_SPINCOUNT", ENVIRONMENT["GOMP_SPINCOUNT"])
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    environment = default_environment(3)
    assert "GOMP_SPINCOUNT" not in environment
    assert (environment["OMP_WAIT_POLICY"], environment["OMP_NUM_THREADS"]) == ("PASSIVE", "3")


@pytest.mark.slow
def test_a_process_that_has_ended_is_an_error() -> None:
    with Rival(Job((0, 0), 1, 1, 1)) as rival, pytest.raises(RuntimeError, match="has ended"):
        rival.measure("no such program", "step")


@pytest.mark.slow
def test_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    ascent.main(["--quick"])
    printed = capsys.readouterr().out
    assert re.match(r".+, \d+ cores, \d+ threads, torch .+", printed)
    for base in ("convolutions alone", "zoomdream, float32"):
        assert re.search(rf"^{base} .+ 1\.00 +1\.00$", printed, re.MULTILINE)
    for row in ("whole step, smoothing 0.5", "gradient", "matrix product, float32", "pytorch-deepdream"):
        assert re.search(rf"^{row} +\d", printed, re.MULTILINE), row
