"""The benchmarks run, small, and print what the pages say that they print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import gpu
from benchmarks.large import cost, watched
from tests.support.clips import X264, ffmpeg
from tests.support.films import planned
from tests.support.forks import fork_module, wait

ROOT = Path(__file__).parents[2]


def run_film(tmp_path: Path, *arguments: str) -> str:
    """The stdout of the film's benchmark: in a process of its own, because it replaces functions."""
    with (tmp_path / "stdout").open("w") as stdout:
        number = stdout.fileno()
        assert wait(fork_module("benchmarks.film", arguments, stdout=number, stderr=number)) == 0
    return (tmp_path / "stdout").read_text()


def run(*command: object) -> str:
    """The stdout of a Python command."""
    arguments = [sys.executable, *map(str, command)]
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_planning() -> None:
    """Slow because it reads presets of a thousand keyframes."""
    lines = run("-m", "benchmarks.planning", "--rounds", 1, "--stops", 3, "--size", "64x48", "--fps", 1).splitlines()
    assert lines[0] == "64x48 at 1 per second, medians of 1 rounds"
    assert len(lines) == 2 + 3 * 4
    assert [line.split()[-3:][0] for line in lines[2:6]] == ["tracks", "3", "keyframes", "expressions"]
    assert all(float(number) > 0 for line in lines[2:] for number in line.split()[-2:])


def shares(printed: str) -> dict[str, float]:
    """Each part of a frame's time, in percent."""
    rows = re.findall(r"^(.+?) +[-\d.]+ ms a frame +([-\d.]+)%$", printed, re.MULTILINE)
    return {label: float(share) for label, share in rows}


def test_the_speed_of_a_film(tmp_path: Path) -> None:
    small = ("--duration", "2f", "--set", "canvas.size=64x48", "--set", "dream.steps=1")
    printed = run_film(tmp_path, "quickstart", *small)
    assert printed.startswith("2 frames of 64x48: ")
    parts = shares(printed)
    assert parts["network"] > 0
    assert abs(sum(parts.values()) - 100) < 1


@pytest.mark.slow
def test_the_speed_of_a_film_over_a_video(tmp_path: Path, clips: Path) -> None:
    street = tmp_path / "street.mp4"
    ffmpeg("-i", clips / "bikes.mp4", "-vf", "scale=64:48", "-frames:v", 3, *X264, street)
    printed = run_film(tmp_path, "street-animals", "--input", str(street), "--set", "dream.steps=1")
    assert "flow took" in printed
    parts = shares(printed)
    assert parts["waiting for the video's next frame"] > 0
    assert parts["resampling (camera, carrying)"] > 0


def test_memory_is_that_of_a_process_and_its_children() -> None:
    hold = "import sys; held = bytearray(60_000_000)"
    child = f"{hold}; sys.stdin.read()"
    program = (
        f"{hold}; import subprocess; child = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=-1); "
        f"import time; time.sleep(0.6); child.communicate(b''); print('done')"
    )
    printed, peak = watched([sys.executable, "-c", program])
    assert printed == "done\n"
    assert 120e6 < peak < 250e6


def test_the_cost_of_a_frame(photos: Path) -> None:
    measured = cost(planned(photos, "{fire3: 1}", "{size: 64x48, fps: 10, duration: 3f}"), frames=2)
    assert len(measured.frame_seconds) == 2
    assert min(measured.frame_seconds) > 0
    assert measured.own_peak >= measured.child_peak > 0
    assert measured.tiles == "1 x 1"


@pytest.mark.slow
def test_large_frames() -> None:
    small = ("--sizes", "64x48,96x64", "--frames", 1, "--set", "dream.steps=1")
    lines = run("-m", "benchmarks.large", *small).splitlines()
    assert lines[0] == "quickstart, 1 frames, 1 threads"
    assert [line.split()[0] for line in lines[1:]] == ["size", "64x48", "96x64"]
    assert lines[2].split()[-1] == "1.00"
    assert all(float(number) > 0 for line in lines[2:] for number in line.split()[4:])


def test_a_film_as_one_picture(tmp_path: Path, clips: Path) -> None:
    """samples/contact_sheet.py, which drew the README's pictures."""
    sheet = tmp_path / "sheet.jpg"
    run("samples/contact_sheet.py", clips / "bikes.mp4", sheet, "--columns", 2, "--rows", 2, "--width", 80)
    assert sheet.stat().st_size > 1000


def test_without_a_gpu_one_sentence_says_that_nothing_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit, match=r"^nothing was measured: there is no cuda device on this machine"):
        gpu.main([])


@pytest.mark.slow
def test_start_up() -> None:
    """Slow because it starts eighteen processes, half of which import torch."""
    lines = run("-m", "benchmarks.startup", "--rounds", 1, "--size", "64x48").splitlines()
    assert re.fullmatch(r"one frame of 64x48, \d+ cores, medians of 1 rounds, .*", lines[0])
    taken = {line[:26].strip(): [float(number) for number in re.findall(r"\d+\.\d\d", line)] for line in lines[2:]}
    assert len(taken) == 9
    assert {"--help", "layers googlenet", "render --dry-run", "first frame"} <= taken.keys()
    assert all(len(numbers) == 6 and min(numbers) > 0 for numbers in taken.values())


@pytest.mark.slow
def test_jobs() -> None:
    """Slow because two worker processes import PyTorch."""
    small = ("--size", "64x48", "--frames", 2, "--rounds", 2, "--ways", "1x1,2x1")
    lines = run("-m", "benchmarks.jobs", *small).splitlines()
    assert lines[0].endswith("float32; 2 films of 2 frames")
    assert lines[1] == "64x48, medians of 2 rounds; processor time is the encoders' too"
    assert [re.match(r"\d x \d +\d+\.\d\d ", line) is not None for line in lines[4:]] == [True, True]
    assert re.search(r" 1\.00 +1\.00-1\.00$", lines[4])
