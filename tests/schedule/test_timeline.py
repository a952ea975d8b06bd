"""The table holds valid settings only, at every frame."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import get_type_hints

import pytest

from tests.support.schedules import CLOCK, FIRE8, Written, sample, track
from zoomdream.errors import SettingError, UnknownNameError
from zoomdream.schedule.clock import Time
from zoomdream.schedule.timeline import SECTIONS, Row, Timeline
from zoomdream.schedule.tracks import Crossfade, Keyframe, Sweep, Track
from zoomdream.settings import CameraSettings, ColorSettings, DreamSettings


def test_rows_hold_each_section_with_tracks_constants_and_defaults() -> None:
    pan = Track((Keyframe(Time.parse(0), (0.0, 1.0)), Keyframe(Time.parse("1s"), (1.0, 0.0))))
    sections: dict[str, dict[str, object]] = {
        "camera": {"zoom": track(("0s", 1), ("1s", 2)), "pan": pan},
        "dream": {"objective": "mean"},
    }
    row = Timeline(CLOCK, FIRE8, sections)[5]
    assert row.index == 5
    assert row.mix == (("fire8", 1.0),)
    assert row.camera == CameraSettings(zoom=1.5, pan=(0.5, 0.5))
    assert row.dream == DreamSettings(objective="mean")
    assert row.color == ColorSettings()


@pytest.mark.parametrize(
    ("section", "field", "keyframes", "lowest", "highest"),
    [
        ("color", "coherence", (("0s", 0, "in-out-back"), ("2s", 1)), 0.0, 1.0),
        ("camera", "zoom", (("0s", 1, "in-back"), ("2s", 50)), 0.01, 50.0),
        ("dream", "octaves", (("0s", 1, "out-back"), ("2s", 16)), 1, 16),
    ],
)
def test_overshoot_stops_at_the_bounds_of_the_setting(
    section: str, field: str, keyframes: tuple[Written, ...], lowest: float, highest: float
) -> None:
    unbounded = sample(*keyframes)
    assert min(unbounded) < lowest or max(unbounded) > highest
    values = [
        getattr(getattr(row, section), field) for row in Timeline(CLOCK, FIRE8, {section: {field: track(*keyframes)}})
    ]
    assert (min(values), max(values)) == (lowest, highest)


def test_overshoot_stays_inside_an_open_bound() -> None:
    dips = track(("0s", 1.01, "in-back"), ("2s", 4))
    scales = [row.dream.octave_scale for row in Timeline(CLOCK, FIRE8, {"dream": {"octave_scale": dips}})]
    assert 1 < min(scales) < 1.001


def test_whole_settings_are_rounded() -> None:
    steps = [row.dream.steps for row in Timeline(CLOCK, FIRE8, {"dream": {"steps": track(("0s", 4), ("1s", 6))}})]
    assert steps[:11] == [4, 4, 4, 5, 5, 5, 5, 5, 6, 6, 6]
    assert {type(value) for value in steps} == {int}


def test_a_timeline_is_a_sequence_of_its_clocks_length() -> None:
    timeline = Timeline.steady(CLOCK, {"fire8": 1.0}, dream=DreamSettings(steps=9))
    assert len(timeline) == len(list(timeline)) == 21
    assert timeline[-1].index == 20
    assert timeline[-1].dream.steps == 9
    assert timeline.clock == CLOCK
    with pytest.raises(IndexError):
        timeline[21]


def test_rows_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Timeline.steady(CLOCK, {"fire8": 1.0})[0].index = 3  # type: ignore[misc]


def test_every_objective_used_anywhere_is_known_before_the_first_frame() -> None:
    crossfade = Crossfade.of((Time.parse(0), {"a": 1.0}, "linear"), (Time.parse("99s"), {"b:17": 0.0}, "linear"))
    assert Timeline(CLOCK, crossfade).objectives == ("a", "b:17")
    assert Timeline(CLOCK, Sweep(("a", "b", "a"), Time.parse("1s"), Time.parse(0))).objectives == ("a", "b")


def test_bad_constants_and_unknown_sections_are_refused_at_once() -> None:
    with pytest.raises(SettingError, match="step_size"):
        Timeline(CLOCK, FIRE8, {"dream": {"step_size": 3}})
    with pytest.raises(UnknownNameError, match="did you mean camera"):
        Timeline(CLOCK, FIRE8, {"camra": {}})


def test_a_track_of_an_unknown_setting_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="DreamSettings has no setting 'stps'; did you mean steps"):
        Timeline(CLOCK, FIRE8, {"dream": {"stps": track(("0s", 1))}})


def test_sections_are_the_settings_in_a_row() -> None:
    hints = {name: hint for name, hint in get_type_hints(Row).items() if name not in ("index", "mix", "regions")}
    assert hints == SECTIONS
    row = Timeline(CLOCK, FIRE8)[0]
    assert {name: getattr(row, name) for name in SECTIONS} == {name: kind() for name, kind in SECTIONS.items()}
