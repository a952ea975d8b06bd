"""Kill, go on, compare: the kill test, small."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.killtest import KINDS, KillTest


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_film_that_is_killed_again_and_again_is_the_same_film(kind: str, tmp_path: Path) -> None:
    """Slow because of many processes; tests/farm/test_worker_process.py kills one."""
    kills = 3
    tally = KillTest(KINDS[kind](tmp_path, 8 * kills, 4), tmp_path, seed=1).run(kills)
    assert tally.kills.total() == kills
    assert tally.films >= 1
    assert (tally.different_frames, tally.different_files) == (0, 0)
