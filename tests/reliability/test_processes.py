"""Signals to a render, and to the ffmpeg that it writes to or reads from: what is kept, and that it goes on."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.renders import Render, run, start, video_preset, zoom_preset

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds ffmpeg by its command line"),
]

FRAMES = 48
LONG = 400
"""Frames of a film in which segments are closed before its end: it takes some seconds."""


@pytest.fixture
def zoom(tmp_path: Path) -> Path:
    """A preset of a film from a picture."""
    return zoom_preset(tmp_path / "zoom.yaml", FRAMES)


def assert_goes_on(preset: Path, before: int) -> None:
    """The same command goes on after `before` frames at least, and the file is that of an uninterrupted render."""
    output = preset.with_name("a.mp4")
    with start(preset, "-o", output) as render:
        report = render.wait_for(lambda report: True)
        assert report.get("going_on", 0) >= before, report
        assert render.end() == 0, render.lines
    assert not [path for path in preset.parent.iterdir() if path.name.startswith((".zoomdream", "a.mp4."))]
    assert run(preset, "-o", preset.with_name("whole.mp4"))[0] == 0
    assert output.read_bytes() == preset.with_name("whole.mp4").read_bytes()


@pytest.mark.parametrize(
    ("signals", "code", "word"),
    [
        ((signal.SIGINT,), 130, "interrupted"),
        ((signal.SIGINT, signal.SIGINT), 130, "interrupted"),
        ((signal.SIGTERM,), 143, "terminated"),
        ((signal.SIGHUP,), 129, "hung up"),
        ((signal.SIGQUIT,), 131, "quit"),
    ],
)
def test_a_signal_loses_no_finished_frame(signals: tuple[int, ...], code: int, word: str, zoom: Path) -> None:
    with start(zoom, "-o", zoom.with_name("a.mp4")) as render:
        render.wait_for_frame(20)
        render.send(*signals)
        assert render.end() == code, render.lines
    assert render.lines[-1].startswith(f"{word}: ")
    assert f" of {FRAMES} frames are kept in " in render.lines[-1]
    assert "; to go on: zoomdream render " in render.lines[-1]
    assert "Traceback" not in "\n".join(render.lines)
    assert_goes_on(zoom, 20)


def test_a_kill_loses_what_is_not_closed_yet(tmp_path: Path) -> None:
    zoom = zoom_preset(tmp_path / "zoom.yaml", LONG)
    with start(zoom, "-o", zoom.with_name("a.mp4")) as render:
        render.wait_for_frame(LONG - 1)  # some seconds: segments have been closed
        render.send(signal.SIGKILL)
        assert render.end() == -signal.SIGKILL
    assert not zoom.with_name("a.mp4").exists()
    assert_goes_on(zoom, 1)


def test_a_render_that_is_stopped_goes_on_later(zoom: Path) -> None:
    with start(zoom, "-o", zoom.with_name("a.mp4")) as render:
        render.wait_for_frame(20)
        render.send(signal.SIGSTOP)
        render.send(signal.SIGCONT)
        assert render.end() == 0, render.lines
    assert run(zoom, "-o", zoom.with_name("whole.mp4"))[0] == 0
    assert zoom.with_name("a.mp4").read_bytes() == zoom.with_name("whole.mp4").read_bytes()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A preset of a film over a clip, whose frames ffmpeg reads as they are wanted."""
    from tests.support.clips import pattern

    pattern(tmp_path / "clip.mkv", size="320x240", seconds=FRAMES * 2 / 10)
    return video_preset(tmp_path / "video.yaml", "clip.mkv")


def ffmpeg_of(render: Render, role: str) -> int:
    """The process id of the encoder or of the reader."""
    found = [child.pid for child in render.children() if ("pipe:0" in child.cmdline()) == (role == "encoder")]
    (process,) = found
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize(
    ("role", "words"), [("encoder", "a.mp4 could not be written"), ("reader", "while it read clip.mkv")]
)
def test_an_ffmpeg_that_is_ended_is_told_by_its_signal(role: str, words: str, number: int, video: Path) -> None:
    with start(video, "-o", video.with_name("a.mp4")) as render:
        render.wait_for_frame(5)
        os.kill(ffmpeg_of(render, role), number)
        assert render.end() == 5, render.lines
    said = "\n".join(render.lines)
    assert f"ffmpeg was ended by signal {int(number)} ({signal.Signals(number).name})" in said
    assert words in said
    assert "cut short" not in said
    assert_goes_on(video, 5)


@pytest.mark.parametrize("role", ["encoder", "reader"])
def test_an_ffmpeg_that_is_stopped_is_told_and_can_be_left(role: str, video: Path) -> None:
    with start(video, "-o", video.with_name("a.mp4")) as render:
        render.wait_for_frame(5)
        process = ffmpeg_of(render, role)
        os.kill(process, signal.SIGSTOP)
        waiting = render.wait_for(lambda report: report.get("waiting"))["waiting"]
        assert f"process {process}" in waiting or "clip.mkv" in waiting
        render.send(signal.SIGINT)
        assert render.end() == 130, render.lines
    assert_goes_on(video, 5)


def test_a_second_render_into_one_output_is_refused(zoom: Path) -> None:
    output = zoom.with_name("a.mp4")
    with start(zoom, "-o", output) as render:
        render.wait_for_frame(5)
        code, lines = run(zoom, "-o", output, "-y")
        assert code == 4
        assert f"is being written by another zoomdream (process {render.pid})" in lines[-1]
        assert render.end() == 0, render.lines
    assert run(zoom, "-o", zoom.with_name("whole.mp4"))[0] == 0
    assert output.read_bytes() == zoom.with_name("whole.mp4").read_bytes()
