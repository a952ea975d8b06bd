from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zoomdream.cli import progress_bar as progress
from zoomdream.objectives import GuideSpec
from zoomdream.progress import Steps


def state(done: int, total: int = 4, **mix: float) -> Any:
    return SimpleNamespace(done=done, total=total, row=SimpleNamespace(mix=tuple(mix.items())))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_pace_is_the_rate_of_the_last_frames() -> None:
    times = iter([0.0, 1.0, 2.0, 2.5, 3.0])
    pace = progress.Pace(lambda: next(times), window=2)
    assert [pace.tick() for _ in range(4)] == pytest.approx([1.0, 1.0, 2 / 1.5, 2.0])


def test_pace_counts_what_is_done_at_once() -> None:
    """Eight pictures of a sheet are made together, so eight steps are done at a time."""
    times = iter([0.0, 1.0, 2.0, 3.0])
    pace = progress.Pace(lambda: next(times), window=2)
    assert [pace.tick(done) for done in (8, 16, 20)] == pytest.approx([8.0, 8.0, 6.0])


def test_layers_are_named_with_their_shares() -> None:
    assert progress.layers_of(state(1, fire8=0.5)) == "fire8"
    assert progress.layers_of(state(1, fire5=1, fire8=-3)) == "fire5 25% + fire8 -75%"
    assert progress.layers_of(state(1)) == "no layer"


def test_two_objectives_of_one_name_keep_their_weights() -> None:
    """Guides of one name from two folders."""
    one, other = (GuideSpec("fire6", Path(folder) / "guide.png") for folder in ("a", "b"))
    assert progress._by_name([(one, 0.3), ("fire5", 1.0), (other, 0.7)]) == {
        "guide:fire6:guide.png": 0.3,
        "fire5": 1.0,
        "guide:fire6:guide.png (2)": 0.7,
    }


@pytest.mark.parametrize(("seconds", "text"), [(7.4, "0:07"), (90, "1:30"), (7500, "2:05:00")])
def test_clock_text(seconds: float, text: str) -> None:
    assert progress.clock_text(seconds) == text


def test_a_terminal_gets_a_bar_and_a_pipe_lines() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        with progress.reporting("auto", "a.mp4", stream) as report:
            for done in range(1, 5):
                report(state(done, fire8=1))
    assert "4/4" in terminal.getvalue()
    assert "fire8" in terminal.getvalue()
    lines = pipe.getvalue().splitlines()
    assert len(lines) == 2  # the first and the last; the others came within five seconds
    assert lines[-1].startswith("a.mp4: frame 4 of 4, ")


def test_json_lines_are_json_and_none_is_silent() -> None:
    lines, silent = io.StringIO(), io.StringIO()
    with progress.reporting("json", "a.mp4", lines) as report:
        report(state(1, fire5=0.25, fire8=0.75))
    record = json.loads(lines.getvalue())
    assert (record["frame"], record["frames"], record["layers"]) == (1, 4, {"fire5": 0.25, "fire8": 0.75})
    assert record["fps"] > 0
    with progress.reporting("none", "a.mp4", silent) as report:
        report(state(1))
    assert silent.getvalue() == ""


def test_steps_of_a_picture_are_told_in_the_same_ways() -> None:
    terminal, lines, records = Terminal(), io.StringIO(), io.StringIO()
    for kind, stream in (("auto", terminal), ("auto", lines), ("json", records)):
        with progress.reporting(kind, "a.png", stream, work=progress.PICTURE) as report:
            for done in range(1, 4):
                report(Steps(done, 3, f"octave {done} of 3"))
    assert "3/3" in terminal.getvalue()
    assert "octave 3 of 3" in terminal.getvalue()
    assert lines.getvalue().splitlines()[-1].startswith("a.png: step 3 of 3, ")
    assert " steps/s, 0:00 left, octave 3 of 3" in lines.getvalue()
    last = json.loads(records.getvalue().splitlines()[-1])
    assert (last["picture"], last["step"], last["steps"], last["now"]) == ("a.png", 3, 3, "octave 3 of 3")
