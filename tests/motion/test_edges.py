"""What lies beyond a frame's edges."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zoomdream.images.frame import Frame
from zoomdream.images.sampling.resample import sample
from zoomdream.motion.camera import CameraStep, move, move_change, seen, seen_change, warp
from zoomdream.settings import Border, CameraSettings

BORDERS: tuple[Border, ...] = ("continue", "reflect", "wrap", "replicate", "mirror-tile")


def picture(width: int = 40, height: int = 32) -> Frame:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(4))


def continued(frame: Frame, border: Border, reach: int) -> Frame:
    """The frame with so many pixels around it, as NumPy pads it."""
    modes = {"wrap": "wrap", "replicate": "edge"}
    pad = ((0, 0), (0, 0), (reach, reach), (reach, reach))
    return torch.from_numpy(np.pad(frame.numpy(), pad, modes.get(border, "reflect")))  # type: ignore[call-overload]


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("matrix", [[[1, 0, 12.3], [0, 1, -9.6]], [[1.3, 0.1, -8.2], [-0.1, 1.2, 2.5]]])
def test_what_is_seen_beyond_is_a_larger_pictures_inside(border: Border, matrix: list[list[float]]) -> None:
    """Away from the edges of pixels that are only repeated, where a spline of more pixels has another shape."""
    frame = picture()
    wide = continued(frame, border, 30)
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(40.0), indexing="ij")
    (a, b, c), (d, e, f) = matrix
    expected = sample(wide, a * x + b * y + c + 30, d * x + e * y + f + 30)
    difference = (warp(frame, np.array(matrix), border) - expected).abs()
    assert (difference.mean() if border == "replicate" else difference.max()) < (
        0.02 if border == "replicate" else 1e-4
    )


def test_replicated_pixels_are_the_outermost_ones() -> None:
    frame = picture()
    moved = warp(frame, np.array([[1.0, 0, 10], [0, 1, 0]]), "replicate")
    assert torch.allclose(moved[..., -10:], frame[..., -1:].expand(1, 3, 32, 10), atol=2e-5)


def test_a_pan_around_a_wrapped_picture_comes_back() -> None:
    """In steps that are no whole pixels; what a spline loses of white noise in 32 steps is lost anywhere alike."""
    frame = picture() * 0.2 + 0.4
    smooth = torch.nn.functional.avg_pool2d(torch.nn.functional.pad(frame, (2, 2, 2, 2), mode="circular"), 5, 1)
    moved = smooth
    for _ in range(32):
        moved = move(moved, CameraSettings(pan=(1, 0), border="wrap"), 1 / 32)
    assert (moved - smooth).abs().max() < 0.015
    assert (moved - smooth).abs()[..., :3].mean() < 2 * (moved - smooth).abs().mean() + 1e-4


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(
    "camera",
    [{"zoom": 0.5, "rotate": 30}, {"yaw": 50.0, "pitch": -20.0}, {"flip_gamma": 40.0, "pan": (0.3, 0)}],
    ids=["in the plane", "in depth", "flip"],
)
def test_a_change_moves_as_the_frame_does(border: Border, camera: dict[str, object]) -> None:
    x, y = torch.arange(64.0), torch.arange(48.0)[:, None]
    before = (0.5 + 0.2 * torch.sin(0.3 * x + 0.2 * y)).expand(1, 3, 48, 64).contiguous()
    after = before.flip(-1)
    settings = CameraSettings.model_validate({**camera, "border": border})
    change = move_change(after - before, settings, 0.3)
    expected = move(after, settings, 0.3) - move(before, settings, 0.3)
    assert (change - expected).abs().mean() < 0.02 * expected.abs().mean()


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("size", [(1, 1), (5, 7), (40, 3)])
def test_frames_of_any_size_have_any_border(border: Border, size: tuple[int, int]) -> None:
    frame = picture(*size)
    step = CameraStep(np.array([[1.4, 0.2, -3], [-0.1, 1.2, 2], [0.001, -0.01, 1]]), border)
    for moved in (seen(frame, step, np.random.default_rng(1)), seen_change(frame, step)):
        assert moved.shape == frame.shape
        assert torch.isfinite(moved).all()


def test_what_lies_behind_the_camera_is_no_error() -> None:
    moved = move(picture(), CameraSettings(yaw=170), 1, np.random.default_rng(0))
    assert torch.isfinite(moved).all()
    assert 0 <= moved.min() <= moved.max() <= 1
