from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from zoomdream.dreaming.ascent import Ascent, dream, octave_sizes
from zoomdream.errors import UsageError
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.networks import Network
from zoomdream.objectives import Objective, Spec
from zoomdream.objectives.specs.spec import ChannelSpec
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings

QUICK = DreamSettings(octaves=2, steps=2)


@pytest.mark.parametrize("layer", ["conv1", "fire5", "fire8"])
@pytest.mark.parametrize(
    "settings",
    [
        QUICK,
        QUICK.model_copy(update={"objective": "mean"}),
        QUICK.model_copy(update={"smoothing": 0.7}),
        QUICK.model_copy(update={"laplacian": 4}),
        QUICK.model_copy(update={"natural_color": 0.0}),
        QUICK.model_copy(update={"octave_blend": 0.5}),
    ],
    ids=["l2", "mean", "smoothing", "laplacian", "neon", "blend"],
)
def test_the_objective_rises(network: Network, coffee: torch.Tensor, layer: str, settings: DreamSettings) -> None:
    objective = Objective.of(network, {layer: 1.0}, settings.objective)
    dreamed = dream(coffee, objective, settings, generator(0, 0, "jitter"))
    before, after = objective.scores(coffee)[0].item(), objective.scores(dreamed)[0].item()
    assert after > before + 0.02 * abs(before)
    assert dreamed.shape == coffee.shape
    assert dreamed.min() >= 0
    assert dreamed.max() <= 1


def test_more_steps_reach_higher(network: Network, coffee: torch.Tensor) -> None:
    objective = Objective.of(network, {"fire7": 1.0})
    scores = [
        objective.scores(dream(coffee, objective, DreamSettings(octaves=2, steps=n), generator(0, 0, "j")))[0]
        for n in (1, 4, 10)
    ]
    assert scores[0] < scores[1] < scores[2]


def test_same_seed_gives_the_same_bits_and_another_seed_does_not(network: Network, coffee: torch.Tensor) -> None:
    objective = Objective.of(network, {"fire6": 1.0, "fire3": 0.5})
    first, again, other = (dream(coffee, objective, QUICK, generator(seed, 3, "jitter")) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_frame_given_is_left_as_it_is(network: Network, coffee: torch.Tensor) -> None:
    kept = coffee.clone()
    dream(coffee, Objective.of(network, {"fire4": 1.0}), QUICK, generator(0, 0, "j"))
    assert torch.equal(coffee, kept)


def test_nothing_to_amplify_returns_the_frame(network: Network, coffee: torch.Tensor) -> None:
    assert dream(coffee, Objective.of(network, {"fire4": 0.0}), QUICK, generator(0, 0, "j")) is coffee
    still = QUICK.model_copy(update={"steps": 0})
    assert dream(coffee, Objective.of(network, {"fire4": 1.0}), still, generator(0, 0, "j")) is coffee


def test_a_step_moves_values_by_the_step_size_on_average(network: Network, coffee: torch.Tensor) -> None:
    one = DreamSettings(octaves=1, steps=1, step_size=0.01)
    middling = 0.3 + 0.4 * coffee  # away from the ends of the range, where values are clamped
    for weight, expected in ((1.0, 0.01), (0.5, 0.005)):
        objective = Objective.of(network, {"fire5": weight})
        dreamed = dream(middling, objective, one, generator(0, 0, "j"))
        assert (dreamed - middling).abs().mean().item() == pytest.approx(expected, rel=0.05)


def test_octaves_go_from_small_to_the_frame_and_leave_out_what_is_too_small() -> None:
    settings = DreamSettings(octaves=4, octave_scale=2.0)
    assert octave_sizes((480, 270), settings, 40) == [(120, 68), (240, 135), (480, 270)]
    assert octave_sizes((480, 270), settings, 10) == [(60, 34), (120, 68), (240, 135), (480, 270)]


def test_a_frame_too_small_for_the_layer_is_an_error(network: Network) -> None:
    with pytest.raises(UsageError, match="fire9"):
        dream(torch.rand(1, 3, 12, 12), Objective.of(network, {"fire9": 1.0}), QUICK, generator(0, 0, "j"))


def test_detail_of_the_source_survives_the_octaves(network: Network, coffee: torch.Tensor) -> None:
    """Without ascent the octaves must give the frame back: only what was dreamed is resampled, never the frame."""
    faint = DreamSettings(octaves=3, steps=1, step_size=0.0)
    dreamed = dream(coffee, Objective.of(network, {"fire5": 1.0}), faint, generator(0, 0, "j"))
    assert torch.allclose(dreamed, coffee, atol=1e-6)


def test_blur_before_octaves_softens_the_frame(network: Network, coffee: torch.Tensor) -> None:
    soft = DreamSettings(octaves=2, steps=1, step_size=0.0, octave_blur=2.0)
    dreamed = dream(coffee, Objective.of(network, {"fire5": 1.0}), soft, generator(0, 0, "j"))
    assert dreamed.diff(dim=-1).abs().mean() < 0.6 * coffee.diff(dim=-1).abs().mean()


@pytest.mark.parametrize(
    ("layers", "hidden"),
    [
        (("fire4", "fire6"), None),
        (("fire4", ChannelSpec("fire6", (17,), "after")), 1),
        (("fire4 in {mask}", "fire6", "fire5:3"), 0),
    ],
)
def test_a_gpu_balances_an_octave_anew_as_a_cpu_does(
    network: Network, coffee: torch.Tensor, tmp_path: Path, layers: tuple[str | Spec, ...], hidden: int | None
) -> None:
    mask = np.zeros((64, 96), np.uint8)
    mask[30:34, 40:44] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    mix = {layer.format(mask=tmp_path / "mask.png") if isinstance(layer, str) else layer: 1.0 for layer in layers}
    objective = Objective.of(network, mix)
    frame = fit_frame(coffee, (96, 64))
    balance = objective.balance(frame)
    if hidden is not None:
        balance[hidden] = torch.zeros(())
    ascent = Ascent(objective, balance, QUICK, (96, 64))
    ours, expected = (
        rebalance(frame.flip(3)).balance for rebalance in (ascent.rebalanced_without_waiting, ascent.rebalanced)
    )
    assert ours == expected
    assert (ours == balance) == (hidden is None)
