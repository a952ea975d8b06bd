"""Eases are known by the names of CSS, manim and Blender, too."""

from __future__ import annotations

import numpy as np
import pytest

from zoomdream.errors import SettingError
from zoomdream.schedule.ease_names import ease_name, ease_of
from zoomdream.schedule.easing import EASES, cubic_bezier


@pytest.mark.parametrize("name", EASES)
def test_a_name_of_ours_stays(name: str) -> None:
    assert ease_name(name) == name
    assert ease_of(name) is EASES[name]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("easeInOutSine", "in-out-sine"),
        ("ease_out_bounce", "out-bounce"),
        ("ease-in-quad", "in-quad"),
        ("easeInOut", "ease-in-out"),
        ("EASE_IN_OUT", "ease-in-out"),
        ("SINE", "in-sine"),
        ("BACK", "out-back"),
        ("CONSTANT", "hold"),
        ("BEZIER", "smooth"),
        ("step-end", "hold"),
        ("step-start", "steps(1, start)"),
        ("steps(4,jump-start)", "steps(4, start)"),
        ("steps( 4 )", "steps(4)"),
        ("cubicBezier(.4,0,0.2,1)", "cubic-bezier(.4, 0, 0.2, 1)"),
    ],
)
def test_other_programs_names_are_understood(written: str, name: str) -> None:
    assert ease_name(written) == name
    assert ease_name(name) == name
    progress = np.linspace(0, 1, 7)
    assert np.array_equal(ease_of(written)(progress), ease_of(name)(progress))


def test_an_ease_with_numbers_is_that_curve() -> None:
    progress = np.linspace(0, 1, 7)
    expected = cubic_bezier(0.4, 0, 0.2, 1)(progress)
    assert np.array_equal(ease_of("cubic-bezier(0.4, 0, 0.2, 1)")(progress), expected)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("in-sin", "'in-sin' is no ease; did you mean in-sine or"),
        ("cubic-bezier(0.4", "'cubic-bezier(0.4' ends at a comma: put it in quotes"),
        ("cubic-bezier(1, 2, 3)", "cubic-bezier takes four numbers"),
        ("cubic-bezier(2, 0, 0, 1)", "the first and the third number of cubic-bezier are from 0 to 1"),
        ("cubic-bezier(0, 0, 1, 1000)", "the numbers of cubic-bezier are from -100 to 100"),
        ("steps(0)", "write steps(4), or steps(4, start) with start, end, both or none"),
        ("steps(1, none)", "write steps(4), or steps(4, start)"),
        ("steps(2, now)", "write steps(4), or steps(4, start)"),
    ],
)
def test_what_is_no_ease_is_refused(written: str, message: str) -> None:
    with pytest.raises(SettingError) as caught:
        ease_name(written)
    assert message in str(caught.value)
