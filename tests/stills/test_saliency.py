from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib import colormaps
from PIL import Image

from zoomdream.errors import SettingError, UnknownNameError, UsageError
from zoomdream.images.contact_sheet import lay_out
from zoomdream.images.filters import blur
from zoomdream.images.frame import size_of
from zoomdream.images.pictures.loading import load_image
from zoomdream.networks import Network, Tap
from zoomdream.objectives import Objective, resolve
from zoomdream.progress import Progress
from zoomdream.stills.saliency import (
    draw_saliency,
    draw_smooth_saliency,
    drawn_size,
    is_linear,
    pixel_gradient,
    saliency_picture,
    smooth_gradient,
)


def test_a_layer_is_its_mean_before_the_relu(network: Network, coffee: torch.Tensor) -> None:
    leaf = coffee.clone().requires_grad_()
    tap = Tap("fire5", before_relu=True)
    (expected,) = torch.autograd.grad(network.activations(leaf, [tap])[tap].mean(), leaf)
    torch.testing.assert_close(pixel_gradient(network, "fire5", coffee), expected)


@pytest.mark.parametrize("objective", ["fire4", "fire8:17", "class:espresso"])
def test_the_gradient_foretells_what_a_small_change_does(
    network: Network, coffee: torch.Tensor, objective: str
) -> None:
    """Along the gradient itself, by central differences."""
    measured = Objective.mixed(network, [(resolve(network, objective, "mean"), 1.0)])
    gradient = pixel_gradient(network, objective, coffee)
    change = gradient / gradient.norm() * 0.01
    with torch.no_grad():
        rise = measured.scores(coffee + change)[0] - measured.scores(coffee - change)[0]
    assert rise.item() == pytest.approx(0.02 * gradient.norm().item(), rel=0.05)


def test_the_classifier_looks_at_the_cup_and_not_at_the_table(network: Network, photos: Path) -> None:
    photo = load_image(photos / "coffee.png")
    magnitude = pixel_gradient(network, "class:espresso", photo)[0].abs().amax(0)
    cup = magnitude[30:330, 100:450].mean()
    assert cup > 2 * magnitude[:, :80].mean()


def test_the_same_every_time_and_the_frame_left_as_it_is(network: Network, coffee: torch.Tensor) -> None:
    kept = coffee.clone()
    assert torch.equal(pixel_gradient(network, "fire8", coffee), pixel_gradient(network, "fire8", coffee))
    assert torch.equal(coffee, kept)
    assert not coffee.requires_grad


def test_mistakes(network: Network, coffee: torch.Tensor) -> None:
    with pytest.raises(UnknownNameError, match="fire8"):
        pixel_gradient(network, "fire88", coffee)
    with pytest.raises(UnknownNameError, match="espresso"):
        pixel_gradient(network, "class:expresso", coffee)
    with pytest.raises(UsageError, match="at least"):
        pixel_gradient(network, "fire9", torch.rand(1, 3, 8, 8))


def test_the_drawing_is_blue_white_red_about_zero_and_dark_where_nothing_is() -> None:
    frame = torch.full((1, 3, 8, 12), 0.5)
    gradient = torch.zeros_like(frame)
    gradient[0, :, :, :4], gradient[0, :, :, 8:] = -0.5, 0.5
    sheet = draw_saliency(frame, gradient, "network  fire8")
    layout = lay_out(3, size_of(frame))
    photo, signed, magnitude = (
        sheet[0, :, y : y + 8, x : x + 12] for x, y in (layout.corner(index) for index in range(3))
    )

    def color(name: str, value: float) -> torch.Tensor:
        return torch.from_numpy(np.array(colormaps[name](value, bytes=True)[:3]) / np.float32(255))

    torch.testing.assert_close(photo, frame[0], atol=0.003, rtol=0)
    for column, value in ((1, 0.0), (6, 0.5), (10, 1.0)):
        torch.testing.assert_close(signed[:, 4, column], color("RdBu_r", value), atol=0.01, rtol=0)
    for column, value in ((1, 1.0), (6, 0.0), (10, 1.0)):
        torch.testing.assert_close(magnitude[:, 4, column], color("inferno", value), atol=0.01, rtol=0)
    assert signed[2, 4, 1] > signed[0, 4, 1] + 0.2, "negative is blue"
    assert signed[0, 4, 10] > signed[2, 4, 10] + 0.2, "positive is red"


def test_a_gradient_of_a_few_pixels_is_drawn_to_scale() -> None:
    """Most of the picture has none where a neuron sees little of it, and a percentile over all would be 0."""
    frame = torch.full((1, 3, 64, 64), 0.5)
    gradient = torch.zeros_like(frame)
    gradient[..., 30, 30] = 2.0
    gradient[..., 30, 31] = 1.0
    sheet = draw_saliency(frame, gradient, "network  fire2:3@center")
    x, y = lay_out(3, (64, 64)).corner(2)
    strong, weak, none = (sheet[0, :, y + 30, x + column].sum() for column in (30, 31, 33))
    assert strong > weak + 0.2 > none + 0.4


def test_a_gradient_of_nothing_is_drawn_blank() -> None:
    frame = torch.full((1, 3, 8, 8), 0.5)
    sheet = draw_saliency(frame, torch.zeros_like(frame), "network  fire8")
    assert torch.isfinite(sheet).all()
    x, y = lay_out(3, (8, 8)).corner(1)
    assert sheet[0, :, y : y + 8, x : x + 8].min() > 0.9


