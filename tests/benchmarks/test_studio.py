"""The benchmark of the studio runs, and prints what it says."""

from __future__ import annotations

import re

import pytest

from benchmarks import studio


@pytest.mark.slow
def test_the_studio_is_measured_as_a_user_meets_it(capsys: pytest.CaptureFixture[str]) -> None:
    studio.main(["--keyframes", "20", "--rounds", "2", "--at", "0"])
    lines = [re.sub(r"\d+\.\d+", "N", line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "ready after N s",
        "first answer after N s",
        "check of 20 keyframes, whole: N ms, at most N ms",
        "check of 20 keyframes, in the server: N ms, at most N ms",
        "motion of quickstart: first picture after N s, done after N s",
        "frame of quickstart: first picture after N s, done after N s",
    ]
