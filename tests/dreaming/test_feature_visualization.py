from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.support.memory_readings import SteadyMemory
from zoomdream.dreaming.feature_visualization import prepare_visualization, transform, visualize
from zoomdream.dreaming.picture_spectrum import picture, spectrum_scale
from zoomdream.errors import DreamError, OutOfMemoryError, SettingError, UsageError
from zoomdream.images.colors.color import decorrelated_to_rgb
from zoomdream.images.frame import from_uint8, to_uint8
from zoomdream.images.sampling.resample import resize
from zoomdream.networks import Network, Tap, load_network
from zoomdream.objectives import resolve
from zoomdream.progress import Progress
from zoomdream.settings import VisualizeSettings

QUICK = VisualizeSettings(size=64, steps=12)
CLASSES = [
    "espresso",
    "daisy",
    "golden retriever",
    "peacock",
    "monarch",
    "jellyfish",
    "pineapple",
    "goldfish",
    "volcano",
    "school bus",
]


@dataclass
class Fixed:
    """A generator that draws what it is told: the logarithm of the zoom, the angle, the move to the right and down."""

    drawn: tuple[float, float, tuple[float, float]]

    def __post_init__(self) -> None:
        self._rest = iter(self.drawn)

    def uniform(self, low: float, high: float, count: int | None = None) -> object:
        value = next(self._rest)
        return value if count is None else np.array(value)


def test_a_spectrum_of_nothing_is_gray_and_all_pictures_are_in_range() -> None:
    scale = spectrum_scale(32, 1.5)
    assert torch.allclose(picture(torch.zeros(1, 3, 32, 17, 2), scale, 32), torch.tensor(0.5))
    wild = picture(torch.randn(2, 3, 32, 17, 2, generator=torch.Generator().manual_seed(0)) * 5, scale, 32)
    assert wild.shape == (2, 3, 32, 32)
    assert 0 <= wild.min() < 0.1 < 0.9 < wild.max() <= 1


def test_frequencies_count_by_their_power() -> None:
    scale = spectrum_scale(64, 2.0)
    assert (scale[4, 0] / scale[8, 0]).item() == pytest.approx(4)
    assert (scale[0, 3] / scale[3, 4]).item() == pytest.approx((5 / 3) ** 2)
    assert spectrum_scale(64, 0.5).square().sum().item() == pytest.approx(scale.square().sum().item(), rel=1e-4)


def test_colors_by_hand() -> None:
    """lucid's matrix over its longest column, (0.26, 0.27, 0.27)."""
    rgb = decorrelated_to_rgb(torch.tensor([1.0, 2.0, 0.0]).view(1, 3, 1, 1)).flatten()
    longest = math.sqrt(0.26**2 + 0.27**2 + 0.27**2)
    assert rgb.tolist() == pytest.approx([(0.26 + 0.18) / longest, 0.27 / longest, (0.27 - 0.18) / longest])


def test_the_pictures_gradient_equals_finite_differences() -> None:
    rng = torch.Generator().manual_seed(1)
    scale = spectrum_scale(16, 1.0).double()
    spectrum = torch.randn(1, 3, 16, 9, 2, generator=rng, dtype=torch.float64).requires_grad_()
    weights = torch.randn(1, 3, 16, 16, generator=rng, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((picture(spectrum, scale, 16) * weights).sum(), spectrum)
    direction = torch.randn(spectrum.shape, generator=rng, dtype=torch.float64)
    with torch.no_grad():
        up, down = ((picture(spectrum + sign * 1e-6 * direction, scale, 16) * weights).sum() for sign in (1, -1))
    assert ((up - down) / 2e-6).item() == pytest.approx((gradient * direction).sum().item(), rel=1e-5)


def test_transforms_do_nothing_or_what_they_are_told() -> None:
    frames = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    still = VisualizeSettings(jitter=0, scale=0, rotate=0)
    assert torch.allclose(transform(frames, [np.random.default_rng(0)], still), frames, atol=1e-5)
    moved = transform(frames, [Fixed((0.0, 0.0, (3.0, -2.0)))], VisualizeSettings())  # type: ignore[list-item]
    assert torch.allclose(moved[..., 2:, :-3], frames[..., :-2, 3:], atol=1e-5)
    turned = transform(frames, [Fixed((0.0, 90.0, (0.0, 0.0)))], VisualizeSettings())  # type: ignore[list-item]
    assert torch.allclose(turned, torch.rot90(frames, 1, (2, 3)), atol=1e-4)
    ramp = torch.linspace(0, 1, 33).expand(1, 3, 33, 33)
    zoomed = transform(ramp, [Fixed((math.log(2), 0.0, (0.0, 0.0)))], VisualizeSettings())  # type: ignore[list-item]
    assert torch.allclose(zoomed, 0.25 + ramp / 2, atol=1e-5)


def test_what_is_moved_in_is_mirrored() -> None:
    """As PyTorch's own reflection has it, which Apple's Metal lacks: also when moved by more than a whole picture."""
    pictures = torch.rand(1, 3, 20, 20, generator=torch.Generator().manual_seed(1))
    for right, down in ((3.3, -7.8), (31.0, 0.5), (-47.2, 65.1)):
        moved = transform(pictures, [Fixed((0, 0, (right, down)))], QUICK)  # type: ignore[list-item]
        shift = torch.tensor([[[1, 0, right / 10], [0, 1, down / 10]]])
        grid = torch.nn.functional.affine_grid(shift, [1, 3, 20, 20], align_corners=False)
        expected = torch.nn.functional.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)
        assert torch.allclose(moved, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["fire5", "fire6:17", "fire8:17@center", "class:daisy", "direction:fire6:3+7"])
