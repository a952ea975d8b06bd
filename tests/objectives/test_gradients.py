"""Gradients against finite differences, and in tiles against those of the whole frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.support.networks import slow
from tests.support.objectives import KINDS
from zoomdream.dreaming.ascent import dream
from zoomdream.images.pictures.loading import load_image
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.networks import Network, load_network
from zoomdream.networks.architectures.architecture import build_random, preprocessing
from zoomdream.networks.loading import assemble
from zoomdream.objectives import (
    Objective,
    Tiling,
    resolve,
)
from zoomdream.objectives.gradients import frame_gradients
from zoomdream.objectives.tile_plan import tile_geometry
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings


@pytest.fixture(scope="module")
def double() -> Network:
    """In float64, in which finite differences are exact enough."""
    modules = build_random("squeezenet1_1", 3)
    return assemble("squeezenet1_1", modules, preprocessing("resnet18"), dtype=torch.float64)


@pytest.mark.parametrize("kind", KINDS)
def test_every_gradient_equals_finite_differences(
    double: Network, coffee: torch.Tensor, kind: str, fill_in: Callable[[str], str]
) -> None:
    """In float64, along random directions and along the gradient; a step of 1e-7 crosses hardly any ReLU's bend."""
    frame = fit_frame(coffee, (80, 64)).double()
    objective = Objective.of(double, {fill_in(kind): 1.0})
    gradient = objective.gradient(frame, objective.balance(frame))
    rng = torch.Generator().manual_seed(1)
    directions = [torch.randn(frame.shape, generator=rng, dtype=torch.float64) for _ in range(3)]
    for direction in (gradient / gradient.square().mean().sqrt(), *directions):
        with torch.no_grad():
            up, down = (objective.scores(frame + sign * 1e-7 * direction)[0] for sign in (1, -1))
        slope = ((up - down) / 2e-7).item()
        assert slope == pytest.approx((gradient * direction).sum().item(), rel=1e-3)


def test_a_neuron_stays_on_its_place_of_the_picture_when_that_is_shifted(small: Network) -> None:
    frame = torch.rand(1, 3, 240, 320, generator=torch.Generator().manual_seed(2))
    objective = Objective.of(small, {"fire2:5@0.25/0.75": 1.0})
    for shift in ((0, 0), (32, -48), (-16, 100)):
        shifted = torch.roll(frame, shift, (2, 3))
        gradient = objective.gradient(shifted, objective.balance(frame), shift=shift)
        rows, columns = torch.roll(gradient, (-shift[0], -shift[1]), (2, 3)).abs().sum(1)[0].nonzero().T.tolist()
        assert min(columns) <= 80 <= max(columns)
        assert max(columns) - min(columns) < 32
        assert min(rows) <= 180 <= max(rows)
        assert max(rows) - min(rows) < 32


def relative_error(value: torch.Tensor, reference: torch.Tensor, border: int) -> float:
    inner = (..., slice(border, -border), slice(border, -border))
    return float((value[inner] - reference[inner]).norm() / reference[inner].norm())


def size_with_inner_tiles(tiling: Tiling) -> tuple[int, int]:
    """The smallest frame that is cut both ways into three or more, so that tiles meet at corners on every side."""
    sizes = ((tiling.window + (more + 2) * tiling.stride, tiling.window + more * tiling.stride) for more in range(60))
    return next(size for size in sizes if min(tiling.grid(size)) >= 3)


