"""A track means what its keyframes say, at every frame; the table holds valid settings only."""

from __future__ import annotations

import random
from dataclasses import FrozenInstanceError
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from zoomdream.errors import SettingError, UnknownNameError
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.easing import EASES
from zoomdream.schedule.timeline import SECTIONS, Timeline
from zoomdream.schedule.tracks import Crossfade, Keyframe, Sweep, Track
from zoomdream.settings import CameraSettings, ColorSettings, DreamSettings

CLOCK = Clock(Fraction(10), 21)  # two seconds, and the frame at 2 s
FIRE8 = Crossfade.of((Time.parse(0), {"fire8": 1.0}, "linear"))


def track(*keyframes: tuple[str, float] | tuple[str, float, str]) -> Track:
    return Track(tuple(Keyframe(Time.parse(at), (value,), *ease) for at, value, *ease in keyframes))


def sample(*keyframes: tuple[str, float] | tuple[str, float, str], clock: Clock = CLOCK) -> list[float]:
    return track(*keyframes).sample(clock)[:, 0].tolist()


def mixes(timeline: Timeline) -> list[dict[str, float]]:
    return [dict(row.mix) for row in timeline]


# -- eases ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in EASES if name != "hold"])
def test_eases_meet_both_ends_exactly(name: str) -> None:
    assert EASES[name](np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("hold", 0.999, 0),
        ("linear", 0.3, 0.3),
        ("smooth", 0.25, 0.15625),
        ("in-sine", 1 / 3, 1 - 3**0.5 / 2),
        ("out-sine", 1 / 3, 0.5),
        ("in-out-sine", 0.25, (1 - 0.5**0.5) / 2),
        ("in-quad", 0.5, 0.25),
        ("out-quad", 0.5, 0.75),
        ("in-cubic", 0.5, 0.125),
        ("out-cubic", 0.5, 0.875),
        ("in-out-cubic", 0.25, 0.0625),
        ("in-out-cubic", 0.75, 0.9375),
        ("in-expo", 0.5, 31 / 1023),
        ("in-back", 0.5, -0.0876975),
        ("out-back", 0.5, 1.0876975),
        ("out-bounce", 1 / 2.75, 1),
        ("out-bounce", 1.5 / 2.75, 0.75),
        ("in-bounce", 1 - 1.5 / 2.75, 0.25),
    ],
)
def test_eases_have_the_values_worked_out_by_hand(name: str, at: float, value: float) -> None:
    assert EASES[name](np.array([at]))[0] == pytest.approx(value, abs=1e-12)


def test_every_family_comes_in_three_directions() -> None:
    families = ("sine", "quad", "cubic", "expo", "back", "bounce")
    expected = {f"{direction}-{family}" for direction in ("in", "out", "in-out") for family in families}
    assert set(EASES) == expected | {"hold", "linear", "smooth"}


@pytest.mark.parametrize("name", [name for name in EASES if not name.endswith(("back", "bounce"))])
def test_eases_but_back_and_bounce_never_turn(name: str) -> None:
    assert (np.diff(EASES[name](np.linspace(0, 1, 1001))) >= 0).all()


# -- tracks -----------------------------------------------------------------------------------------------------------


def test_a_track_holds_before_its_first_keyframe_and_after_its_last() -> None:
    values = sample(("500ms", 1), ("1s", 2))
    assert values[:7] == [1, 1, 1, 1, 1, 1, pytest.approx(1.2)]
    assert values[9:] == [pytest.approx(1.8), *[2.0] * 11]


def test_the_ease_of_a_keyframe_governs_the_segment_that_leaves_it() -> None:
    values = sample(("0s", 0, "in-quad"), ("1s", 1, "hold"), ("2s", 5, "in-quad"))
    assert values[5] == 0.25
    assert values[10:20] == [1.0] * 10
    assert values[20] == 5


def test_keyframes_may_come_in_any_order_and_unit() -> None:
    assert sample(("end", 3), ("0", 0), ("10f", 1)) == sample(("0s", 0), ("1s", 1), ("100%", 3))


def test_a_keyframe_beyond_the_end_shapes_the_segment() -> None:
    assert sample(("0s", 0), ("4s", 1))[20] == 0.5


def test_keyframes_all_beyond_the_end_hold_the_first() -> None:
    assert sample(("9s", 4), ("8s", 3)) == [3.0] * 21


def test_a_keyframe_between_two_frames_is_exact() -> None:
    clock = Clock(Fraction(24000, 1001), 60)
    values = sample(("0s", 0), ("1s", 1), ("2s", 0), clock=clock)
    assert values[23] == pytest.approx(23 * 1001 / 24000, abs=1e-15)
    assert values[24] == pytest.approx(2 - 24 * 1001 / 24000, abs=1e-14)


def test_a_constant_segment_does_not_tremble() -> None:
    assert sample(("0s", 1.2, "in-out-back"), ("2s", 1.2)) == [1.2] * 21


@pytest.mark.parametrize("pair", [("1s", "10f"), ("end", "2s"), ("0", "0%")])
def test_two_keyframes_at_one_instant_are_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(SettingError, match=f"{pair[0]} and {pair[1]} are the same instant"):
        sample((pair[0], 1), (pair[1], 2))


def test_a_film_of_one_frame_has_its_first_value() -> None:
    for last in ("1s", "end", "50%"):
        assert sample(("0%", 3), (last, 5), clock=Clock(Fraction(30), 1)) == [3.0]