def test_objectives_rise_from_noise(network: Network, kind: str) -> None:
    from zoomdream.objectives import Objective

    (early,) = visualize(network, [kind], VisualizeSettings(size=64, steps=1))
    (late,) = visualize(network, [kind], VisualizeSettings(size=64, steps=20))
    objective = Objective.of(network, {kind: 1.0})
    assert objective.scores(late)[0] > objective.scores(early)[0] + 0.1


def test_a_picture_is_its_seeds_and_not_its_neighbors(network: Network) -> None:
    reports: list[Progress] = []
    kinds = ["fire5:3", "class:daisy", "fire6:9"]
    settings = QUICK.model_copy(update={"batch": 2, "steps": 3})
    visualize(network, kinds, settings, seed=5, on_progress=reports.append)
    alone = visualize(network, [kinds[1]], settings, seed=5)[0]
    assert torch.equal(alone, visualize(network, [kinds[1]], settings, seed=5)[0])
    assert (alone - visualize(network, [kinds[1]], settings, seed=6)[0]).abs().mean() > 0.01
    assert [(report.done, report.total) for report in reports] == [(2, 9), (4, 9), (6, 9), (7, 9), (8, 9), (9, 9)]
    assert {(report.unit, report.now) for report in reports} == {("step", "3 pictures")}


def test_a_picture_does_not_depend_on_which_are_made_beside_it(network: Network) -> None:
    """Over as many steps as multiply any difference of rounding to one that is seen."""
    settings = VisualizeSettings(size=64, steps=64)
    one, other, third = (
        visualize(network, ["fire5:3", beside], settings)[0] for beside in ("fire5:77", "fire6:1", "class:3")
    )
    assert torch.equal(one, other)
    assert torch.equal(one, third)


def test_a_masked_picture_is_gray_outside_its_mask_and_its_neighbor_is_whole(network: Network, tmp_path: Path) -> None:
    left = np.zeros((64, 64), np.uint8)
    left[:, :32] = 255
    Image.fromarray(left).save(tmp_path / "left.png")
    masked, whole = visualize(network, [f"fire5:3 in {tmp_path / 'left.png'}", "fire5:3"], QUICK)
    assert torch.equal(masked[..., 32:], torch.full((1, 3, 64, 32), 0.5))
    assert masked[..., :32].std() > 0.02
    assert whole[..., 32:].std() > 0.02


def best_classes(network: Network, frame: torch.Tensor, side: int, count: int) -> list[str]:
    """Of a file of 8 bits, seen at `side` pixels."""
    rounded = from_uint8(to_uint8(frame))
    scores = network.logits(resize(rounded, (side, side)).clamp(0, 1))[0]
    return [network.categories[int(index)] for index in scores.topk(count).indices]


def is_top(network: Network, frame: torch.Tensor, name: str) -> bool:
    """As a file of 8 bits, at its own size and at 224."""
    return all(best_classes(network, frame, side, 1) == [name] for side in (frame.shape[-1], 224))


def test_a_class_is_recognised(network: Network) -> None:
    """At another size than the dream's, this small one is among the first few: how far up depends on roundings."""
    (frame,) = visualize(network, ["class:espresso"], VisualizeSettings(size=128, steps=128))
    assert best_classes(network, frame, 128, 1) == ["espresso"]
    assert "espresso" in best_classes(network, frame, 224, 5)


@pytest.mark.slow
def test_eight_of_ten_classes_are_recognised(network: Network) -> None:
    frames = visualize(network, [f"class:{name}" for name in CLASSES])
    recognised = [name for name, frame in zip(CLASSES, frames, strict=True) if is_top(network, frame, name)]
    assert len(recognised) >= 8, recognised


def test_a_memory_limit_makes_fewer_pictures_at_once(network: Network, steady_memory: SteadyMemory) -> None:
    kinds, reports = [f"fire3:{channel}" for channel in range(4)], list[Progress]()
    one = network.step_bytes(dict.fromkeys(resolve(network, kind).tap for kind in kinds), (64, 64))
    steady_memory.held = 2**28  # a whole step, so that nothing is rounded up

    def at_once(limit: int) -> int:
        reports.clear()
        settings = VisualizeSettings(size=64, steps=1)
        prepared = prepare_visualization(network, kinds, settings, max_memory=2**28 + limit)
        assert [
            warning for warning in prepared.warnings if "pictures at once and not 4" in warning
        ] or prepared.at_once == 4
        prepared.run(reports.append)
        assert f"{reports[0].done} at once" in prepared.provenance
        return reports[0].done

    assert [at_once(limit) for limit in (one, 2 * one, 3 * one, 10 * one)] == [1, 2, 3, 4]
    with pytest.raises(OutOfMemoryError, match=r"a picture of 64x64 .* needs .* may be taken: choose a smaller size"):
        at_once(one - 10**3)


def test_what_is_wrong_is_said(network: Network) -> None:
    with pytest.raises(SettingError, match="no channel 900"):
        visualize(network, ["fire5:900"])
    with pytest.raises(UsageError, match="the classifier of inception_v3 needs a frame of at least"):
        visualize(load_network("inception_v3", random=1), ["class:daisy"], VisualizeSettings(size=64))


def test_a_picture_that_becomes_nan_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, network: Network) -> None:
    original = Network.activations

    def overflow(*arguments: Any, **named: Any) -> dict[str | Tap, torch.Tensor]:
        return {tap: values * float("inf") for tap, values in original(*arguments, **named).items()}

    prepared = prepare_visualization(network, ["fire5:3"], VisualizeSettings(size=64, steps=2))
    monkeypatch.setattr(Network, "activations", overflow)
    with pytest.raises(DreamError, match="the picture of fire5:3: the dream has become NaN"):
        prepared.run()
