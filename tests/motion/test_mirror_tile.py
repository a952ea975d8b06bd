"""The mirrors that move along with the picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zoomdream.images.frame import Frame
from zoomdream.motion.camera import CameraStep, seen, warp
from zoomdream.motion.mirror_tile import tile_after, tile_for
from zoomdream.motion.projection import Matrix, motion, square
from zoomdream.settings import CameraSettings

SIZE = (96, 64)


def picture() -> Frame:
    random = torch.Generator().manual_seed(0)
    patches = torch.randn(1, 3, 16, 24, generator=random)
    return (0.5 + 0.15 * torch.nn.functional.interpolate(patches, SIZE[::-1], mode="bicubic")).clamp(0.05, 0.95)


def often_moved(frame: Frame, camera: CameraSettings, count: int) -> tuple[Frame, Matrix]:
    """After so many steps, as a film's loop takes them; and the tile."""
    tile: Matrix | None = None
    for _ in range(count):
        matrix = motion(camera, 1 / 15, SIZE)
        tile = tile_for(tile, matrix, SIZE)
        frame = seen(frame, CameraStep(matrix, "mirror-tile", tile))
        tile = tile_after(tile, matrix)
    assert tile is not None
    return frame, tile


@pytest.mark.parametrize(
    "camera", [CameraSettings(zoom=0.6), CameraSettings(pan=(0.3, 0.1)), CameraSettings(zoom=0.7, pan=(0, -0.2))]
)
def test_many_small_steps_show_what_one_large_step_reflects(camera: CameraSettings) -> None:
    """The mirror images are those of the first picture, though only a rim of it was seen at a time."""
    frame, step = picture(), square(motion(camera, 1 / 15, SIZE))
    at_once = warp(frame, np.linalg.matrix_power(step, 15), "reflect")
    moved, _ = often_moved(frame, camera, 15)
    assert (moved - at_once).abs().mean() < 0.012
    stripes = frame
    for _ in range(15):
        stripes = seen(stripes, CameraStep(motion(camera, 1 / 15, SIZE), "reflect"))
    assert (moved - at_once).abs().mean() < 0.3 * (stripes - at_once).abs().mean()


def test_the_frame_becomes_the_tile_where_the_tile_is_small() -> None:
    tile = np.array([[2.45, 0, -70], [0, 2.45, -46], [0, 0, 1]])
    zoom = motion(CameraSettings(zoom=0.9), 1 / 15, SIZE)
    assert np.array_equal(tile_for(tile, zoom, SIZE), tile)
    assert np.array_equal(tile_for(tile_after(tile, motion(CameraSettings(zoom=0.9), 1, SIZE)), zoom, SIZE), np.eye(3))


def test_the_frame_becomes_the_tile_where_its_images_have_left_the_frame() -> None:
    pan = motion(CameraSettings(pan=(0.5, 0)), 1 / 15, SIZE)
    near, far = (np.array([[1.0, 0, shift], [0, 1, 0], [0, 0, 1]]) for shift in (30, 60))
    assert np.array_equal(tile_for(near, pan, SIZE), near)
    assert np.array_equal(tile_for(far, pan, SIZE), np.eye(3))


def test_the_tile_stays_where_only_a_sliver_is_not_found_in_it() -> None:
    """The camera looks beyond the frame to the left, where a mirror is, and a little below, where there is none."""
    tile = np.array([[1.0, 0, -20], [0, 0.5, 15], [0, 0, 1]])
    little, much = (motion(CameraSettings(pan=(-0.5, down)), 1 / 15, SIZE) for down in (0.05, 3.0))
    assert np.array_equal(tile_for(tile, little, SIZE), tile)
    assert np.array_equal(tile_for(tile, much, SIZE), np.eye(3))


def test_a_camera_that_sees_nothing_beyond_keeps_the_tile() -> None:
    tile = np.array([[1.0, 0, 60], [0, 1, 0], [0, 0, 1]])
    assert np.array_equal(tile_for(tile, motion(CameraSettings(zoom=1.5), 1 / 15, SIZE), SIZE), tile)


def test_a_tile_follows_the_camera() -> None:
    """Its matrix leads from a pixel to the first frame's, however many steps have been taken."""
    camera = CameraSettings(zoom=1.4, rotate=4, yaw=3)
    _, tile = often_moved(picture(), camera, 6)
    expected = np.linalg.matrix_power(motion(camera, 1 / 15, SIZE), 6)
    assert tile == pytest.approx(expected / expected[2, 2])
