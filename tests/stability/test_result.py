"""Means over seconds, shots and the whole; JSON."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

from tests.support.stability import fake_result


@pytest.mark.parametrize(
    ("count", "fps", "frames"),
    [
        (60, Fraction(25), [25, 25, 10]),
        (50, Fraction(25), [25, 25]),
        (3, Fraction(25), [3]),
        (31, Fraction(30000, 1001), [30, 1]),
        (3, Fraction(1, 2), [1, 1, 1]),
    ],
)
def test_seconds_hold_the_frames_that_begin_in_them(count: int, fps: Fraction, frames: list[int]) -> None:
    rows = fake_result([1] * count, fps).per_second()
    assert [row.frames for row in rows] == frames
    assert sum(row.frames for row in rows) == count
    assert [row.first for row in rows] == [sum(frames[:i]) for i in range(len(frames))]


def test_means_leave_out_what_has_no_value() -> None:
    row = fake_result([1, 2, 3, 4, 5, 6], cuts=(4,)).summary()[-1]
    assert row.normalized_error == pytest.approx((1 + 2 + 3 + 5) / 400)
    assert row.pairs == 4
    assert row.color == (100, 50, 25)
    assert np.isnan(fake_result([1]).summary()[-1].normalized_error)


def test_the_trend_is_the_last_fifth_over_the_second() -> None:
    assert fake_result([9, 9, 1, 3, 5, 5, 5, 5, 4, 8]).summary()[-1].trend == 6 / 2
    assert np.isnan(fake_result([1, 2, 3, 4]).summary()[-1].trend)
    assert np.isnan(fake_result([1, 0, 1, 1, 1]).summary()[-1].trend)


def test_json_holds_every_number_and_says_what_they_are_of() -> None:
    data = json.loads(json.dumps(fake_result([1] * 30, Fraction(30000, 1001), (10,)).to_json(), allow_nan=False))
    assert {
        key: data[key] for key in ("output", "source", "flow", "size", "fps", "start", "frames", "cuts", "warnings")
    } == {
        "output": "out.mp4",
        "source": "clip.mp4",
        "flow": "farneback",
        "size": [96, 64],
        "fps": "30000/1001",
        "start": 0,
        "frames": 30,
        "cuts": [10],
        "warnings": ["a warning"],
    }
    assert data["whole"]["color"] == {"red": 100, "green": 50, "blue": 25}
    assert [shot["name"] for shot in data["shots"]] == ["shot 1", "shot 2"]
    assert [second["name"] for second in data["seconds"]] == ["0:00"]
    assert data["per_frame"]["normalized_error"][9:12] == [0.09, None, 0.11]
    assert all(len(series) == 30 for series in data["per_frame"].values())
