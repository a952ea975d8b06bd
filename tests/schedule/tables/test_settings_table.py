"""A section's settings as values of many frames."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.schedules import CLOCK, track
from zoomdream.errors import UnknownNameError
from zoomdream.schedule.tables.settings_table import SettingsTable
from zoomdream.settings import DreamSettings


def test_values_are_those_of_the_rows() -> None:
    values = {"steps": track(("0s", 4), ("1s", 6)), "step_size": 0.5, "octave_scale": track(("0s", 9, "in-back"))}
    table = SettingsTable(DreamSettings, values, CLOCK)
    rows = [table.row(k) for k in range(CLOCK.frames)]
    for name in table.names:
        of_rows = np.array([getattr(row, name) for row in rows])
        assert np.array_equal(np.broadcast_to(table.values(name, 0, 21), of_rows.shape), of_rows), name
    assert table.values("steps", 3, 5).tolist() == [5, 5]
    assert table.values("steps", 15, 20).tolist() == [6]
    assert table.values("jitter", 0, 21).tolist() == [32]


def test_a_setting_that_does_not_exist_has_no_values() -> None:
    with pytest.raises(UnknownNameError, match="did you mean steps"):
        SettingsTable(DreamSettings, {}, CLOCK).values("stps", 0, 1)
