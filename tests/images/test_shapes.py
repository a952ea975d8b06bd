"""Shapes against a twin that looks at many points of every pixel, and soft edges against a Gaussian."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from zoomdream.images.shapes import draw_shape, soften

SIZE = (48, 27)
POINTS = 16
PLACES = st.floats(-0.3, 1.3)
LENGTHS = st.floats(0.05, 1.2)


def by_points(shape: str, numbers: tuple[float, ...], size: tuple[int, int]) -> NDArray[np.float64]:
    """The share of each pixel's points that lie in a shape."""
    width, height = size
    picture = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            y, x = (np.indices((POINTS, POINTS)) + 0.5) / POINTS
            x, y = (column + x) / width - numbers[0], (row + y) / height - numbers[1]
            if shape == "circle":
                inside = np.hypot(x, y * height / width) <= numbers[2]
            elif shape == "ellipse":
                inside = (x / numbers[2]) ** 2 + (y / numbers[3]) ** 2 <= 1
            else:
                inside = (abs(x) <= numbers[2] / 2) & (abs(y) <= numbers[3] / 2)
            picture[row, column] = inside.mean()
    return picture


@pytest.mark.parametrize(
    ("shape", "numbers", "tolerance"),
    [
        ("circle", (0.5, 0.5, 0.3), 0.11),
        ("circle", (0.02, 0.9, 0.21), 0.11),
        ("ellipse", (0.4, 0.5, 0.3, 0.2), 0.2),
        ("ellipse", (0.9, 0.1, 0.5, 0.9), 0.2),
        ("box", (0.37, 0.61, 0.4, 0.313), 0.05),
        ("box", (1.2, 0.5, 0.6, 3), 0.05),
    ],
)
def test_shapes_cover_what_their_points_do(shape: str, numbers: tuple[float, ...], tolerance: float) -> None:
    assert np.abs(draw_shape(shape, numbers, SIZE) - by_points(shape, numbers, SIZE)).max() < tolerance


@given(PLACES, PLACES, LENGTHS)
def test_a_circle_is_an_ellipse_of_the_frames_shape(x: float, y: float, radius: float) -> None:
    ellipse = draw_shape("ellipse", (x, y, radius, radius * SIZE[0] / SIZE[1]), SIZE)
    assert np.allclose(draw_shape("circle", (x, y, radius), SIZE), ellipse, atol=1e-4)


@pytest.mark.parametrize(
    "numbers", [("circle", (0.5, 0.5, 0)), ("ellipse", (0.5, 0.5, 0, 1)), ("box", (0.5, 0.5, 0, 1))]
)
def test_without_an_extent_there_is_nothing(numbers: tuple[str, tuple[float, ...]]) -> None:
    assert not draw_shape(*numbers, SIZE).any()


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="'star'"):
        draw_shape("star", (0.5, 0.5, 0.1), SIZE)


@pytest.mark.parametrize("feather", [0.01, 0.05, 0.2])
def test_a_soft_edge_is_nearly_a_gaussians(feather: float) -> None:
    hard = draw_shape("box", (0.5, 0.5, 0.5, 0.6), (320, 180))
    wide = cv2.copyMakeBorder(hard, 200, 200, 200, 200, cv2.BORDER_REPLICATE)
    gaussian = cv2.GaussianBlur(wide, (0, 0), feather * 320 / 4)[200:-200, 200:-200]
    assert np.abs(soften(hard, feather) - gaussian).max() < 0.04


def test_a_soft_edge_looks_alike_at_any_size() -> None:
    small, large = (soften(draw_shape("circle", (0.4, 0.5, 0.2), (w, w // 2)), 0.1) for w in (160, 640))
    assert np.abs(cv2.resize(large, (160, 80), interpolation=cv2.INTER_AREA) - small).max() < 0.03


def test_no_feather_changes_nothing_and_what_reaches_the_border_stays_whole() -> None:
    hard = draw_shape("box", (0.5, 1, 3, 1), SIZE)
    assert soften(hard, 0) is hard
    assert np.allclose(soften(hard, 0.1)[-1], 1)
    assert np.allclose(soften(np.ones_like(hard), 1), 1)
