"""Tiles cover a frame."""

from __future__ import annotations

import pytest
import torch

from zoomdream.objectives import (
    Tiling,
)


@pytest.mark.parametrize("size", [(640, 400), (331, 517)])
@pytest.mark.parametrize("offset", [(0, 0), (37, 130)])
def test_tiles_cover_a_frame_once_within_windows_that_fit(size: tuple[int, int], offset: tuple[int, int]) -> None:
    tiling = Tiling(side=160, margin=48, stride=16)
    covered = torch.zeros(size[1], size[0])
    for (left, top, width, height), (x, y, wide, high) in tiling.tiles(size, offset):
        covered[top : top + height, left : left + width] += 1
        assert x % 16 == y % 16 == 0
        assert 0 <= x <= max(0, left - 48) or x == 0
        assert x + wide == size[0] or x + wide >= left + width + 48
        assert y + high == size[1] or y + high >= top + height + 48
        assert min(wide, high) >= min(tiling.window, *size)
    assert covered.min() == covered.max() == 1


@pytest.mark.parametrize(
    ("tiling", "warning"),
    [
        (Tiling(320, 32, 16), "the gradient is put together from tiles of 320 pixels with a margin of 32"),
        (Tiling(64, 32, 16, ("a", "b")), "tiles of 64 pixels with a margin of 32, 4 times the work of one piece; a; b"),
    ],
)
def test_the_warning_says_what_tiles_cost(tiling: Tiling, warning: str) -> None:
    assert tiling.warning.endswith(warning)
    assert tiling.label == f"tiles of {tiling.side}+32"
