"""A curve computes the same numbers for any choice of frames."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.row_loops import table_of
from zoomdream.schedule.curve import Curve, Knot, Rows
from zoomdream.schedule.easing import EASES


@st.composite
def knots(draw: st.DrawFn) -> list[Knot]:
    places = draw(st.lists(st.fractions(0, 700, max_denominator=1001), min_size=1, max_size=5, unique=True))
    count = draw(st.integers(1, 3))
    numbers = st.floats(-100, 100)
    return [
        Knot(at, tuple(draw(st.lists(numbers, min_size=count, max_size=count))), draw(st.sampled_from(list(EASES))))
        for at in sorted(places)
    ]


@given(knots(), st.integers(1, 600), st.data())
def test_any_frames_are_those_of_the_whole_table(knots: list[Knot], frames: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, frames - 1))
    stop = data.draw(st.integers(start + 1, frames))
    whole = table_of([(knot.at, knot.value, knot.ease) for knot in knots], frames)
    curve = Curve(knots, frames)
    assert np.array_equal(curve.values(start, stop), whole[start:stop])
    if curve.is_still(start, stop):
        assert (whole[start:stop] == whole[start]).all()
    rows = Rows(curve.values, frames)
    assert [rows[k] for k in (start, frames - 1)] == [whole[start].tolist(), whole[-1].tolist()]


@pytest.mark.parametrize("ease", EASES)
def test_a_frame_alone_is_exactly_what_it_is_among_others(ease: str) -> None:
    curve = Curve([Knot(Fraction(1, 3), (0.0,), ease), Knot(Fraction(2000, 7), (1.7,), "hold")], 400)
    whole = curve.values(0, 400)
    assert np.array_equal(np.concatenate([curve.values(k, k + 1) for k in range(400)]), whole)


def test_only_what_moves_is_computed() -> None:
    curve = Curve([Knot(Fraction(at), value, "linear") for at, value in ((2, (1.0, 3.0)), (6, (1.0, 5.0)))], 9)
    assert [(segment.start, segment.stop, segment.changing.tolist()) for segment in curve.segments] == [
        (0, 2, []),
        (2, 6, [1]),
        (6, 9, []),
    ]
    assert curve.is_still(6, 9)
    assert not curve.is_still(1, 3)


def test_rows_are_computed_in_blocks_and_a_block_once() -> None:
    asked: list[tuple[int, int]] = []

    def squares(start: int, stop: int) -> np.ndarray:
        asked.append((start, stop))
        return np.arange(start, stop) ** 2

    rows = Rows(squares, 300)
    assert [rows[k] for k in (0, 1, 255, 256, 299)] == [0, 1, 255**2, 256**2, 299**2]
    assert asked == [(0, 256), (256, 300)]
