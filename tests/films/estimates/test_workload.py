"""The work of a film is what a loop over its rows counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.films import ZoomPreset, planned, prepared, video_film
from zoomdream.dreaming.ascent import dream, octave_sizes
from zoomdream.films.estimates.workload import workloads
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage
from zoomdream.films.frame_loops import frames
from zoomdream.images.frame import Frame
from zoomdream.settings import DreamSettings


def counted(film: Film, stop: int) -> tuple[int, int, int, int]:
    """(frames, steps, pixels of the steps, pixels of the smallest octaves), by a loop over the rows."""
    frames = steps = pixels = first = 0
    for row in list(film.timeline)[:stop]:
        if not row.mix:
            continue
        sizes = octave_sizes(film.size, row.dream, film.objectives.all.smallest_input)
        carried = isinstance(film.source, Footage) and row.index > 0
        of_octave = row.carry.steps if carried and row.carry.strength else row.dream.steps
        frames += 1
        steps += of_octave * len(sizes)
        pixels += of_octave * sum(width * height for width, height in sizes)
        first += sizes[0][0] * sizes[0][1]
    return frames, steps, pixels, first


def added(film: Film, stop: int) -> tuple[float, float, float, float]:
    work = workloads(film, stop)
    return (
        sum(each.frames for each in work),
        sum(each.steps for each in work),
        sum(each.pixels for each in work),
        sum(each.first_pixels for each in work),
    )


DREAM = (
    "{layers: {0s: {fire3: 1}, 500ms: {fire5: 1}, 900ms: {fire3: 0}}, octaves: {0s: 1, 1s: 6}, steps: {0s: 3, 1s: 5}}"
)


@pytest.mark.parametrize("stop", [1, 7, 12])
def test_the_work_is_that_of_a_loop_over_the_rows(preset: ZoomPreset, stop: int) -> None:
    film = prepared(preset(canvas="{size: 96x64, fps: 10, duration: 12f}", dream=DREAM))
    assert added(film, stop) == pytest.approx(counted(film, stop))


def test_each_choice_of_objectives_has_its_first_frame(photos: Path) -> None:
    film = planned(photos, "{0s: {fire3: 1}, 4f: {fire5: 1}, 8f: {fire3: 1}}")
    assert [(each.example, each.frames) for each in workloads(film, 13)] == [(0, 6), (1, 6), (4, 1)]


def test_carried_frames_of_a_video_take_few_steps(clips: Path) -> None:
    film = video_film(clips / "carphone_pristine.mp4", canvas="{size: 96x64, duration: 9f}")
    assert added(film, 9) == pytest.approx(counted(film, 9))


def test_frames_of_a_video_without_strength_take_all_steps(clips: Path) -> None:
    strength = "{strength: {0f: 0.5, 4f: 0}}"
    film = video_film(clips / "carphone_pristine.mp4", canvas="{size: 96x64, duration: 9f}", carry=strength)
    assert added(film, 9) == pytest.approx(counted(film, 9))


AMORTIZED = "{layers: {fire3: 1}, octaves: 2, steps: 3, schedule: amortized}"


def taken(film: Film, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many steps an octave the film's frames take, counted while they are dreamed."""
    count = 0

    def counting(frame: Frame, objective: object, settings: DreamSettings, *rest: object, **named: object) -> Frame:
        nonlocal count
        count += settings.steps
        return dream(frame, objective, settings, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("zoomdream.dreaming.amortized.dream", counting)
    for _ in frames(film):
        pass
    return count


def test_amortized_steps_are_counted_as_they_are_taken(
    preset: ZoomPreset, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoom = prepared(preset(dream=AMORTIZED))
    assert added(zoom, 6)[1] == 2 * taken(zoom, monkeypatch) == 2 * (7 + 5)
    video = video_film(clip, dream=AMORTIZED, carry="{steps: 2}")
    assert added(video, 8)[1] == 2 * taken(video, monkeypatch) == 2 * (3 + 7)
    none = prepared(preset(dream="{layers: {fire3: 1}, octaves: 2, steps: {0s: 0, 4f: 0, 5f: 3}, schedule: amortized}"))
    assert added(none, 5)[1] == 0
