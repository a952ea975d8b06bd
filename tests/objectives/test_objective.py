"""A mix of terms: its balance, its shares, its checks, and that it rises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.support.objectives import KINDS
from zoomdream.dreaming.ascent import Ascent, dream
from zoomdream.errors import SettingError, UnknownNameError, UsageError
from zoomdream.images.pictures.saving import save_image
from zoomdream.networks import Network, load_network
from zoomdream.objectives import (
    ChannelSpec,
    LayerSpec,
    Objective,
    Spec,
)
from zoomdream.objectives.specs.spec import LayerScore
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings
from zoomdream.stills.still import dream_still


@pytest.mark.parametrize("kind", KINDS)
def test_every_objective_rises_over_a_few_steps_on_a_photo(
    network: Network, coffee: torch.Tensor, kind: str, fill_in: Callable[[str], str]
) -> None:
    for weight in (1.0, -1.0):
        objective = Objective.of(network, {fill_in(kind): weight})
        settings = DreamSettings(octaves=1, steps=4, step_size=0.01, jitter=0, natural_color=0.0)
        dreamed = dream(coffee, objective, settings, generator(0, 0, "jitter"))
        (before,), (after,) = objective.scores(coffee), objective.scores(dreamed)
        assert weight * (after - before) > 0.02 * abs(before)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("googlenet", "inception4a"),
        pytest.param("vgg16", "conv4_1", marks=pytest.mark.slow),
        pytest.param("inception_v3", "Mixed_5c", marks=pytest.mark.slow),
        pytest.param("efficientnet_lite0", "block3_2", marks=pytest.mark.slow),
    ],
)
def test_every_kind_works_in_other_networks(coffee: torch.Tensor, photos: Path, name: str, layer: str) -> None:
    """With random weights: what is tested is that the kinds do not lean on the embedded network."""
    network = load_network(name, random=5)
    kinds = [
        layer,
        f"mean:{layer}",
        f"{layer}:3",
        f"{layer}:0:2+7",
        f"{layer}:3@0.4/0.6",
        "class:espresso",
        f"guide:{layer}:{photos}/chelsea.png",
        f"cosine:{layer}:{photos}/chelsea.png",
        f"direction:{layer}:3+7*-0.5",
    ]
    settings = DreamSettings(octaves=1, steps=2, step_size=0.01, jitter=0, natural_color=0.0)
    for kind in kinds:
        objective = Objective.of(network, {kind: 1.0})
        dreamed = dream(coffee, objective, settings, generator(0, 0, "jitter"))
        assert objective.scores(dreamed)[0] > objective.scores(coffee)[0], kind
    all_at_once = Objective.of(network, dict.fromkeys(kinds, 1.0))
    assert len(all_at_once.balance(coffee)) == len(kinds)


@pytest.mark.parametrize("layer_score", ["l2", "mean"])
@pytest.mark.parametrize("mix", [{"fire5": 1.0}, {"fire8": 1.0, "conv1": 0.5}, {"fire8": 1.0, "fire3": -0.5}])
def test_a_small_step_up_the_gradient_raises_the_weighted_sum(
    network: Network, coffee: torch.Tensor, layer_score: LayerScore, mix: dict[str, float]
) -> None:
    objective = Objective.of(network, mix, layer_score)
    balance = objective.balance(coffee)
    gradient = objective.gradient(coffee, balance)

    def total(frame: torch.Tensor) -> float:
        scores = objective.scores(frame)
        return float(sum(w * b * s for (_, w), b, s in zip(objective.terms, balance, scores, strict=True)))

    step = 1e-4 / gradient.square().mean().sqrt()
    with torch.no_grad():
        gain = total(coffee + step * gradient) - total(coffee - step * gradient)
        expected = float(2 * step * gradient.square().sum())
    assert gain == pytest.approx(expected, rel=0.05)


def test_balance_makes_the_terms_gradients_equally_strong(network: Network, coffee: torch.Tensor) -> None:
    both = Objective.of(network, {"conv1": 1.0, "fire8": 1.0})
    scales = both.balance(coffee)
    for (term, _), scale in zip(both.terms, scales, strict=True):
        alone = Objective(network, ((term, 1.0),))
        gradient = alone.gradient(coffee, [scale])
        assert gradient.square().mean().sqrt().item() == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("shift", [(0, 0), (5, -9)])
def test_a_gradient_that_measures_its_balance_is_the_one_with_that_balance(
    network: Network, coffee: torch.Tensor, tmp_path: Path, shift: tuple[int, int], is_known: bool
) -> None:
    picture = np.zeros((112, 160), np.uint8)
    picture[20:70, 30:120] = 255
    Image.fromarray(picture).save(tmp_path / "mask.png")
    mixed = Objective.of(network, {"conv1": 1.0, "fire8": 0.5, f"fire5 in {tmp_path}/mask.png": -1.0})
    shifted = torch.roll(coffee, shift, (2, 3))
    given = [torch.tensor(3.0) if is_known else None, None, None]
    gradient, balance = mixed.balanced_gradient(shifted, given, shift=shift)
    assert (balance[0] == 3) == is_known
    assert all(factor > 0 for factor in balance)
    expected = mixed.gradient(shifted, balance, shift=shift)
    assert torch.allclose(gradient, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))
    if shift == (0, 0):
        own = mixed.balance(coffee)
        assert all(torch.allclose(mine, theirs, rtol=1e-4) for mine, theirs in zip(balance[1:], own[1:], strict=True))


def test_negative_weight_turns_the_gradient_around(network: Network, coffee: torch.Tensor) -> None:
    up, down = (Objective.of(network, {"fire6": weight}) for weight in (1.0, -1.0))
    one = up.balance(coffee)
    assert torch.allclose(up.gradient(coffee, one), -down.gradient(coffee, one))


def test_mean_reaches_features_that_the_relu_hides(network: Network) -> None:
    """On a flat gray frame many features are negative: after the ReLU their gradient would be nothing."""
    gray = torch.full((1, 3, 96, 96), 0.5)
    mean = Objective.of(network, {"fire8": 1.0}, "mean")
    gradient = mean.gradient(gray, mean.balance(gray))
    assert gradient.abs().max() > 0
    assert mean.scores(gray)[0] < 0  # a mean after the ReLU could not be


def test_the_share_fades_with_the_weights_and_never_exceeds_one(network: Network, coffee: torch.Tensor) -> None:
    assert Objective.of(network, {"fire8": 0.25, "fire5": -0.25}).share(coffee) == pytest.approx(0.5)
    assert Objective.of(network, {"fire8": 1.0, "fire5": 0.3}).share(coffee) == 1.0


def test_a_pixel_counts_the_weights_of_the_terms_that_may_move_it(
    network: Network, coffee: torch.Tensor, tmp_path: Path
) -> None:
    half = torch.zeros(1, 3, 112, 160)
    half[..., :80] = 1
    save_image(half, tmp_path / "half.png")
    share = Objective.of(network, {f"fire8 in {tmp_path / 'half.png'}": 0.5, "fire5": -0.3}).share(coffee)
    assert isinstance(share, torch.Tensor)
    width = coffee.shape[-1]
    assert share[..., : width // 2 - 8] == pytest.approx(0.8)
    assert share[..., width // 2 + 8 :] == pytest.approx(0.3)
    neuron = Objective.of(network, {"fire2:5@1/0.5": 1.0}).share(coffee, shift=(0, -3))
    assert isinstance(neuron, torch.Tensor)
    columns = neuron[0, 0].any(0).nonzero().flatten().tolist()
    field = network.layer("fire2").receptive_field
    assert field is not None
    assert columns == list(range(width - 1 - field // 2 - 3, width - 3))


@pytest.mark.parametrize("local", ["fire8:100 in {mask}", "fire8:100@center"])
def test_a_crossfade_from_a_part_of_the_frame_to_all_of_it_begins_without_a_jump(
    network: Network, coffee: torch.Tensor, tmp_path: Path, local: str
) -> None:
    spot = torch.zeros(1, 3, 112, 160)
    spot[..., 40:60, 70:100] = 1
    save_image(spot, tmp_path / "spot.png")
    local = local.format(mask=tmp_path / "spot.png")
    settings = DreamSettings(octaves=1, steps=1, step_size=0.02, jitter=0)
    before, just_after, halfway = (
        dream_still(coffee, network, {local: 1 - part, "fire5": part}, settings) - coffee for part in (0, 0.001, 0.5)
    )
    moved = before.abs() > 0.002
    assert (just_after - before).abs()[moved].mean() < 0.1 * before.abs()[moved].mean()
    assert halfway.abs()[moved].mean() < 2 * before.abs()[moved].mean()


def test_a_term_without_a_gradient_at_the_smallest_octave_is_balanced_at_the_next(
    network: Network, coffee: torch.Tensor
) -> None:
    """Its gradient was 0 and so is its factor, until there is a gradient to bring to the others' strength."""
    gray = torch.full_like(coffee, 0.5)
    dark, light = (network.activations(frame, ["fire5"])["fire5"].amax((0, 2, 3)) for frame in (gray, coffee))
    channel = int(((dark == 0) & (light > 0)).nonzero()[0])
    term = ChannelSpec("fire5", (channel,), relu="after")
    both = Objective.of(network, {term: 0.5, LayerSpec("fire5"): 0.5})
    hidden = both.balance(gray)
    assert hidden[0] == 0
    assert hidden[1] > 0
    ascent = Ascent(both, hidden, DreamSettings(), (160, 112)).rebalanced(coffee)
    assert ascent.balance[0] == both.balance(coffee)[0]
    assert ascent.balance[1] == hidden[1]
    amortized = DreamSettings(schedule="amortized")
    assert Ascent(both, hidden, amortized, (160, 112)).rebalanced(coffee).balance == [None, hidden[1]]
    assert Ascent.begun(both, coffee, amortized, (160, 112)).balance == [None, None]
    plain = Ascent(Objective.of(network, {"fire5": 1.0, "fire8:3": 1.0}), hidden[1:] * 2, DreamSettings(), (160, 112))
    assert plain.rebalanced(coffee) is plain


