"""Tiles cover a frame, in windows that fit, with little work."""

from __future__ import annotations

import pytest
import torch

from zoomdream.objectives import (
    Tiling,
)

SIZES = [(640, 400), (331, 517), (1300, 90)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("offset", [(0, 0), (37, 130), (159, 159)])
@pytest.mark.parametrize("limitations", [(), ("tiles differ",)])
def test_tiles_cover_a_frame_once_within_windows_that_fit(
    size: tuple[int, int], offset: tuple[int, int], limitations: tuple[str, ...]
) -> None:
    tiling = Tiling(160, 48, 16, limitations, least=32)
    covered = torch.zeros(size[1], size[0])
    for (left, top, width, height), (x, y, wide, high) in tiling.tiles(size, offset):
        covered[top : top + height, left : left + width] += 1
        assert x % 16 == y % 16 == 0
        assert 0 <= x <= max(0, left - 48) or x == 0
        assert x + wide == size[0] or x + wide >= left + width + 48
        assert y + high == size[1] or y + high >= top + height + 48
        assert min(wide, high) >= min(32, *size)
        assert wide * high <= tiling.window**2
        assert all(side <= most for side, most in zip((wide, high), tiling.largest_window(size), strict=True))
    assert covered.min() == covered.max() == 1


@pytest.mark.parametrize("size", SIZES)
def test_as_many_tiles_as_the_grid_has_and_no_more_at_any_offset(size: tuple[int, int]) -> None:
    tiling = Tiling(160, 48, 16)
    columns, rows = tiling.grid(size)
    for offset in range(0, 160, 16):
        assert len(list(tiling.tiles(size, (offset, 159 - offset)))) <= columns * rows


def test_the_borders_of_the_grid_move() -> None:
    tiling = Tiling(160, 48, 16)
    borders = {next(iter(tiling.tiles((640, 400), (0, offset))))[0][2] for offset in range(160)}
    assert len(borders) == 3  # half of the margin to either side
    differing = Tiling(160, 48, 16, ("tiles differ",))
    widths = {next(iter(differing.tiles((640, 400), (0, offset))))[0][2] for offset in range(160)}
    assert max(widths) - min(widths) == 64  # all of a tile


@pytest.mark.parametrize(
    ("size", "grid", "work"),
    [
        ((3840, 2160), (3, 1), 1.15),
        ((2743, 1543), (2, 1), 1.105),
        ((1600, 2160), (1, 1), 1),
        ((2160, 3840), (1, 3), 1.15),
    ],
)
def test_a_large_frame_has_the_tiles_with_least_work(size: tuple[int, int], grid: tuple[int, int], work: float) -> None:
    tiling = Tiling(1584, 144, 16)
    assert tiling.holds(size) == (grid == (1, 1))
    if not tiling.holds(size):
        assert tiling.grid(size) == grid
        assert tiling.work(size) == pytest.approx(work, abs=0.001)


@pytest.mark.parametrize(
    ("tiling", "warning"),
    [
        (Tiling(320, 32, 16), "the gradient is put together from tiles of 240x360 pixels with a margin of 32"),
        (
            Tiling(64, 32, 16, ("a", "b")),
            "pixels with a margin of 32, 3.8 times the work of one piece; a; b",
        ),
    ],
)
def test_the_warning_says_what_tiles_cost(tiling: Tiling, warning: str) -> None:
    assert tiling.warning((480, 360)).endswith(warning)
    assert tiling.label == f"tiles of {tiling.side}+32"
