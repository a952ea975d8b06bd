"""Kill, go on, compare: the kill test, small."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.killtest import KINDS, KillTest


@pytest.mark.parametrize("kind", ["zoom", pytest.param("video", marks=pytest.mark.slow)])
def test_a_film_that_is_killed_again_and_again_is_the_same_film(kind: str, tmp_path: Path) -> None:
    tally = KillTest(KINDS[kind](tmp_path, 24, 4), tmp_path, seed=1).run(3)
    assert tally.kills.total() == 3
    assert tally.films >= 1
    assert (tally.different_frames, tally.different_files) == (0, 0)
