"""Deforum strings whose values are converted: by hand, at every frame, whichever frames are asked for."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.schedule.deforum_corpus import CORPUS
from tests.support.deforum_reference import deforum_values
from zoomdream.errors import SettingError
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.deforum_strings import DeforumTrack
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.expressions.formulas import Bounds
from zoomdream.schedule.expressions.functions import CONVERSION

CLOCK = Clock(Fraction(12), 40)


def converted(text: str, expression: str, start: int = 0, stop: int = 40) -> FloatArray:
    """Values of a converted string."""
    track = DeforumTrack.parse(text, Expression.parse(expression, CONVERSION))
    return track.curve(CLOCK).values(start, stop)[:, 0]


def test_value_is_the_frames_and_next_the_one_that_follows() -> None:
    text = "0:(1), 10:(2), 20:(t)"
    values = DeforumTrack.parse(text).curve(CLOCK).values(0, 40)[:, 0]
    assert np.array_equal(converted(text, "value"), values)
    assert np.array_equal(converted(text, "next"), [*values[1:], values[-1]])
    assert np.array_equal(converted(text, "next - value"), [*np.diff(values), 0])


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (7, 9), (38, 40), (39, 40), (0, 39)])
def test_any_frames_are_the_same(start: int, stop: int) -> None:
    text, expression = "0:(1.02), 5:(1+0.01*sin(t)), 30:(1.1)", "next ** fps + value * frame"
    assert np.array_equal(converted(text, expression, start, stop), converted(text, expression)[start:stop])


def test_a_zoom_a_frame_becomes_one_a_second() -> None:
    strings = [text for _, text in CORPUS if text.count(",") == text.count(":") - 1][:12]
    for text in strings:
        values = deforum_values(text, 40, 0)
        assert converted(text, "value * fps") == pytest.approx(values * 12, rel=1e-12, abs=1e-12)


def test_what_never_changes_stands_still() -> None:
    track = DeforumTrack.parse("0:(1.02)", Expression.parse("next ** fps", CONVERSION))
    assert track.curve(CLOCK).is_still(0, 40)
    assert not DeforumTrack.parse("0:(1.02)", Expression.parse("next * time", CONVERSION)).curve(CLOCK).is_still(0, 40)


def test_values_out_of_range_are_told_with_their_frame() -> None:
    track = DeforumTrack.parse("0:(1), 20:(1), 21:(2)", Expression.parse("next ** fps", CONVERSION))
    with pytest.raises(SettingError, match=r"column 1: the value at frame 20 is 4096: it must be from 0\.01 to 100"):
        track.curve(CLOCK).refuse_outside(Bounds(0.01, 100))
    with pytest.raises(SettingError, match="divides by zero at frame 3"):
        converted("0:(t)", "1 / (next - 4)")