@pytest.mark.parametrize(
    ("objective", "linear"),
    [
        ("conv1", True),
        ("mean:conv1", True),
        ("l2:conv1", False),
        ("conv1:3", True),
        ("fire2", False),
        ("fire9:17@center", False),
        ("class:espresso", False),
    ],
)
def test_only_the_first_convolution_is_linear(network: Network, objective: str, linear: bool) -> None:
    """Before the ReLU, that is: its energy and all deeper layers are not."""
    assert is_linear(Objective.mixed(network, [(resolve(network, objective, "mean"), 1.0)])) == linear


def test_a_job_draws_the_gradient_and_reports_it(network: Network, coffee: torch.Tensor) -> None:
    job = saliency_picture(network, coffee, "fire5")
    reports: list[Progress] = []
    drawn = job.run(reports.append)
    expected = draw_saliency(coffee, pixel_gradient(network, "fire5", coffee), "squeezenet1_1  fire5")
    assert torch.equal(drawn, expected)
    assert size_of(drawn) == job.size == drawn_size(size_of(coffee))
    assert job.provenance.endswith("squeezenet1_1 gradient of fire5")
    assert job.warnings == ()
    assert [(report.done, report.total) for report in reports] == [(1, 1)]


def test_a_job_warns_of_a_linear_objective_and_a_mask_of_another_size(
    network: Network, coffee: torch.Tensor, tmp_path: Path
) -> None:
    (linear,) = saliency_picture(network, coffee, "conv1").warnings
    assert linear.startswith(
        "the gradient of conv1 is the same for every picture, since it is linear; l2:conv1 has one"
    )
    Image.new("L", (50, 50), 255).save(tmp_path / "m.png")
    (masked,) = saliency_picture(network, coffee, f"fire5 in {tmp_path / 'm.png'}").warnings
    assert masked == "mask m.png is 50x50 and is read at 160x112"


def test_a_job_refuses_what_the_network_or_the_photo_does_not_have(network: Network, coffee: torch.Tensor) -> None:
    with pytest.raises(UnknownNameError, match="fire8"):
        saliency_picture(network, coffee, "fire88")
    with pytest.raises(UsageError, match="at least"):
        saliency_picture(network, coffee[..., :8, :8], "fire9")


# -- the mean over noise and shifts ------------------------------------------------------------------------------------


def test_one_sample_without_noise_and_shifts_is_the_gradient(network: Network, coffee: torch.Tensor) -> None:
    once = smooth_gradient(network, "fire5", coffee, 1, noise=0, shift=0)
    torch.testing.assert_close(once, pixel_gradient(network, "fire5", coffee))


def test_shifts_are_undone(network: Network, coffee: torch.Tensor) -> None:
    """The mean of shifted pictures without noise lies where the photo's own gradient does, to within a few pixels."""
    frame = coffee[..., :128, :128]
    gradient = pixel_gradient(network, "fire5", frame).abs().amax(1, keepdim=True)
    mean = smooth_gradient(network, "fire5", frame, 6, noise=0, shift=24).abs().amax(1, keepdim=True)

    def alike(other: torch.Tensor) -> float:
        places = torch.cat([blur(gradient, 4).flatten()[None], blur(other, 4).flatten()[None]])
        return float(torch.corrcoef(places)[0, 1])

    assert alike(mean) > 0.6
    assert alike(mean) > alike(mean.roll((40, 40), (2, 3))) + 0.3


def test_the_mean_has_less_grain_and_no_grid(network: Network, coffee: torch.Tensor) -> None:
    """Neighbours in it are alike, and no phase of the deep layers' stride of 16 is stronger than another."""
    frame = coffee[..., :112, :112]

    def grid(gradient: torch.Tensor) -> float:
        phases = gradient.abs().sum(1)[0].reshape(7, 16, 7, 16).mean((0, 2))
        return float(phases.std() / phases.mean())

    def likeness(gradient: torch.Tensor) -> float:
        total = gradient.sum(1)[0]
        return float(torch.corrcoef(torch.stack([total[:, 1:].flatten(), total[:, :-1].flatten()]))[0, 1])

    once, mean = pixel_gradient(network, "fire8", frame), smooth_gradient(network, "fire8", frame, 12)
    assert grid(mean) < 0.7 * grid(once)
    assert likeness(mean) > likeness(once)


def test_a_seed_is_a_mean(network: Network, coffee: torch.Tensor) -> None:
    frame = coffee[..., :64, :64]
    first, again, other = (smooth_gradient(network, "fire4", frame, 2, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_numbers_out_of_range(network: Network, coffee: torch.Tensor) -> None:
    with pytest.raises(SettingError, match="cannot be the mean of 0 samples"):
        smooth_gradient(network, "fire4", coffee, 0)
    with pytest.raises(SettingError, match="noise is 2: it must be a share"):
        smooth_gradient(network, "fire4", coffee, 2, noise=2)


def test_the_mean_is_drawn_below_what_is_drawn_today(network: Network, coffee: torch.Tensor) -> None:
    progress: list[Progress] = []
    job = saliency_picture(network, coffee, "fire4", samples=3, seed=5)
    sheet = job.run(progress.append)
    assert size_of(sheet) == job.size == drawn_size(size_of(coffee), 3)
    assert [(each.done, each.total) for each in progress] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    gradient, mean = pixel_gradient(network, "fire4", coffee), smooth_gradient(network, "fire4", coffee, 3, seed=5)
    expected = draw_smooth_saliency(coffee, gradient, mean, "squeezenet1_1  fire4", 3)
    torch.testing.assert_close(sheet, expected)
    width, height = size_of(coffee)
    single, layout = draw_saliency(coffee, gradient, "x"), lay_out(3, size_of(coffee))
    for index in range(3):
        (x, y), (column, row) = lay_out(6, size_of(coffee), 3).corner(index), layout.corner(index)
        cell = sheet[..., y : y + height, x : x + width]
        torch.testing.assert_close(cell, single[..., row : row + height, column : column + width])
