"""Eases meet both ends exactly and have the values of their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from zoomdream.schedule.easing import EASES, cubic_bezier, steps


@pytest.mark.parametrize("name", [name for name in EASES if name != "hold"])
def test_eases_meet_both_ends_exactly(name: str) -> None:
    assert EASES[name](np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("hold", 0.999, 0),
        ("linear", 0.3, 0.3),
        ("smooth", 0.25, 0.15625),
        ("in-sine", 1 / 3, 1 - 3**0.5 / 2),
        ("out-sine", 1 / 3, 0.5),
        ("in-out-sine", 0.25, (1 - 0.5**0.5) / 2),
        ("in-quad", 0.5, 0.25),
        ("out-quad", 0.5, 0.75),
        ("in-cubic", 0.5, 0.125),
        ("out-cubic", 0.5, 0.875),
        ("in-out-cubic", 0.25, 0.0625),
        ("in-out-cubic", 0.75, 0.9375),
        ("in-expo", 0.5, 31 / 1023),
        ("in-back", 0.5, -0.0876975),
        ("out-back", 0.5, 1.0876975),
        ("out-bounce", 1 / 2.75, 1),
        ("out-bounce", 1.5 / 2.75, 0.75),
        ("in-bounce", 1 - 1.5 / 2.75, 0.25),
        ("in-quart", 0.5, 1 / 16),
        ("out-quint", 0.5, 31 / 32),
        ("in-circ", 0.6, 0.2),
        ("out-elastic", 0.15, 1 + (2**-1.5 - 2**-10) / (1 - 2**-10)),
    ],
)
def test_eases_have_the_values_worked_out_by_hand(name: str, at: float, value: float) -> None:
    assert EASES[name](np.array([at]))[0] == pytest.approx(value, abs=1e-12)


def test_every_family_comes_in_three_directions() -> None:
    families = ("sine", "quad", "cubic", "quart", "quint", "expo", "circ", "back", "bounce", "elastic")
    expected = {f"{direction}-{family}" for direction in ("in", "out", "in-out") for family in families}
    assert set(EASES) == expected | {"hold", "linear", "smooth", "ease", "ease-in", "ease-out", "ease-in-out"}


@pytest.mark.parametrize("name", [name for name in EASES if not name.endswith(("back", "bounce", "elastic"))])
def test_eases_but_those_that_swing_never_turn(name: str) -> None:
    assert (np.diff(EASES[name](np.linspace(0, 1, 1001))) >= 0).all()


@pytest.mark.parametrize("points", [(0.42, 0, 0.58, 1), (0, 1.6, 1, -0.6), (1, 0, 0, 1), (0.25, 0.1, 0.25, 1)])
def test_a_bezier_curve_goes_through_its_own_points(points: tuple[float, float, float, float]) -> None:
    t = np.linspace(0, 1, 101)
    x, y = (3 * (1 - t) ** 2 * t * one + 3 * (1 - t) * t**2 * two + t**3 for one, two in (points[::2], points[1::2]))
    assert cubic_bezier(*points)(x) == pytest.approx(y, abs=2e-5)  # at a slope of infinity as near as x is


@pytest.mark.parametrize(
    ("jump", "stairs"),
    [
        ("end", [0, 0, 0.5, 0.5, 1]),
        ("start", [0.5, 0.5, 1, 1, 1]),
        ("both", [1 / 3, 1 / 3, 2 / 3, 2 / 3, 1]),
        ("none", [0, 0, 1, 1, 1]),
    ],
)
def test_steps_jump_where_css_says(jump: str, stairs: list[float]) -> None:
    assert steps(2, jump)(np.array([0, 0.4, 0.5, 0.9, 1])).tolist() == stairs