def slow_value(knots: list[tuple[Fraction, float, str]], frame: int) -> float:
    """One frame at a time, in the order a person would read the keyframes."""
    knots = sorted(knots)
    if frame < knots[0][0]:
        return knots[0][1]
    for (start, before, ease), (stop, after, _) in pairwise(knots):
        if start <= frame < stop:
            progress = np.array([float((frame - start) / (stop - start))])
            return float(before + (after - before) * EASES[ease](progress)[0])
    return knots[-1][1]


@pytest.mark.parametrize("seed", range(20))
def test_sampling_equals_its_slow_twin(seed: int) -> None:
    dice = random.Random(seed)
    clock = Clock(Fraction(24000, 1001), 50)
    times = [f"{ms}ms" for ms in dice.sample(range(3000), 6)]
    keyframes = [(at, dice.uniform(-5, 5), dice.choice(list(EASES))) for at in times]
    expected = [slow_value([(clock.at(at), value, ease) for at, value, ease in keyframes], n) for n in range(50)]
    assert sample(*keyframes, clock=clock) == pytest.approx(expected, abs=1e-11)


# -- mixes ------------------------------------------------------------------------------------------------------------


def test_a_crossfade_counts_a_missing_layer_as_zero_and_drops_zeros() -> None:
    keyframes = (("0s", {"fire5": 1.0}, "in-out-sine"), ("1s", {"fire8": 2.0, "fire5": 0.0}, "linear"))
    rows = mixes(Timeline(CLOCK, Crossfade.of(*((Time.parse(at), mix, ease) for at, mix, ease in keyframes))))
    assert rows[0] == {"fire5": 1.0}
    assert rows[5] == pytest.approx({"fire5": 0.5, "fire8": 1.0})
    assert rows[10] == rows[20] == {"fire8": 2.0}


def test_weights_may_be_negative_and_a_mix_may_vanish() -> None:
    keyframes = ((Time.parse("0s"), {"fire8": -1.0}, "linear"), (Time.parse("2s"), {"fire8": 1.0}, "linear"))
    rows = mixes(Timeline(CLOCK, Crossfade.of(*keyframes)))
    assert rows[0] == {"fire8": -1.0}
    assert rows[10] == {}


def sweep(stops: str, hold: str, fade: str, frames: int) -> list[dict[str, float]]:
    mix = Sweep(tuple(stops), Time.parse(hold), Time.parse(fade))
    return mixes(Timeline(Clock(Fraction(30), frames), mix))


def test_a_sweep_holds_each_layer_then_fades_to_the_next_and_stays() -> None:
    rows = sweep("abc", "3f", "2f", 14)
    assert rows[:4] == [{"a": 1.0}] * 4
    assert rows[4] == {"a": 0.5, "b": 0.5}
    assert rows[5:9] == [{"b": 1.0}] * 4
    assert rows[9] == {"b": 0.5, "c": 0.5}
    assert rows[10:] == [{"c": 1.0}] * 4


def test_a_sweep_without_fade_cuts_and_without_hold_only_fades() -> None:
    assert sweep("ab", "2f", "0s", 5) == [{"a": 1.0}] * 2 + [{"b": 1.0}] * 3
    assert sweep("ab", "0s", "2f", 4) == [{"a": 1.0}, {"a": 0.5, "b": 0.5}, {"b": 1.0}, {"b": 1.0}]


def test_a_sweep_may_come_back_and_be_measured_in_percent() -> None:
    assert sweep("aba", "25%", "0%", 8) == [{"a": 1.0}] * 2 + [{"b": 1.0}] * 2 + [{"a": 1.0}] * 4


def test_a_sweep_that_never_shows_a_layer_is_refused() -> None:
    with pytest.raises(SettingError, match="hold and fade are both 0"):
        sweep("ab", "0s", "0f", 4)


# -- the table --------------------------------------------------------------------------------------------------------


def test_rows_hold_each_section_with_tracks_constants_and_defaults() -> None:
    pan = Track((Keyframe(Time.parse(0), (0.0, 1.0)), Keyframe(Time.parse("1s"), (1.0, 0.0))))
    sections = {"camera": {"zoom": track(("0s", 1), ("1s", 2)), "pan": pan}, "dream": {"objective": "mean"}}
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
    section: str, field: str, keyframes: tuple, lowest: float, highest: float
) -> None:
    free = sample(*keyframes)
    assert min(free) < lowest or max(free) > highest
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
    unreached = Crossfade.of((Time.parse(0), {"a": 1.0}, "linear"), (Time.parse("99s"), {"b:17": 0.0}, "linear"))
    assert Timeline(CLOCK, unreached).keys() == ("a", "b:17")
    assert Timeline(CLOCK, Sweep(("a", "b", "a"), Time.parse("1s"), Time.parse(0))).keys() == ("a", "b")


def test_bad_constants_and_unknown_sections_are_refused_at_once() -> None:
    with pytest.raises(SettingError, match="step_size"):
        Timeline(CLOCK, FIRE8, {"dream": {"step_size": 3}})
    with pytest.raises(UnknownNameError, match="did you mean camera"):
        Timeline(CLOCK, FIRE8, {"camra": {}})


def test_numbers_are_tracked_and_choices_are_not() -> None:
    assert is_tracked(DreamSettings, "steps")
    assert is_tracked(DreamSettings, "step_size")
    assert is_tracked(CameraSettings, "pan")
    assert not is_tracked(DreamSettings, "objective")


def test_sections_are_the_settings_in_a_row() -> None:
    assert dict(SECTIONS) | {"dream": DreamSettings, "camera": CameraSettings, "color": ColorSettings} == SECTIONS