def test_unknown_layers_and_small_frames_are_named(network: Network) -> None:
    with pytest.raises(UnknownNameError, match="fire8"):
        Objective.of(network, {"fire88": 1.0})
    with pytest.raises(UsageError, match=r"fire9 .* 20x10"):
        Objective.of(network, {"fire2": 1.0, "fire9": 1.0}).check((20, 10))


def test_a_mask_that_is_black_wherever_the_frame_shows_it_is_refused(network: Network, tmp_path: Path) -> None:
    top = torch.zeros(1, 3, 100, 100)
    top[..., :10, :] = 1
    save_image(top, tmp_path / "top.png")
    objective = Objective.of(network, {f"fire5 in {tmp_path / 'top.png'}": 1.0})
    objective.check((100, 100))
    with pytest.raises(SettingError, match=r"top.png is black wherever a frame of 160x80 shows it"):
        objective.check((160, 80))


def test_one_objective_under_two_names_counts_once_and_may_not_cancel(network: Network) -> None:
    objective = Objective.of(network, {"fire8": 1.0, "features.11": 0.5, "l2:fire8": 0.25})
    assert [weight for _, weight in objective.terms] == [1.75]
    with pytest.raises(SettingError, match="the weights of class:967 are 1 and -1 and cancel to nothing"):
        Objective.of(network, {"class:espresso": 1.0, "class:967": -1.0})


