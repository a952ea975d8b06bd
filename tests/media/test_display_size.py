"""A clip's size on a screen, and clips that are cut short."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Literal

import pytest

from tests.support.clips import X264, pattern, read_film
from zoomdream.errors import TruncatedError
from zoomdream.media import probe
from zoomdream.media.display_size import display_size, open_clip, scaled_size


@pytest.mark.parametrize(
    ("aspect", "size"), [("2", (128, 48)), ("1/2", (32, 48)), ("64/63", (64, 48)), ("1", (64, 48))]
)
def test_pixels_that_are_not_square_are_stretched(tmp_path: Path, aspect: str, size: tuple[int, int]) -> None:
    clip = probe(pattern(tmp_path / "a.mp4", "-vf", f"setsar={aspect}", *X264, seconds=0.3))
    assert clip.sample_aspect == Fraction(aspect)
    assert display_size(clip) == size


@pytest.mark.parametrize(("fit", "size"), [("fill", (160, 120)), ("fit", (80, 60))])
def test_a_clip_is_scaled_to_cover_a_canvas_or_to_fit_into_it(
    tmp_path: Path, fit: Literal["fill", "fit"], size: tuple[int, int]
) -> None:
    assert scaled_size(probe(pattern(tmp_path / "a.mp4", seconds=0.3)), (80, 120), fit) == size


def test_a_clip_cut_short_is_refused_unless_allowed(tmp_path: Path) -> None:
    whole = pattern(tmp_path / "a.mp4", *X264, "-movflags", "+faststart", seconds=6)
    assert open_clip(whole) == open_clip(whole, allow_truncated=True) == probe(whole)
    part = tmp_path / "part.mp4"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(TruncatedError, match=r"part\.mp4: \d+ of 60 frames are there: the file is cut short"):
        open_clip(part)
    clip = open_clip(part, allow_truncated=True)
    assert 20 < clip.frames < 40
    assert clip.duration == Fraction(clip.frames, 10)
    assert len(read_film(clip, allow_truncated=True)) == clip.frames
