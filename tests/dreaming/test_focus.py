"""Where a frame is dreamed, and where it stays calm."""

from __future__ import annotations

import pytest
import torch

from zoomdream.dreaming.amortized import dream_on
from zoomdream.dreaming.ascent import dream
from zoomdream.dreaming.focus import focus_of, saliency
from zoomdream.images.frame import Frame
from zoomdream.networks import Network
from zoomdream.objectives import Objective
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings, FocusSettings


def bright_disc(at: tuple[int, int] = (80, 30), radius: int = 9) -> Frame:
    """A gray frame of 120x80 with one bright disc at (x, y)."""
    y, x = torch.meshgrid(torch.arange(80), torch.arange(120), indexing="ij")
    disc = ((x - at[0]) ** 2 + (y - at[1]) ** 2 < radius**2).float()
    return (0.4 + 0.5 * disc).expand(1, 3, 80, 120).contiguous()


def test_without_calm_there_is_no_focus() -> None:
    assert focus_of(bright_disc(), FocusSettings()) is None


def test_a_spot_fades_to_a_half_at_its_radius() -> None:
    focus = focus_of(bright_disc(), FocusSettings(calm=1, at=(0.25, 0.5), radius=0.2))
    assert focus is not None
    row = focus[0, 0, 40]
    assert row[30] == pytest.approx(1, abs=1e-3)
    assert row[46] == pytest.approx(0.5, abs=0.05)  # 0.2 of 80 pixels from the middle at 29.75
    assert row[110] < 0.01


def test_calm_says_how_much_is_left() -> None:
    focus = focus_of(bright_disc(), FocusSettings(calm=0.7, radius=0.1))
    assert focus is not None
    assert focus.min() == pytest.approx(0.3, abs=0.01)
    assert focus.max() == pytest.approx(1.0, abs=0.01)


def test_what_has_to_be_dreamed_over_is_not_calm() -> None:
    lively = torch.zeros(1, 1, 80, 120)
    lively[..., 60:] = 1
    focus = focus_of(bright_disc(), FocusSettings(calm=0.7, radius=0.01), lively=lively)
    assert focus is not None
    assert float(focus[..., 100:].min()) == 1
    assert float(focus[..., :20].max()) == pytest.approx(0.3, abs=0.01)


def test_what_stands_out_is_salient_and_what_does_not_is_not() -> None:
    salient = saliency(bright_disc())
    assert salient.shape == (1, 1, 80, 120)
    assert salient[0, 0, 30, 80] > 0.9
    assert salient[0, 0, 70, 10] == 0


def test_saliency_does_not_depend_on_contrast() -> None:
    disc = bright_disc()
    assert torch.allclose(saliency(disc), saliency(0.5 + 0.2 * (disc - 0.5)), atol=1e-3)


def test_a_frame_of_one_color_has_no_saliency() -> None:
    assert saliency(torch.full((1, 3, 40, 60), 0.3)).max() < 1e-6


def test_what_has_come_into_view_is_dreamed_more() -> None:
    rim = torch.zeros(1, 1, 80, 120)
    rim[..., :10] = 1
    focus = focus_of(bright_disc(), FocusSettings(calm=0.5, radius=0.1, rim=2), rim)
    assert focus is not None
    assert torch.equal(focus[..., :10], torch.full((1, 1, 80, 10), 3.0))
    assert focus[0, 0, 70, 100] == pytest.approx(0.5, abs=0.01)


def test_nothing_is_dreamed_where_the_focus_is_0(network: Network, coffee: Frame) -> None:
    focus = torch.ones(1, 1, *coffee.shape[-2:])
    focus[..., : coffee.shape[-1] // 2] = 0
    settings, objective = DreamSettings(octaves=1, steps=2, jitter=4), Objective.of(network, {"fire3": 1.0})
    dreamed = dream(coffee, objective, settings, generator(0, 0, "j"), focus=focus)
    changed = (dreamed - coffee).abs().amax(1)[0]
    half = coffee.shape[-1] // 2
    assert changed[:, : half - 1].max() == 0
    assert changed[:, half + 1 :].mean() > 0.01


def test_the_focus_counts_where_a_step_stands_for_many(network: Network, coffee: Frame) -> None:
    settings = DreamSettings(octaves=1, steps=2, schedule="amortized")
    objective, nowhere = Objective.of(network, {"fire3": 1.0}), torch.zeros(1, 1, *coffee.shape[-2:])
    momentum = torch.zeros_like(coffee)
    dreamed, _ = dream_on(coffee, momentum, objective, settings, generator(0, 0, "j"), focus=nowhere)
    assert torch.equal(dreamed, coffee)


def test_steps_end_before_black_and_white(network: Network, coffee: Frame) -> None:
    objective, settings = Objective.of(network, {"fire4": 1.0}), DreamSettings(octaves=1, steps=6, step_size=0.04)
    inner = coffee * 0.6 + 0.2
    clipped, kept = (
        ((dreamed <= 0.002) | (dreamed >= 0.998)).float().mean()
        for dreamed in (
            dream(inner, objective, settings.model_copy(update={"headroom": room}), generator(0, 0, "j"))
            for room in (0.0, 0.3)
        )
    )
    assert clipped > 0.02
    assert kept < clipped / 3


def test_chroma_0_leaves_the_colors(network: Network) -> None:
    gray = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(1)).expand(1, 3, 64, 64).contiguous()
    objective = Objective.of(network, {"fire3": 1.0})

    def color(chroma: float) -> float:
        settings = DreamSettings(octaves=1, steps=2, chroma=chroma, natural_color=0)
        dreamed = dream(gray, objective, settings, generator(0, 0, "j"))
        return float((dreamed - dreamed.mean(1, keepdim=True)).abs().mean())

    assert color(0) < 1e-3
    assert color(1) > 5e-3
    assert color(2) > color(1)
