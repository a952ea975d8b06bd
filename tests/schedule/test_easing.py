"""Eases meet both ends exactly and have the values of their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from zoomdream.schedule.easing import EASES


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
    ],
)
def test_eases_have_the_values_worked_out_by_hand(name: str, at: float, value: float) -> None:
    assert EASES[name](np.array([at]))[0] == pytest.approx(value, abs=1e-12)


def test_every_family_comes_in_three_directions() -> None:
    families = ("sine", "quad", "cubic", "expo", "back", "bounce")
    expected = {f"{direction}-{family}" for direction in ("in", "out", "in-out") for family in families}
    assert set(EASES) == expected | {"hold", "linear", "smooth"}


@pytest.mark.parametrize("name", [name for name in EASES if not name.endswith(("back", "bounce"))])
def test_eases_but_back_and_bounce_never_turn(name: str) -> None:
    assert (np.diff(EASES[name](np.linspace(0, 1, 1001))) >= 0).all()
