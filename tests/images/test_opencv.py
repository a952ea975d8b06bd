"""What OpenCV computes on a CPU equals what PyTorch computes on other devices, on any number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
import torch

from tests.support.threads import differing_threads
from zoomdream.dreaming.gradient_shaping import color_and_smooth, unit_step
from zoomdream.images import filters
from zoomdream.images.colors import color
from zoomdream.images.frame import Frame, size_of, to_uint8
from zoomdream.images.interleaved import frame_of, opencv_computes, opencv_samples, pixels_of, planes_of
from zoomdream.images.sampling import resample
from zoomdream.motion import camera
from zoomdream.motion.mirrors import Mirrors, mirrored
from zoomdream.motion.projection import motion
from zoomdream.motion.projection import turned as turned_view
from zoomdream.settings import CameraSettings, DreamSettings

SIZES = [(1, 1), (1, 7), (9, 2), (31, 20), (200, 130)]
"""(width, height): frames smaller than every kernel, and one of several strips."""

Operation = Callable[[Frame], Frame]


def random_frame(size: tuple[int, int]) -> Frame:
    return torch.rand(1, 3, size[1], size[0], generator=torch.Generator().manual_seed(2))


def turned(frame: Frame) -> Frame:
    return camera.warp(frame, motion(CameraSettings(zoom=1.3, rotate=40), 0.1, (160, 100)))


def zoomed(frame: Frame) -> Frame:
    return camera.warp(frame, motion(CameraSettings(zoom=0.4), 1.0, (160, 100)))


def far_beyond(frame: Frame) -> Frame:
    return camera.warp(frame, np.array([[1.0, 0, -4000.25], [0, 1, 700.5]]))


def in_depth(frame: Frame) -> Frame:
    return camera.warp(frame, motion(CameraSettings(yaw=20, pitch=5, flip_phi=9), 1.0, size_of(frame)))


def wrapped(frame: Frame) -> Frame:
    return camera.warp(frame, np.array([[1.1, 0.2, -40.25], [0, 1, 70.5]]), "wrap")


def kaleidoscopic(frame: Frame) -> Frame:
    return mirrored(frame, Mirrors(5, -90, (0.5, 0.5), turned_view(33, (0.5, 0.5), size_of(frame))))


def cohered(frame: Frame) -> Frame:
    mean, std = torch.tensor([50.0, 10, -20]).view(1, 3, 1, 1), torch.tensor([20.0, 10, 15]).view(1, 3, 1, 1)
    return color.cohere(frame, color.Palette(mean, std), 0.2)


OPERATIONS: dict[str, tuple[Operation, float]] = {
    "blurred": (lambda frame: filters.blur(frame, 1.7), 1e-6),
    "prefiltered": (lambda frame: filters.separable(frame, np.array([1.7, -0.4, 0.05])), 3e-6),
    "mean of blurs": (lambda frame: filters.mean_of_blurs(frame, (0.4, 0.8, 1.6)), 1e-6),
    "mean of blurs of other colors": (lambda frame: filters.mean_of_blurs(frame, (0.4, 0.8), color.NATURAL), 1e-6),
    "resized": (lambda frame: resample.resize(frame, (17, 23)), 1e-6),
    "rolled": (lambda frame: resample.roll(frame, 5, -11), 0),
    "natural": (lambda frame: color.natural_gradient(frame - 0.5, 0.7), 1e-6),
    "one length": (lambda frame: unit_step(frame - 0.5, 0.5), 3e-6),
    "shaped": (lambda frame: color_and_smooth(frame - 0.5, DreamSettings(smoothing=0.5), 1.0), 1e-6),
    "cohered": (cohered, 1e-5),
    "turned": (turned, 2e-4),  # positions are rounded to 1e-5 pixels by both
    "zoomed": (zoomed, 2e-4),
    "in depth": (in_depth, 2e-4),
    "wrapped": (wrapped, 2e-4),
    "kaleidoscopic": (kaleidoscopic, 2e-4),
    "far beyond": (far_beyond, 1e-2),  # and so far out to 2e-4
}


@contextmanager
def by_pytorch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within the block nothing is computed by OpenCV."""
    with monkeypatch.context() as patch:
        for module in (
            "images.colors.color",
            "images.filters",
            "images.sampling.resample",
            "dreaming.gradient_shaping",
        ):
            patch.setattr(f"zoomdream.{module}.opencv_computes", lambda frame: False)
        patch.setattr("zoomdream.images.sampling.resample.opencv_samples", lambda frame, shape: False)
        yield


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_opencv_computes_what_pytorch_computes(
    name: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, tolerance = OPERATIONS[name]
    if size == (1, 1):  # the spread of one color is a rounding error, which `cohere` multiplies by thousands
        tolerance = max(tolerance, 1e-3)
    frame = random_frame(size)
    fast = operation(frame)
    with by_pytorch(monkeypatch):
        slow = operation(frame)
    assert fast.shape == slow.shape
    assert torch.allclose(fast, slow, rtol=tolerance, atol=tolerance)
    assert torch.equal(frame, random_frame(size)), "the frame itself has changed"


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_order_in_memory_changes_nothing(name: str) -> None:
    operation, _ = OPERATIONS[name]
    frame = random_frame((200, 130))
    assert torch.equal(operation(frame), operation(frame.contiguous(memory_format=torch.channels_last)))
    assert torch.equal(operation(frame), operation(frame.transpose(2, 3).contiguous().transpose(2, 3)))


def test_threads_change_no_bits() -> None:
    frame = random_frame((300, 200))
    assert not differing_threads(lambda: [operation(frame) for operation, _ in OPERATIONS.values()], (1, 2, 4))


def test_strips_are_smoothed_without_seams() -> None:
    frame = random_frame((400, 500))
    whole = (filters.blur(frame, 0.8) + filters.blur(frame, 3)) / 2
    assert torch.allclose(filters.mean_of_blurs(frame, (0.8, 3)), whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_a_palette_equals_that_of_the_formula(size: tuple[int, int]) -> None:
    frame = random_frame(size)
    lab, own = color.to_lab(frame).double(), color.palette_of(frame)
    assert torch.allclose(own.mean.double(), lab.mean((2, 3), keepdim=True), atol=1e-3)
    assert torch.allclose(own.std.double(), lab.std((2, 3), correction=0, keepdim=True), atol=1e-3)


def test_colors_from_black_to_white_and_beyond_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parts of each curve, and values outside of [0, 1]."""
    for ramp in (torch.linspace(-0.1, 1.1, 600), torch.logspace(-12, 0, 600)):
        frame = torch.stack([ramp.roll(199 * k) for k in range(3)]).view(1, 3, 20, 30)
        fast = cohered(frame)
        with by_pytorch(monkeypatch):
            slow = cohered(frame)
        assert torch.allclose(fast, slow, atol=1e-5)
        assert 0 <= fast.min() <= fast.max() <= 1


@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_levels_are_rounded_to_nearest_as_pytorch_rounds(order: torch.memory_format) -> None:
    halves = (torch.arange(256) + 0.5) / 255
    values = torch.cat([halves, halves.nextafter(torch.tensor(2.0)), torch.linspace(-1, 2, 88), torch.rand(600)])
    frame = values.view(1, 3, 20, -1).contiguous(memory_format=order)
    expected = frame[0].clamp(0, 1).mul(255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    assert np.array_equal(to_uint8(frame), expected)
    assert to_uint8(frame).flags.c_contiguous


def test_positions_of_remap_are_not_rounded() -> None:
    """OpenCV before 5.0 rounds them to 1/32 pixel, and is not used then."""
    ramp = np.arange(8, dtype=np.float32)[None].repeat(4, 0)
    place = np.full((1, 1), 2.51, np.float32)
    is_exact = abs(cv2.remap(ramp, place, place * 0 + 1, cv2.INTER_LINEAR)[0, 0] - 2.51) < 1e-6
    assert opencv_samples(random_frame((8, 8)), (8, 8)) == is_exact


def test_opencv_is_for_frames_on_a_cpu_that_it_can_count() -> None:
    frame = random_frame((8, 6))
    assert opencv_computes(frame)
    assert not opencv_computes(frame.double())
    assert not opencv_computes(frame.to("meta"))
    assert not opencv_computes(frame.clone().requires_grad_())
    assert not opencv_samples(torch.zeros(1, 3, 1, 40_000), (1, 40_000))
    assert not opencv_samples(frame, (1, 40_000))


def test_a_strip_of_40_000_pixels_is_sampled() -> None:
    strip = torch.rand(1, 3, 1, 40_000, generator=torch.Generator().manual_seed(0))
    x, y = torch.arange(40_000.0)[None], torch.zeros(1, 1)
    assert torch.allclose(resample.sample(strip, x, y), strip, atol=2e-2)  # float32 positions in [-1, 1]


def test_interleaved_frames_share_memory() -> None:
    frame = random_frame((8, 6)).contiguous(memory_format=torch.channels_last)
    pixels = pixels_of(frame)
    pixels[2, 3, 1] = 7
    assert frame[0, 1, 2, 3] == 7
    assert frame_of(pixels).data_ptr() == frame.data_ptr()
    assert torch.equal(planes_of(frame), frame)
    assert planes_of(frame).is_contiguous()
