"""The kaleidoscope."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from zoomdream.images.frame import Frame
from zoomdream.motion.camera import CameraStep, seen
from zoomdream.motion.mirrors import Mirrors, mirrored, mirrored_change
from zoomdream.motion.positions import seen_positions
from zoomdream.motion.projection import motion, tilted, turned
from zoomdream.settings import CameraSettings

SIDE = 65  # the middle is the pixel (32, 32)


def picture(width: int = SIDE, height: int = SIDE) -> Frame:
    random = torch.Generator().manual_seed(0)
    patches = torch.randn(1, 3, height // 5, width // 5, generator=random)
    smooth = torch.nn.functional.interpolate(patches, (height, width), mode="bicubic", align_corners=True)
    return (0.5 + 0.15 * smooth).clamp(0.05, 0.95)


def upright(count: int, first: float = -90.0) -> Mirrors:
    return Mirrors(count, first, (0.5, 0.5), np.eye(3))


def within(frame: Frame, margin: float = 2.0) -> torch.Tensor:
    """Which pixels lie in the circle that no edge of the frame cuts."""
    y, x = torch.meshgrid(torch.arange(SIDE) - 32.0, torch.arange(SIDE) - 32.0, indexing="ij")
    return torch.hypot(x, y) < 32 - margin


def test_two_mirrors_repeat_a_quarter() -> None:
    """By whole pixels: no value changes."""
    frame = picture()
    seen_in = mirrored(frame, upright(2))
    assert torch.allclose(seen_in, seen_in.flip(-1), atol=2e-5)
    assert torch.allclose(seen_in, seen_in.flip(-2), atol=2e-5)
    quarter = (slice(33, None), slice(33, None)), (slice(0, 32), slice(33, None))
    assert any(torch.equal(seen_in[..., rows, columns], frame[..., rows, columns]) for rows, columns in quarter)


@pytest.mark.parametrize(("first", "flip"), [(90, -1), (180, -2)])
def test_one_mirror_repeats_the_left_or_the_upper_half(first: float, flip: int) -> None:
    frame = picture()
    seen_in = mirrored(frame, upright(1, first))
    assert torch.allclose(seen_in, seen_in.flip(flip), atol=2e-5)
    half = frame[..., :32] if flip == -1 else frame[..., :32, :]
    assert torch.equal(seen_in[..., :32] if flip == -1 else seen_in[..., :32, :], half)


def folded_by_hand(frame: Frame, count: int, x: int, y: int) -> list[float]:
    """Reflect a pixel in one mirror after the other until it lies in a sector that keeps its pixels; nearest pixel."""
    angle, radius = math.degrees(math.atan2(y - 32, x - 32)), math.hypot(x - 32, y - 32)
    sector = 180 / count
    shown = math.floor((0 - -90) / sector)  # the sector that begins at or before the right
    start = -90 + shown * sector
    for _ in range(4 * count):
        angle = (angle + 180) % 360 - 180
        if start <= angle <= start + sector:
            break
        mirror = start + sector if 0 < (angle - start) % 360 <= 180 else start
        angle = 2 * mirror - angle
    else:
        raise AssertionError("no sector")
    at = 32 + radius * math.cos(math.radians(angle)), 32 + radius * math.sin(math.radians(angle))
    return [float(value) for value in frame[0, :, round(at[1]), round(at[0])]]


@pytest.mark.parametrize("count", [3, 4, 6])
def test_every_sector_is_the_one_that_is_shown(count: int) -> None:
    """Against folding by hand, pixel by pixel."""
    frame = picture() * 0.2 + 0.4
    seen_in = mirrored(frame, upright(count))
    circle = within(frame, 4)
    places = [(x, y) for y in range(0, SIDE, 7) for x in range(0, SIDE, 7) if circle[y, x] and (x, y) != (32, 32)]
    expected = torch.tensor([folded_by_hand(frame, count, x, y) for x, y in places]).T
    ours = torch.stack([seen_in[0, :, y, x] for x, y in places], 1)
    assert (ours - expected).abs().max() < 0.03  # half a pixel of a smooth picture


@pytest.mark.parametrize("count", [2, 3, 6, 9])
def test_a_picture_in_mirrors_stays_as_it_is_in_them(count: int) -> None:
    once = mirrored(picture(), upright(count))
    again = mirrored(once, upright(count))
    assert (again - once).abs()[..., within(once)].mean() < 0.002  # a spline rounds off the edges of the mirrors


@pytest.mark.parametrize("count", [5, 6])
def test_a_film_in_mirrors_that_zooms_and_turns_flows_nowhere(count: int) -> None:
    """After a second the mirrors, which turn with the picture, change no more than the resampling does."""
    camera, frame = CameraSettings(zoom=1.2, rotate=50), mirrored(picture(), upright(count))
    for _ in range(15):
        frame = seen(frame, CameraStep(motion(camera, 1 / 15, (SIDE, SIDE))))
    view = turned(50, (0.5, 0.5), (SIDE, SIDE))
    with_picture = mirrored(frame, Mirrors(count, -90, (0.5, 0.5), view))
    standing = mirrored(frame, upright(count))
    inside = within(frame, 4)
    assert (with_picture - frame).abs()[..., inside].mean() < 0.003
    assert (standing - frame).abs()[..., inside].mean() > 10 * (with_picture - frame).abs()[..., inside].mean()


def test_mirrors_lean_with_the_camera() -> None:
    """Seen at an angle, a picture in mirrors is in the mirrors that are seen at that angle."""
    view = tilted((12, -9), 60, (SIDE, SIDE))
    leaning = seen(mirrored(picture(), upright(6)), CameraStep(view))
    again = mirrored(leaning, Mirrors(6, -90, (0.5, 0.5), view))
    x, y = seen_positions(leaning, view)
    near = torch.hypot(x - 32, y - 32) < 22
    assert near.sum() > 1000
    assert (again - leaning).abs()[..., near].mean() < 0.006
    assert (mirrored(leaning, upright(6)) - leaning).abs()[..., near].mean() > 0.03


def test_the_longer_side_is_shown() -> None:
    """A landscape's sector lies along its right half, a portrait's along its upper one."""
    wide, high = picture(130, 65), picture(65, 130)
    assert torch.equal(mirrored(wide, upright(6))[..., 34, 100:], wide[..., 34, 100:])
    assert torch.equal(mirrored(high, upright(6))[..., :30, 33], high[..., :30, 33])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_change_is_seen_in_the_same_mirrors(count: int) -> None:
    before, after = picture() * 0.5, picture().flip(-1).flip(-2) * 0.5
    mirrors = upright(count)
    change = mirrored_change(after - before, mirrors)
    expected = mirrored(after, mirrors) - mirrored(before, mirrors)
    assert (change - expected).abs()[..., within(change)].max() < 0.01
