from __future__ import annotations

import io
import json
import re

import pytest

from zoomdream.cli.echo import echo
from zoomdream.cli.progress.progress_bar import PLAIN_SECONDS, Kind, Rate, clock_text, progress_bar
from zoomdream.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Times:
    """A clock that stands at one time after the other."""

    def __init__(self, *times: float) -> None:
        self._times = iter(times)

    def __call__(self) -> float:
        return next(self._times)


def frame(done: int, total: int | None = 4) -> Progress:
    return Progress(done, total, "frame", "fire8", {"layers": {"fire8": 1.0}})


def lines_of(kind: Kind, *reports: Progress, title: str = "a.mp4") -> list[str]:
    stream = io.StringIO()
    with progress_bar(kind, title, stream) as on_progress:
        for report in reports:
            on_progress(report)
    return stream.getvalue().splitlines()


def test_the_rate_is_that_of_the_last_reports() -> None:
    rate = Rate(Times(0.0, 1.0, 2.0, 2.5, 3.0), window=2)
    assert [rate.update(done) for done in (1, 2, 3, 4)] == pytest.approx([1.0, 1.0, 2 / 1.5, 2.0])
    assert rate.last == 3.0


def test_the_rate_counts_units_that_are_done_at_once() -> None:
    """Eight pictures of a sheet are made together, so eight steps are done at a time."""
    rate = Rate(Times(0.0, 1.0, 2.0, 3.0), window=2)
    assert [rate.update(done) for done in (8, 16, 20)] == pytest.approx([8.0, 8.0, 6.0])


@pytest.mark.parametrize(("seconds", "text"), [(7.4, "0:07"), (90, "1:30"), (7500, "2:05:00")])
def test_clock_text(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


def test_a_terminal_gets_a_bar() -> None:
    terminal = Terminal()
    with progress_bar("auto", "a.mp4", terminal) as on_progress:
        for done in range(1, 5):
            on_progress(frame(done))
    for words in ("a.mp4", "4/4", "fire8", "fps"):
        assert words in terminal.getvalue()


def test_a_pipe_gets_lines_the_first_the_last_and_one_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = lines_of("auto", *map(frame, range(1, 5)))
    assert len(lines) == 2  # the others came within five seconds
    assert lines[-1].startswith("a.mp4: frame 4 of 4, ")
    assert lines[-1].endswith(" fps, 0:00 left, fire8")
    times = (0.0, 1.0, 1.0 + PLAIN_SECONDS, 2.0 + PLAIN_SECONDS, 3.0 + PLAIN_SECONDS)
    monkeypatch.setattr(Rate.__init__, "__defaults__", (Times(*times), 30))
    lines = lines_of("plain", *map(frame, range(1, 5)))
    assert [line.split(",")[0] for line in lines] == [f"a.mp4: frame {done} of 4" for done in (1, 2, 4)]


def test_a_total_that_nobody_knows_is_left_out() -> None:
    (line,) = lines_of("plain", frame(1, total=None))
    assert line.startswith("a.mp4: frame 1, ")
    assert "left" not in line
    record = json.loads(lines_of("json", frame(1, total=None))[0])
    assert (record["frames"], record["eta_s"]) == (None, None)


def test_json_lines_have_the_detail() -> None:
    mix = {"fire5": 0.25, "fire8": 0.75}
    record = json.loads(lines_of("json", Progress(1, 4, "frame", "both", {"layers": mix}))[0])
    assert (record["film"], record["frame"], record["frames"], record["layers"]) == ("a.mp4", 1, 4, mix)
    assert record["fps"] > 0
    assert record["eta_s"] >= 0


def test_json_lines_of_a_picture_count_steps() -> None:
    steps = [Progress(done, 3, "step", f"octave {done} of 3") for done in (1, 2, 3)]
    last = json.loads(lines_of("json", *steps, title="a.png")[-1])
    assert (last["picture"], last["step"], last["steps"], last["now"]) == ("a.png", 3, 3, "octave 3 of 3")
    assert last["steps/s"] > 0


def test_plain_lines_of_a_picture_count_steps() -> None:
    steps = [Progress(done, 3, "step", f"octave {done} of 3") for done in (1, 2, 3)]
    lines = lines_of("plain", *steps, title="a.png")
    assert lines[-1].startswith("a.png: step 3 of 3, ")
    assert lines[-1].endswith(" steps/s, 0:00 left, octave 3 of 3")


def test_none_is_silent() -> None:
    assert lines_of("none", frame(1)) == []


def test_the_default_stream_is_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("plain", "a.mp4") as on_progress:
        on_progress(frame(4))
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("a.mp4: frame 4 of 4")


def resumed(done: int) -> Progress:
    return Progress(done, 10, "frame", "fire8", before=6)


def test_what_an_earlier_run_did_counts_in_no_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six frames are read back within a second, and the next two take two seconds each."""
    monkeypatch.setattr(Rate.__init__, "__defaults__", (Times(0.0, 0.5, 1.0, 3.0, 5.0), 30))
    lines = lines_of("json", *map(resumed, (3, 6, 7, 8)))
    records = [json.loads(line) for line in lines]
    assert [(r["frame"], r["before"], r["fps"], r["eta_s"]) for r in records] == [
        (3, 6, None, None),
        (6, 6, None, None),
        (7, 6, 0.5, 6.0),
        (8, 6, 0.5, 4.0),
    ]


def test_no_rate_is_shown_while_frames_are_read_back() -> None:
    lines = lines_of("plain", resumed(3))
    assert lines == ["a.mp4: frame 3 of 10, fire8"]


@pytest.mark.parametrize("kind", ["bar", "plain", "json", "none"])
def test_a_line_can_be_told_beside_the_progress(kind: Kind) -> None:
    stream = io.StringIO()
    text = "waiting for ffmpeg [a frame] for 10 s; Ctrl-C is safe: finished frames are kept and " + "more " * 20
    with progress_bar(kind, "a.mp4", stream) as display:
        display(frame(1))
        display.tell(text, waiting="ffmpeg", seconds=10)
        echo("warning: all the same")
    lines = stream.getvalue().splitlines()
    assert (json.dumps({"waiting": "ffmpeg", "seconds": 10}) if kind == "json" else text) in lines
    assert "warning: all the same" in lines


def test_a_line_leaves_the_bar_of_a_terminal_whole() -> None:
    terminal = Terminal()
    with progress_bar("bar", "a.mp4", terminal) as display:
        display(frame(2))
        display.tell("going on after 34 s")
        display(frame(4))
    erased = re.sub(r"[^\n]*\r\x1b\[2K", "", terminal.getvalue())
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", erased)
    assert "going on after 34 s" in text.splitlines()
    assert "4/4" in text.splitlines()[-1]


def test_a_films_name_is_neither_markup_nor_a_command() -> None:
    terminal = Terminal()
    with progress_bar("bar", "[/b]\x1b[9m.mp4", terminal) as display:
        display(frame(4))
    assert "[/b]\\x1b[9m.mp4" in terminal.getvalue()
