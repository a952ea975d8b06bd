"""Kill, go on, compare: the kill test, small."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.killtest import KINDS, KillTest


@pytest.mark.parametrize(
    ("kind", "kills"), [("zoom", 1), *(pytest.param(kind, 3, marks=pytest.mark.slow) for kind in KINDS)]
)
def test_a_film_that_is_killed_again_and_again_is_the_same_film(kind: str, kills: int, tmp_path: Path) -> None:
    tally = KillTest(KINDS[kind](tmp_path, 8 * kills, 4), tmp_path, seed=1).run(kills)
    assert tally.kills.total() == kills
    assert tally.films >= 1
    assert (tally.different_frames, tally.different_files) == (0, 0)
