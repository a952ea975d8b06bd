from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from zoomdream.images.pictures.loading import load_image
from zoomdream.images.sampling.resample import fit_frame, resize
from zoomdream.motion import camera
from zoomdream.motion.projection import motion
from zoomdream.settings import CameraSettings


def smooth_frame(width: int = 64, height: int = 48) -> torch.Tensor:
    """A frame whose value at (x, y) is known between the pixels too: a few slow waves."""
    x, y = torch.arange(width, dtype=torch.float64), torch.arange(height, dtype=torch.float64)[:, None]
    return wave(x, y).float().expand(1, 3, height, width).contiguous()


def wave(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return 0.5 + 0.2 * torch.sin(0.35 * x + 0.2 * y) + 0.2 * torch.cos(0.15 * x - 0.3 * y)


def test_a_still_camera_returns_the_frame_itself() -> None:
    frame = smooth_frame()
    assert camera.move(frame, CameraSettings(), 1 / 30) is frame


@pytest.mark.parametrize(
    "settings",
    [CameraSettings(zoom=1.5, rotate=20), CameraSettings(zoom=0.5), CameraSettings(pan=(0.2, -0.1))],
    ids=["zoom and turn", "zoom out", "pan"],
)
def test_a_change_moves_as_the_frame_does(settings: CameraSettings) -> None:
    """Where nothing is clamped, nor filled beyond the frame; a change is of any sign and size."""
    dt = 0.1
    before, after = 0.4 + 0.2 * smooth_frame(), 0.4 + 0.2 * smooth_frame().flip(-1)
    change = camera.move_change(after - before, settings, dt)
    expected = camera.move(after, settings, dt) - camera.move(before, settings, dt)
    assert (change - expected).abs().max() < 0.005  # another kernel than the frame's
    assert (change - expected).abs().mean() < 0.02 * expected.abs().mean()


def test_the_kernel_of_a_change_is_the_same_with_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a GPU."""
    settings, change = CameraSettings(zoom=1.3, rotate=5), smooth_frame() - 0.5
    moved = camera.move_change(change, settings, 0.1)
    monkeypatch.setattr(camera, "opencv_samples", lambda *_: False)
    assert (camera.move_change(change, settings, 0.1) - moved).abs().max() < 1e-4


def test_a_still_camera_returns_the_change_itself() -> None:
    change = smooth_frame() - 0.7
    assert camera.move_change(change, CameraSettings(), 1 / 30) is change


def test_identity_warp_is_exact_to_float_precision() -> None:
    frame = torch.rand(1, 3, 40, 50, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(camera.warp(frame, np.eye(2, 3)), frame, atol=2e-5)


def test_whole_pixel_shift_moves_pixels_unchanged() -> None:
    frame = torch.rand(1, 3, 40, 50, generator=torch.Generator().manual_seed(0))
    shifted = camera.warp(frame, np.array([[1.0, 0, 3], [0, 1, -2]]))
    assert torch.allclose(shifted[..., 2:, :-3], frame[..., :-2, 3:], atol=2e-5)


def test_pan_looks_right_and_down() -> None:
    frame = smooth_frame()
    panned = camera.move(frame, CameraSettings(pan=(0.25, 0.125)), 0.5)  # 8 pixels right, 3 down
    assert torch.allclose(panned[..., :-3, :-8], frame[..., 3:, 8:], atol=2e-5)


def test_zoom_enlarges_about_the_middle_by_the_rate_to_the_power_of_dt() -> None:
    width, height, dt = 64, 48, 0.25
    zoomed = camera.move(smooth_frame(width, height), CameraSettings(zoom=2.0), dt)
    scale = 2.0**-dt
    x = (torch.arange(width, dtype=torch.float64) - 31.5) * scale + 31.5
    y = ((torch.arange(height, dtype=torch.float64) - 23.5) * scale + 23.5)[:, None]
    assert (zoomed[0, 0] - wave(x, y)).abs()[4:-4, 4:-4].max() < 2e-3


def test_center_is_the_fixed_point() -> None:
    settings = CameraSettings(zoom=3.0, rotate=70.0, center=(0.25, 0.75))
    matrix = motion(settings, 0.5, (101, 81))
    assert matrix @ [25.0, 60.0, 1.0] == pytest.approx([25.0, 60.0])


def test_rotation_is_counter_clockwise() -> None:
    frame = torch.zeros(1, 3, 41, 41)
    frame[..., 20, 35] = 1  # right of the middle
    turned = camera.move(frame, CameraSettings(rotate=90.0), 1.0)
    assert (turned[0, 0] == turned[0, 0].max()).nonzero().tolist() == [[5, 20]]  # above the middle


def test_two_half_steps_are_one_step() -> None:
    settings = CameraSettings(zoom=1.3, rotate=10.0)
    frame = smooth_frame()
    twice = camera.move(camera.move(frame, settings, 0.05), settings, 0.05)
    once = camera.move(frame, settings, 0.1)
    assert (twice - once).abs()[..., 4:-4, 4:-4].max() < 1e-3


def test_what_lies_beyond_the_frame_is_reflected() -> None:
    frame = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    shifted = camera.warp(frame, np.array([[1.0, 0, -5], [0, 1, 0]]))
    assert torch.allclose(shifted[..., 5:], frame[..., :-5], atol=2e-5)
    assert torch.allclose(shifted[..., :5], frame[..., 1:6].flip(-1), atol=2e-5)


@pytest.mark.parametrize("zoom", [1.05, 1.4])
def test_three_hundred_slow_frames_keep_detail_and_do_not_ring(zoom: float) -> None:
    """The gain of a wave of 0.1 cycles per pixel (0.2 before the zoom's last octave), frame after frame."""
    width = 256
    x = torch.arange(width, dtype=torch.float64)
    frame = (0.5 + 0.25 * torch.cos(2 * np.pi * 0.2 * (x - (width - 1) / 2))).float().expand(1, 3, 32, width)
    settings, frames = CameraSettings(zoom=zoom), 300
    turns = min(frames, int(np.log(2) / np.log(zoom) * 30))  # at most one octave
    for _ in range(turns):
        frame = camera.move(frame, settings, 1 / 30)
    middle = frame[0, 0, 16, 64:192]
    gain = (middle.max() - middle.min()).item() / 0.5
    assert 0.75 < gain < 1.05


def test_a_photo_zoomed_in_and_out_again_comes_back(photos: Path) -> None:
    frame = fit_frame(load_image(photos / "coffee.png"), (320, 180))
    there = camera.move(frame, CameraSettings(zoom=1.5), 0.1)
    back = camera.move(there, CameraSettings(zoom=1 / 1.5), 0.1)
    assert (back - frame)[..., 10:-10, 10:-10].abs().mean() < 0.01


def test_a_frame_smaller_than_the_filter_still_moves() -> None:
    moved = camera.move(torch.rand(1, 3, 5, 7), CameraSettings(zoom=2.0), 0.5)
    assert moved.shape == (1, 3, 5, 7)
    assert torch.isfinite(moved).all()


def test_a_larger_picture_is_seen_sharper_at_the_same_place() -> None:
    matrix = np.array([[0.25, 0, 30.0], [0, 0.25, 20.0], [0, 0, 1]])
    y, x = torch.meshgrid(torch.arange(240) / 3, torch.arange(360) / 3, indexing="ij")
    large = (0.5 + 0.4 * torch.sin(2.4 * x + 1.1 * y)).expand(1, 3, 240, 360).contiguous()
    small = resize(large, (120, 80))
    sharp, soft = camera.warp_larger(large, matrix, (120, 80)), camera.warp(small, matrix)
    assert sharp.shape == soft.shape == (1, 3, 80, 120)
    ours, theirs = (each[..., 10:-10, 10:-10] for each in (sharp, soft))
    assert torch.corrcoef(torch.stack([ours.flatten(), theirs.flatten()]))[0, 1] > 0.98
    assert ours.std() > 1.1 * theirs.std()


def test_a_larger_picture_that_nothing_enlarges_is_the_frame() -> None:
    large = torch.rand(1, 3, 80, 120, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(camera.warp_larger(large, np.eye(3), (60, 40)), resize(large, (60, 40)), atol=1e-5)


def test_magnification() -> None:
    assert camera.magnification(np.array([[0.5, 0, 3.0], [0, 0.5, 1.0]])) == pytest.approx(2)
    assert camera.magnification(np.eye(3)) == 1
