"""What a film takes is estimated before it is rendered, and the film stays the same."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from tests.support.films import ZoomPreset, equal_frames, planned, prepared, video_film
from tests.support.memory_readings import SteadyMemory
from zoomdream.encoding.codecs import encoder_bytes
from zoomdream.films.estimates import estimate as module
from zoomdream.films.estimates import step_times
from zoomdream.films.estimates.estimate import Estimate, estimate, estimate_warnings, format_seconds
from zoomdream.films.estimates.step_times import StepTime
from zoomdream.films.estimates.workload import workloads
from zoomdream.films.frame_loops import frames
from zoomdream.films.rendering import render


class Usage(NamedTuple):
    """As `shutil.disk_usage` gives it."""

    total: int
    used: int
    free: int


SMALL = "{size: 96x64, fps: 10, duration: 10f}"


@pytest.fixture
def steady_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step takes a second and a microsecond for each pixel, and nothing else takes any time."""
    monkeypatch.setattr(module, "step_times", lambda film, work: [StepTime(1.0, 1e-6)] * len(work))
    monkeypatch.setattr(module, "frame_seconds", lambda film, row: 0.0)


@pytest.mark.usefixtures("steady_times")
def test_the_time_is_that_of_all_steps(preset: ZoomPreset) -> None:
    film = prepared(preset(canvas=SMALL, dream="{layers: {fire3: 1}, octaves: 1, steps: 5}"))
    assert estimate(film, journal=False).seconds == pytest.approx(10 * 5 * (1 + 96 * 64e-6), rel=1e-3)
    until = estimate(film, range(2, 4), journal=False)
    assert until.seconds == pytest.approx(4 * 5 * (1 + 96 * 64e-6), rel=1e-3)


@pytest.mark.usefixtures("steady_times")
def test_several_objectives_take_more_time_to_be_balanced(preset: ZoomPreset) -> None:
    one, two = (
        estimate(prepared(preset(canvas=SMALL, dream=f"{{layers: {layers}, octaves: 1, steps: 5}}"))).seconds
        for layers in ("{fire3: 1}", "{fire3: 1, fire5: 1}")
    )
    assert two == pytest.approx(1.3 * one, rel=1e-2)


def test_a_real_measurement_grows_with_the_film(preset: ZoomPreset) -> None:
    few, many = (
        estimate(prepared(preset(canvas=f"{{size: 96x64, fps: 10, duration: {length}f}}"))).seconds
        for length in (10, 1000)
    )
    assert 0 < few < many


def test_disk_counts_the_output_and_the_working_folder(preset: ZoomPreset) -> None:
    film = prepared(preset(canvas="{size: 96x64, fps: 10, duration: 20f}"))
    pixels = 96 * 64
    alone = estimate(film, journal=False).disk_bytes
    assert 0 < alone < estimate(film, output="film.gif", journal=False).disk_bytes
    assert estimate(film, output="frames/", journal=False).disk_bytes == pytest.approx(20 * pixels * 2.1)
    assert estimate(film).disk_bytes == pytest.approx(alone + 2 * 20 * pixels * 2.5)
    assert estimate(film, range(1)).disk_bytes == pytest.approx(alone / 20 + (2.5 + 24) * pixels, abs=1)
    assert estimate(film, range(5, 20)).disk_bytes == pytest.approx(alone * 0.75 + 2 * 20 * pixels * 2.5, abs=1)


def test_a_folder_of_pngs_is_as_large_as_estimated(photos: Path, tmp_path: Path) -> None:
    film = planned(photos, "{fire5: 1}", "{size: 256x192, fps: 10, duration: 3f}")
    estimated = estimate(film, output=tmp_path / "frames/", journal=False).disk_bytes
    folder = render(film, f"{tmp_path}/frames/")
    assert 0.5 < estimated / sum(file.stat().st_size for file in folder.iterdir()) < 2


def test_memory_is_what_is_held_and_a_step(photos: Path, steady_memory: SteadyMemory) -> None:
    whole = planned(photos, "{fire3: 1}", "{size: 1280x720, fps: 10, duration: 1f}")
    limit = steady_memory.held + 2**27 + 240 * 10**6 + encoder_bytes("auto", (1280, 720))
    tiled = planned(photos, "{fire3: 1}", "{size: 1280x720, fps: 10, duration: 1f}", max_memory=limit)
    copies = 8 * 12 * 1280 * 720
    taps = whole.objectives.all.taps
    in_one, in_tiles = (estimate(film).memory_bytes for film in (whole, tiled))
    assert in_one - in_tiles == pytest.approx(
        whole.network.step_bytes(taps, whole.size) - whole.network.step_bytes(taps, step_times.window_size(tiled)),
        abs=5e7,
    )
    assert in_one > whole.network.step_bytes(taps, whole.size) + copies


def random_states() -> list[Any]:
    """Of all generators that a whole process shares."""
    numpy_state: Any = np.random.get_state()
    return [torch.random.get_rng_state().numpy(), numpy_state[1].copy(), numpy_state[2], random.getstate()[1]]


@pytest.mark.parametrize("kind", ["zoom", "video"])
def test_an_estimate_leaves_the_film_as_it_is(photos: Path, clips: Path, kind: str) -> None:
    def film() -> list[torch.Tensor]:
        made = (
            planned(photos, "{0s: {fire3: 1}, 1s: {fire5: 1}}", "{size: 96x64, fps: 10, duration: 2f}")
            if kind == "zoom"
            else video_film(clips / "carphone_pristine.mp4", canvas="{size: 96x64, duration: 2f}")
        )
        if estimating:
            assert estimate(made).seconds > 0
        return list(frames(made))

    estimating = False
    plain = film()
    states = random_states()
    estimating = True
    assert all(equal_frames(plain, film()))
    assert all(map(np.array_equal, states, random_states()))


def test_objectives_that_are_not_measured_take_as_long_as_others_of_their_depth(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = planned(photos, "{sweep: [fire2, fire3, fire5], hold: 4f}")
    work = workloads(film, 13)
    monkeypatch.setattr(step_times, "MOST_SECONDS", -1)
    times = step_times.step_times(film, work)
    assert len(times) == 3
    assert len(set(times)) == 1
    monkeypatch.setattr(step_times, "MOST_SECONDS", 1e9)
    assert len(set(step_times.step_times(film, work))) == 3


def test_too_little_disk_and_too_long_a_film_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def usage(path: Path) -> Usage:
        asked.append(path)
        return Usage(10**12, 0, 10**9)

    monkeypatch.setattr("shutil.disk_usage", usage)
    output = tmp_path / "new" / "film.mp4"
    assert estimate_warnings(Estimate(86_400, 10**9, 0), output) == []
    disk, time = estimate_warnings(Estimate(260_000, 2 * 10**9, 0), output)
    assert disk.startswith("the film needs about 2.0 GB of disk while it is rendered and 1.0 GB are free at")
    assert time.startswith("the film takes about 3.0 days")
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(10**12, 0, 400_000))
    assert " and 0 MB are free at" in estimate_warnings(Estimate(60, 10**6, 0), output)[0]
    assert asked[0] == tmp_path


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (40, "40 s"), (100, "2 min"), (3600, "60 min"), (9000, "2.5 h"), (270_000, "3.1 days")],
)
def test_lengths_of_time_in_words(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_a_summary_is_short() -> None:
    assert Estimate(200, 240 * 10**6, 1_050 * 10**6).summary == "about 4 min, 240 MB of disk, 1.1 GB of memory"