@pytest.mark.parametrize(
    ("name", "mix"),
    [
        slow("squeezenet1_1", {"fire8": 1.0}),
        slow("squeezenet1_1", {"fire6:17": 1.0, "fire3": -0.4}),
        ("squeezenet1_1", {"guide:fire5:{photos}/chelsea.png": 1.0, "fire6:5@0.3/0.6": 0.5}),
        ("squeezenet1_1", {"fire8:100@0.61/0.83": 1.0}),
        *(slow("squeezenet1_1", {f"fire8:100@{place}": 1.0}) for place in ("center", "0.42/0.42", "1/0")),
        ("squeezenet1_1", {"class:castle": 1.0}),
        slow("squeezenet1_1", {"class:castle": 1.0, "fire5": 0.3}),
        slow("googlenet", {"inception4a": 1.0}),
        slow("vgg16", {"conv4_1": 1.0}),
        ("efficientnet_lite0", {"block3_2": 1.0}),
    ],
)
def test_tiles_give_the_gradient_of_the_whole_frame(photos: Path, name: str, mix: dict[str, float]) -> None:
    """Within 2 % away from the borders, with the margin that `plan_tiles` takes."""
    network = load_network(name, random=None if name == "squeezenet1_1" else 4)
    whole = Objective.of(network, {key.format(photos=photos): weight for key, weight in mix.items()})
    stride, margin = tile_geometry(whole)
    tiling = Tiling(max(8 * stride, 112), margin, stride)
    tiled = whole.tiled(tiling)
    size = size_with_inner_tiles(tiling)
    frame = fit_frame(load_image(photos / "astronaut.png"), size)
    balance = whole.balance(frame)
    in_one_piece = whole.gradient(frame, balance, shift=(5, -7))
    offset = (3 * stride, 5 * stride + 1)
    assert len(list(tiling.tiles(size, offset))) >= 9
    in_tiles = tiled.gradient(frame, balance, shift=(5, -7), offset=offset)
    assert relative_error(in_tiles, in_one_piece, border=16) < 0.02
    for one, other in zip(tiled.balance(frame), balance, strict=True):
        assert one.item() == pytest.approx(other.item(), rel=0.02)


def test_memory_is_given_back_only_where_the_windows_change_their_size(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows of one size follow one another, since giving back and getting memory anew takes time."""
    released = []
    monkeypatch.setattr("zoomdream.objectives.gradients.release_freed_memory", lambda: released.append(1))
    tiling, size, offset = Tiling(64, 32, 16), (320, 160), (20, 30)
    objective = Objective.of(network, {"fire2": 1.0}).tiled(tiling)
    objective.gradient(torch.rand(1, 3, size[1], size[0]), [torch.ones(())], offset=offset)
    windows = [window[2:] for _, window in tiling.tiles(size, offset)]
    assert 1 < len(released) == len(set(windows)) < len(windows)


def test_a_tiled_step_is_the_step(network: Network, photos: Path) -> None:
    """Shifts are the same. Later steps differ more and more: an ascent multiplies any rounding by about 20 a step."""
    frame = fit_frame(load_image(photos / "astronaut.png"), (480, 320))
    settings = DreamSettings(octaves=1, steps=1, step_size=0.02, smoothing=0.5)
    whole = Objective.of(network, {"fire6": 1.0})
    tiled = whole.tiled(Tiling(96, 96, 16))
    one, other = (dream(frame, objective, settings, generator(1, 0, "jitter")) for objective in (whole, tiled))
    assert not torch.equal(one, other)  # it was in tiles
    assert (one - other).abs().mean() < 1e-3 * (one - frame).abs().mean()


def test_an_objective_made_of_another_leaves_that_one_as_it_is(network: Network, photos: Path) -> None:
    """In tiles the sizes of the maps are looked up: those of one objective are not those of the other."""
    frame = fit_frame(load_image(photos / "astronaut.png"), (200, 160))
    both = Objective.of(network, {"fire5": 1.0, "fire3": -0.4}).tiled(Tiling(64, 32, 16))
    balance = both.balance(frame)
    before = both.gradient(frame, balance)
    again = Objective.of(network, {"fire5": 1.0, "fire3": -0.4}).tiled(Tiling(64, 32, 16))
    first = replace(again, terms=again.terms[:1])
    assert first.gradient(frame, balance[:1]).shape == frame.shape
    assert torch.equal(again.gradient(frame, balance), before)


def test_terms_without_a_group_and_groups_without_a_term_have_no_gradient(network: Network) -> None:
    frame = torch.rand(1, 3, 64, 48, generator=torch.Generator().manual_seed(1))
    terms = [resolve(network, "fire3"), resolve(network, "fire4")]
    alone, nothing = frame_gradients(network, terms, frame, [[(0, 2.0)], []])
    assert torch.equal(nothing, torch.zeros_like(frame))
    (other,) = frame_gradients(network, terms[:1], frame, [[(0, 1.0)]])
    assert torch.allclose(alone, 2 * other, rtol=1e-4)
