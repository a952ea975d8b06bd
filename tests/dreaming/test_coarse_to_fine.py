"""Pictures from noise, coarse to fine: a whole thing in the picture, that the network takes for what it is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from zoomdream.dreaming.coarse_to_fine import Stage, enlarged, stages, views
from zoomdream.dreaming.feature_visualization import prepare_visualization, visualize
from zoomdream.dreaming.picture_spectrum import picture, spectrum_scale
from zoomdream.images.sampling.resample import resize
from zoomdream.networks import Network, class_names
from zoomdream.progress import Progress
from zoomdream.rng import generator
from zoomdream.settings import VisualizeSettings

QUICK = VisualizeSettings(size=64, steps=6)
_DECAY = 1.3


@pytest.mark.parametrize(
    ("size", "sides"),
    [(512, [128, 256, 512]), (1024, [256, 512, 1024]), (300, [150, 300]), (192, [192]), (64, [64])],
)
def test_stages_double_the_picture(size: int, sides: list[int]) -> None:
    found = stages(size, 120)
    assert [stage.side for stage in found] == sides
    assert sum(stage.steps for stage in found) == pytest.approx(120, abs=2)
    steps = [stage.steps for stage in found]
    assert steps == sorted(steps, reverse=True)
    assert [stage.nearest for stage in found] == sorted((stage.nearest for stage in found), reverse=True)


def test_a_larger_spectrum_is_the_same_picture() -> None:
    spectrum = torch.from_numpy(np.random.default_rng(0).normal(0, 0.3, (1, 3, 64, 33, 2)).astype(np.float32))
    small = picture(spectrum, spectrum_scale(64, _DECAY), 64)
    large = picture(enlarged(spectrum, 64, 128), spectrum_scale(128, _DECAY), 128)
    assert large.shape == (1, 3, 128, 128)
    torch.testing.assert_close(large[..., ::2, ::2], small, atol=0.05, rtol=0)
    assert (resize(large, (64, 64)) - small).abs().mean() < 0.02


def test_views_show_gray_beyond_the_border_and_the_rest_as_it_is() -> None:
    white = torch.ones(1, 3, 128, 128)
    wide = views(white, Stage(128, 1, 1.5, 1.6), 96, generator(0, 0, "views"))
    assert wide.shape == (2, 3, 96, 96)
    assert wide[:, :, 48, 48].min() > 0.99
    assert {round(float(corner), 3) for corner in wide[:, :, 0, 0].flatten()} == {0.5}
    close = views(white, Stage(128, 1, 0.4, 0.5), 96, generator(0, 0, "views"))
    assert close.mean() > wide.mean()


def test_fine_stripes_are_gray_in_a_wide_view_of_a_large_picture() -> None:
    """They are averaged before they are looked at: else a view would see what the picture does not have."""
    stripes = (torch.arange(512) % 2).float().expand(1, 3, 512, 512)
    seen = views(stripes, Stage(512, 1, 0.9, 1.0), 128, generator(0, 0, "views"))
    assert (seen - 0.5).abs().max() < 0.01


def test_it_is_the_same_every_time(network: Network) -> None:
    told: list[Progress] = []
    settings = QUICK.model_copy(update={"steps": 3})
    (first,) = visualize(network, ["class:daisy"], settings, quality=True, on_progress=told.append)
    (again,) = visualize(network, ["class:daisy"], settings, quality=True)
    (other,) = visualize(network, ["class:daisy"], settings, seed=1, quality=True)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == (1, 3, 64, 64)
    assert 0 < first.min() < first.max() < 1
    assert [each.done for each in told] == [1, 2, 3]


def test_a_class_rises(network: Network) -> None:
    (frame,) = visualize(network, ["class:daisy"], QUICK.model_copy(update={"steps": 20}), quality=True)
    shares = torch.softmax(network.logits(resize(frame, (192, 192))), 1)[0]
    assert shares[class_names().index("daisy")] > 0.01


def test_several_objectives_and_masks(network: Network, tmp_path_factory: pytest.TempPathFactory) -> None:
    mask = tmp_path_factory.mktemp("masks") / "left.png"
    half = np.zeros((64, 64), np.uint8)
    half[:, :32] = 255
    Image.fromarray(half).save(mask)
    frames = visualize(network, ["fire5:17", f"fire5:17 in {mask}"], QUICK, quality=True)
    assert len(frames) == 2
    assert (frames[1][..., 33:] - 0.5).abs().max() < 1e-3
    assert (frames[1][..., :31] - 0.5).abs().max() > 0.05


def test_it_says_how_it_was_made(network: Network) -> None:
    prepared = prepare_visualization(network, ["class:daisy"], QUICK, quality=True)
    assert "coarse to fine" in prepared.provenance
    assert prepared.warnings == ()


@pytest.mark.slow
def test_the_network_takes_classes_for_what_they_are(network: Network) -> None:
    names = ["daisy", "monarch", "castle", "school bus", "strawberry"]
    settings = VisualizeSettings(size=256, steps=96)
    frames = visualize(network, [f"class:{name}" for name in names], settings, quality=True)
    found = [class_names()[int(network.logits(resize(frame, (224, 224))).argmax())] for frame in frames]
    assert sum(a == b for a, b in zip(names, found, strict=True)) >= 4