def test_an_objective_that_cannot_change_a_picture_is_refused(network: Network) -> None:
    """On gray, a ReLU hides this channel everywhere."""
    gray = torch.full((1, 3, 96, 96), 0.5)
    hidden = network.activations(gray, ["fire8"])["fire8"].amax((0, 2, 3)) == 0
    channel = int(hidden.nonzero()[0])
    before: Spec = ChannelSpec("fire8", (channel,))
    after: Spec = ChannelSpec("fire8", (channel,), relu="after")
    assert dream_still(gray, network, {before: 1.0}, DreamSettings(octaves=1, steps=1)).shape == gray.shape
    with pytest.raises(UsageError, match=f"fire8:{channel} after ReLU has no gradient on this picture"):
        dream_still(gray, network, {after: 1.0}, DreamSettings(octaves=1, steps=1))
    with pytest.raises(UsageError, match="every objective's weight is 0"):
        dream_still(gray, network, {"fire8": 0.0}, DreamSettings(octaves=1, steps=1))


@pytest.mark.parametrize("weights", [(1e39,), (float("nan"),), (float("-inf"),), (3e38, 3e38)])
def test_a_weight_that_float32_does_not_hold_is_refused(network: Network, weights: tuple[float, ...]) -> None:
    names = ("fire5", "features.7")  # two names of one layer, whose weights are added up
    with pytest.raises(SettingError, match=r"the weight of l2:fire5 is .*float32"):
        Objective.of(network, dict(zip(names, weights, strict=False)))
