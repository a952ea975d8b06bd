"""The model of many workers, by arithmetic, and a real run of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import scale
from benchmarks.scale import Costs, feature, forecast

COSTS = Costs(start=4, task=1, frame=0.5, first_frame=2, cuts=0.01, encode=0.02, frame_bytes=1e6)


def test_workers_take_the_longest_shot_that_is_left() -> None:
    assert COSTS.shot(11) == 8
    one, two = (forecast([11, 11, 5, 5], workers, COSTS) for workers in (1, 2))
    assert one.dreaming == 4 + 8 + 8 + 5 + 5
    assert two.dreaming == 4 + 8 + 5
    assert one.alone == two.alone == pytest.approx(32 * 0.03)
    assert forecast([11, 11, 5, 5], 100, COSTS).dreaming == 4 + 8


def test_what_limits_is_named() -> None:
    shots = feature()
    assert (len(shots), round(sum(shots), -3)) == (1200, 130_000)
    assert forecast(shots, 1, COSTS).limit == "nothing yet"
    assert forecast(shots, 1000, COSTS, 1e9).limit == "one process's cuts and encoding"
    assert forecast(shots, 1000, COSTS, 1e6).limit == "the storage"
    quick = Costs(start=4, task=1, frame=0.5, first_frame=2, cuts=0, encode=0, frame_bytes=0)
    assert forecast(shots, 1000, quick).limit == "the longest shot"


@pytest.mark.slow
def test_the_command_forecasts_what_it_measures(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scale.main(["--input", str(street), "--size", "64x48", "--workers", "1,2"])
    printed = capsys.readouterr().out
    assert "what limits it" in printed
    assert len(printed.split("efficiency")[1].splitlines()) == 5
