"""What the camera shows beyond the frame."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zoomdream.images.frame import Frame, size_of
from zoomdream.motion import border, camera
from zoomdream.motion.projection import motion
from zoomdream.rng import generator
from zoomdream.settings import CameraSettings

WITHIN = [
    CameraSettings(),
    CameraSettings(zoom=1.5),
    CameraSettings(zoom=1.2, center=(0, 1)),  # the corner stays where it is
    CameraSettings(zoom=1.2, center=(0.5, 0)),
    CameraSettings(zoom=4, rotate=20, pan=(0.1, -0.1)),
]
BEYOND = [
    CameraSettings(zoom=0.6),
    CameraSettings(zoom=0.98),
    CameraSettings(rotate=30),
    CameraSettings(pan=(0.1, 0)),
    CameraSettings(zoom=1.2, center=(1.2, 0.5)),
]


def picture(width: int = 96, height: int = 64) -> Frame:
    """Patches of color down to detail of a pixel, alike in all directions."""
    random = torch.Generator().manual_seed(0)
    frame = torch.full((1, 3, height, width), 0.5)
    for side in (16, 8, 4, 2, 1):
        patches = 0.06 * torch.randn(1, 3, height // side, width // side, generator=random)
        frame += torch.nn.functional.interpolate(patches, (height, width), mode="bicubic")
    return frame.clamp(0, 1)


def beyond(settings: CameraSettings, size: tuple[int, int], dt: float = 1 / 24) -> torch.Tensor:
    """Which pixels show what lies beyond the frame, as arithmetic in float64 has it."""
    width, height = size
    rows, columns = np.mgrid[:height, :width]
    x, y = np.einsum("ij,jhw->ihw", motion(settings, dt, size), np.stack([columns, rows, np.ones_like(rows)]))
    return torch.from_numpy((np.maximum(-x, x - (width - 1)) > 1e-3) | (np.maximum(-y, y - (height - 1)) > 1e-3))


@pytest.mark.parametrize("settings", WITHIN)
def test_a_camera_that_stays_within_the_frame_draws_nothing(settings: CameraSettings) -> None:
    frame, rng = picture(), generator(1, 0, "border")
    assert not border.looks_beyond(motion(settings, 1 / 24, (96, 64)), (96, 64))
    assert torch.equal(camera.move(frame, settings, 1 / 24, rng), camera.move(frame, settings, 1 / 24))
    assert rng.bit_generator.state == generator(1, 0, "border").bit_generator.state


@pytest.mark.parametrize("settings", BEYOND)
def test_only_what_lies_beyond_is_filled(settings: CameraSettings) -> None:
    frame, outside = picture(), beyond(settings, (96, 64))
    assert outside.any()
    assert border.looks_beyond(motion(settings, 1 / 24, (96, 64)), (96, 64))
    filled = camera.move(frame, settings, 1 / 24, generator(1, 0, "border"))
    reflected = camera.move(frame, settings, 1 / 24)
    assert torch.equal((filled != reflected).any(1)[0], outside)
    assert 0 <= filled.min() <= filled.max() <= 1


def test_the_same_generator_gives_the_same_bits() -> None:
    def moved(seed: int, index: int) -> Frame:
        return camera.move(picture(), CameraSettings(zoom=0.6), 1 / 24, generator(seed, index, "border"))

    assert torch.equal(moved(1, 3), moved(1, 3))
    assert not torch.equal(moved(1, 3), moved(1, 4))
    assert not torch.equal(moved(1, 3), moved(2, 3))


def test_distances_are_those_to_the_nearest_pixel_of_the_frame() -> None:
    x, y = torch.tensor([[-3.0, 5, 12, 0.0004]]), torch.tensor([[-4.0, 2, 9, -0.0004]])
    assert border.distance_beyond(x, y, (10, 8)).tolist() == [[5, 0, pytest.approx(13**0.5), 0]]


def test_no_edge_is_seen_where_the_fill_begins() -> None:
    """Across the border neighbors differ no more than twice as much as within the frame."""
    frame = picture()
    panned = CameraSettings(pan=(1, 0))  # eight columns
    filled = np.stack([camera.move(frame, panned, 8 / 96, generator(0, n, "border")).numpy() for n in range(10)])
    steps = np.abs(np.diff(filled, axis=-1)).mean((0, 1, 2, 3))
    assert steps[87] < 2 * steps[:87].mean()


def often_moved(settings: CameraSettings, count: int, *, filled: bool) -> Frame:
    frame = picture()
    for index in range(count):
        rng = generator(7, index, "border") if filled else None
        frame = camera.move(frame, settings, 1 / 24, rng)
    return frame


def across_along(pixels: np.ndarray, far: int = 8) -> float:
    """Squared differences of columns this far apart, as a share of those of rows: 0 for stripes that lie."""
    columns, rows = pixels[..., far:] - pixels[..., :-far], pixels[..., far:, :] - pixels[..., :-far, :]
    return float(np.square(columns).mean() / np.square(rows).mean())


@pytest.mark.parametrize("pan", [0.1, 0.5])
def test_what_is_filled_again_and_again_has_the_frames_texture_and_no_stripes(pan: float) -> None:
    """The right sixth, of which each frame has added less than half a column, or two."""
    settings, count = CameraSettings(pan=(pan, 0)), round(24 * 0.17 / pan)
    before = picture()[0].numpy()
    stripes, new = (often_moved(settings, count, filled=fill)[0, ..., -16:].numpy() for fill in (False, True))
    assert across_along(stripes) < 0.35 * across_along(before)
    assert 0.45 < across_along(new) / across_along(before) < 1.6
    assert np.abs(new.mean((1, 2)) - before.mean((1, 2))).max() < 0.1
    assert 0.5 < new.std((1, 2)).mean() / before.std((1, 2)).mean() < 1.4


def test_a_wide_fill_has_the_colors_covariance() -> None:
    frame = picture()
    frame[:, 1] = 0.5 * frame[:, 0] + 0.25  # green follows red
    away = camera.move(frame, CameraSettings(zoom=0.05), 1, generator(0, 0, "border"))
    red, green, blue = away[0].flatten(1).numpy()
    assert np.corrcoef(red, green)[0, 1] > 0.95
    assert abs(np.corrcoef(red, blue)[0, 1]) < 0.5


def test_one_color_stays_one_color() -> None:
    frame = torch.tensor([0.2, 0.5, 0.9])[None, :, None, None].expand(1, 3, 64, 96).contiguous()
    assert (camera.move(frame, CameraSettings(zoom=0.5), 0.5, generator(0, 0, "border")) - frame).abs().max() < 1e-3


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (5, 7), (17, 300)])
@pytest.mark.parametrize("zoom", [0.01, 0.97])
def test_frames_of_any_size_are_filled(size: tuple[int, int], zoom: float) -> None:
    frame = torch.rand(1, 3, size[1], size[0], generator=torch.Generator().manual_seed(0))
    moved = camera.move(frame, CameraSettings(zoom=zoom, rotate=10, pan=(0.4, 0)), 1, generator(0, 0, "border"))
    assert size_of(moved) == size
    assert torch.isfinite(moved).all()
    assert 0 <= moved.min() <= moved.max() <= 1


@pytest.mark.parametrize("settings", BEYOND)
@pytest.mark.parametrize("flat", [False, True])
def test_a_gpu_fills_with_the_same_values(settings: CameraSettings, flat: bool) -> None:
    frame = torch.full((1, 3, 64, 96), 0.3) if flat else picture()
    matrix = motion(settings, 1 / 24, (96, 64))
    x, y = torch.from_numpy(np.mgrid[:96, :64].reshape(2, 96, 64)).transpose(1, 2).float()
    places = [a * x + b * y + c for a, b, c in matrix.tolist()]
    distance = border.distance_beyond(places[0], places[1], (96, 64))
    expected, ours = (
        fill(frame, distance, generator(1, 0, "border")) for fill in (border.fill_beyond, border.fill_without_waiting)
    )
    assert torch.equal(ours == frame, expected == frame) or flat
    assert (
        ours - expected
    ).abs().max() < 1e-4  # of one color: the noise that keeps its covariance a matrix with a root


def test_what_came_into_view_last_is_newest() -> None:
    outward = motion(CameraSettings(zoom=0.5), 1 / 10, (120, 80))
    newness = border.newly_seen(outward, 10, torch.zeros(1, 3, 80, 120))
    assert newness is not None
    row = newness[0, 0, 40]
    assert row[60] == 0
    assert row[0] > row[10] > row[25] > 0
    assert newness.max() == pytest.approx(1)
    assert border.newly_seen(motion(CameraSettings(zoom=2), 1 / 10, (120, 80)), 10, torch.zeros(1, 3, 80, 120)) is None
