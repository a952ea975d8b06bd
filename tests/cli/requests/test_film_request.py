"""Films from the command line that are interrupted, go on, or are refused."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import cv2
import pytest
import torch

from tests.support.commands import QUIET, zoomdream
from tests.support.forks import fork_zoomdream, wait
from zoomdream.dreaming.amortized import dream_on
from zoomdream.errors import OutOfMemoryError
from zoomdream.films.identity import recorded_compute
from zoomdream.films.journal import find_journal
from zoomdream.output_lock import output_lock

PRESET = """
zoomdream: 1
source: sample:clouds
canvas: {size: 64x48, fps: 10, duration: 6f}
dream: {layers: {fire3: 1}, octaves: 1, steps: 1}
camera: {zoom: 1.5}
"""


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    """A film of six small frames."""
    file = tmp_path / "film.yaml"
    file.write_text(PRESET)
    return file


@pytest.fixture
def fails_at_the_fourth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory runs out in the fourth frame that is dreamed."""
    count = 0

    def fail(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count == 4:
            raise OutOfMemoryError("no memory for this frame")
        return dream_on(*arguments)

    monkeypatch.setattr("zoomdream.films.frame_loops.dream_on", fail)


def render(preset: Path, *arguments: object) -> Any:
    return zoomdream("render", preset, "-o", preset.parent / "out.mp4", "--device", "cpu", *QUIET, *arguments)


def test_a_film_to_stdout_is_all_that_is_there(preset: Path, tmp_path: Path) -> None:
    command = ["render", str(preset), "--device", "cpu", *QUIET, "--frames", "1:4", "-o", "-"]
    said = tmp_path / "said"
    reader, writer = os.pipe()  # which holds more than such a film has
    with said.open("wb") as stderr, os.fdopen(reader, "rb") as stdout:
        ended = fork_zoomdream(command, stdout=writer, stderr=stderr.fileno())
        os.close(writer)
        assert wait(ended) == 0
        film = stdout.read()
    assert film.startswith(b"YUV4MPEG2 W64 H48 F10:1 ")
    assert film.count(b"FRAME\n") == 3
    assert "3 frames of 64x48" in said.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.yaml", "said"]
    reader, writer = os.pipe()
    os.close(reader)  # before anything is written: as `head` does after its last line
    with said.open("wb") as stderr:
        left = fork_zoomdream(command, stdout=writer, stderr=stderr.fileno())
        os.close(writer)
        assert wait(left) == 0
    assert "error" not in said.read_text()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--resume", "no frames are kept of a film to stdout"),
        ("--fresh", "no frames are kept of a film to stdout"),
        ("--keep-frames", "no frames are kept of a film to stdout"),
        ("--set=output.codec=h264", "codec h264 does not go to stdout"),
    ],
)
def test_what_a_film_to_stdout_cannot_have(preset: Path, option: str, message: str) -> None:
    result = zoomdream("render", preset, "-o", "-", "--device", "cpu", *QUIET, option)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_terminal_shows_no_film(preset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoomdream.cli.requests.film_request.is_terminal", lambda: True)
    result = zoomdream("render", preset, "-o", "-", "--device", "cpu", *QUIET)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "stdout is a terminal" in result.stderr


def whole_film(preset: Path, *arguments: object) -> bytes:
    """The file of a film that was never interrupted."""
    output = preset.parent / "whole.mp4"
    assert zoomdream("render", preset, "-o", output, "--device", "cpu", *QUIET, *arguments).exit_code == 0
    return output.read_bytes()


@pytest.mark.usefixtures("fails_at_the_fourth")
def test_a_failure_says_what_is_kept_and_the_same_command_goes_on(preset: Path) -> None:
    failed = render(preset)
    assert failed.exit_code == 6
    assert "no memory for this frame" in failed.stderr
    assert "3 of 6 frames are kept in" in failed.stderr
    assert "out.mp4.journal; to go on: zoomdream" in failed.stderr
    done = render(preset)
    assert done.exit_code == 0, done.stderr
    assert "going on after 3 of 6 frames" in done.stderr
    assert (preset.parent / "out.mp4").read_bytes() == whole_film(preset)
    assert not (preset.parent / "out.mp4.journal").exists()


@pytest.mark.usefixtures("fails_at_the_fourth")
def test_another_film_is_refused_with_its_ways_out(preset: Path) -> None:
    render(preset)
    refused = render(preset, "--seed", 8)
    assert refused.exit_code == 4
    assert "holds 3 frames of another film: seed is 0 there and 8 here" in refused.stderr
    assert "--fresh drops them and begins anew" in refused.stderr
    assert render(preset, "--seed", 8, "--dry-run").exit_code == 4
    fresh = render(preset, "--seed", 8, "--fresh")
    assert fresh.exit_code == 0, fresh.stderr
    assert "going on" not in fresh.stderr


@pytest.mark.usefixtures("fails_at_the_fourth")
def test_settings_that_change_later_keep_the_frames_before_them(preset: Path) -> None:
    render(preset)
    preset.write_text(PRESET.replace("zoom: 1.5", "zoom: {0f: 1.5, 3f: 1.5, 5f: 2}"))
    done = render(preset)  # the first three frames are made with the same settings
    assert done.exit_code == 0, done.stderr
    assert "going on after 3 of 6 frames" in done.stderr


def test_kept_frames_are_only_encoded_again(preset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert render(preset, "--keep-frames").exit_code == 0
    journal = find_journal(preset.parent / "out.mp4.journal")
    assert journal is not None
    assert journal.frames == 6

    def fail(*_: object) -> None:
        pytest.fail("a frame was dreamed again")

    monkeypatch.setattr("zoomdream.films.frame_loops.dream_on", fail)
    assert render(preset, "-y", "--set", "output.crf=40").exit_code == 0
    assert not journal.path.exists()


@pytest.mark.usefixtures("fails_at_the_fourth")
def test_no_journal_keeps_nothing(preset: Path) -> None:
    failed = render(preset, "--no-journal")
    assert failed.exit_code == 6
    assert "are kept" not in failed.stderr
    assert [path.name for path in preset.parent.iterdir()] == ["film.yaml"]


@pytest.fixture
def threads() -> Any:
    """Puts the number of threads back."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    yield before[0]
    torch.set_num_threads(before[0])
    cv2.setNumThreads(before[1])


@pytest.mark.usefixtures("fails_at_the_fourth")
def test_a_film_goes_on_with_the_threads_that_it_was_begun_with(preset: Path, threads: int) -> None:
    render(preset, "--threads", 3)
    torch.set_num_threads(threads)
    refused = render(preset, "--threads", 2)
    assert refused.exit_code == 4
    assert "threads is 3 there and 2 here" in refused.stderr
    torch.set_num_threads(threads)
    assert render(preset, "--threads", "auto").exit_code == 0
    assert torch.get_num_threads() == 3


def test_a_recipe_is_rendered_with_the_threads_of_its_film(preset: Path, threads: int) -> None:
    assert render(preset, "--threads", 3).exit_code == 0
    torch.set_num_threads(threads)
    again = preset.parent / "again.mp4"
    assert zoomdream("render", preset.parent / "out.mp4", "-o", again, *QUIET).exit_code == 0
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("threads")
def test_without_an_earlier_run_the_number_is_chosen_and_recorded(
    preset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoomdream.runtime.automatic_threads", lambda: 2)
    assert render(preset).exit_code == 0
    record = recorded_compute(preset.parent / "out.mp4")
    assert record is not None
    assert (record.threads, torch.get_num_threads(), cv2.getNumThreads()) == (2, 2, 2)


def test_a_recipe_for_larger_frames_is_cut_into_tiles_again(preset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert render(preset).exit_code == 0
    monkeypatch.setattr("zoomdream.objectives.tile_plan.memory_budget", lambda *_: 150_000_000)
    again = preset.parent / "again.mp4"
    for size, is_tiled in (("64x48", False), ("640x480", True)):
        dry = zoomdream("render", preset.parent / "out.mp4", "--size", size, "--dry-run", "-o", again, *QUIET)
        assert dry.exit_code == 0, dry.stderr
        assert ("tiles of" in dry.stderr) is is_tiled


def test_time_disk_and_memory_are_said_before_the_start(preset: Path) -> None:
    dry = render(preset, "--dry-run")
    assert dry.exit_code == 0
    assert "of disk" in dry.stderr
    assert "of memory" in dry.stderr
    assert [path.name for path in preset.parent.iterdir()] == ["film.yaml"]
    assert "6 frames: about" in render(preset).stderr


def test_a_range_says_that_more_is_dreamed(preset: Path) -> None:
    assert "frames 0 to 2 are dreamed too" in render(preset, "--frames", "3:5").stderr


def test_a_second_render_is_refused_at_once(preset: Path) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with output_lock(preset.parent / "out.mp4"):
            entered.set()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait()
    refused = render(preset)
    leave.set()
    thread.join()
    assert refused.exit_code == 4
    assert "is being written by this process already" in refused.stderr
