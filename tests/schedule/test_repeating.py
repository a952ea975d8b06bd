"""Keyframes that repeat, compared with the same keyframes written out."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoomdream.errors import SettingError
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade, Keyframe, RepeatingTrack, Track

CLOCK = Clock(Fraction(10), 61)


def track(*keyframes: tuple[str, float, str]) -> Track:
    return Track(tuple(Keyframe(Time.parse(at), (value,), ease) for at, value, ease in keyframes))


def values(track: Track | RepeatingTrack, clock: Clock = CLOCK) -> list[float]:
    return [float(value) for value in track.curve(clock).values(0, clock.frames)[:, 0]]


ONCE = track(("1s", 1, "in-quad"), ("1500ms", 3, "linear"), ("2s", 2, "linear"))


def test_a_cycle_begins_anew_where_it_ends() -> None:
    once, again = values(ONCE), values(RepeatingTrack(ONCE, "cycle"))
    assert again[:20] == once[:20]
    assert again[10:60] == once[10:20] * 5
    assert again[60] == 1


def test_a_pingpong_comes_back_the_same_way() -> None:
    once, again = values(ONCE), values(RepeatingTrack(ONCE, "pingpong"))
    assert again[:21] == once[:21]
    assert again[20:31] == pytest.approx(once[20:9:-1])
    assert again[30:51] == again[10:31]


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 30), st.sampled_from([Fraction(24000, 1001), Fraction(30), Fraction(25, 2)]))
def test_turns_are_exact_however_late(first: int, length: int, fps: Fraction) -> None:
    """A value at a frame is that of the frame a whole number of periods earlier, where that is a whole number."""
    clock = Clock(fps, 400_000)
    repeating = RepeatingTrack(track((f"{first}f", 0, "linear"), (f"{first + length}f", 1, "linear")), "cycle")
    curve = repeating.curve(clock)
    late = 399_900 - (399_900 - first) % length
    assert np.array_equal(curve.values(late, late + length), curve.values(first, first + length))
    assert curve.values(late, late + 1)[0, 0] == 0


def test_a_film_of_days_takes_no_memory_for_its_turns() -> None:
    clock = Clock(Fraction(30), 9_000_000)
    curve = RepeatingTrack(track(("0s", 0, "linear"), ("100ms", 1, "linear")), "cycle").curve(clock)
    assert len(curve.segments) == 1
    assert curve.values(8_999_997, 9_000_000)[:, 0].tolist() == pytest.approx([0, 1 / 3, 2 / 3])


def test_a_timeline_takes_it() -> None:
    pair = Track((Keyframe(Time.parse("0s"), (0.0, 0.1)), Keyframe(Time.parse("1s"), (0.5, 0.1))))
    mix = {"fire4": 1.0}
    steady = Timeline.steady(CLOCK, mix)
    timeline = Timeline(CLOCK, Crossfade.steady(mix), {"camera": {"pan": RepeatingTrack(pair, "pingpong")}})
    assert timeline[25].camera.pan == (0.25, 0.1)
    names = {key: str(key) for key in timeline.objectives}
    assert timeline.digest(0, 61, names) != steady.digest(0, 61, names)


def test_a_film_of_one_frame_shows_the_first_keyframe() -> None:
    assert values(RepeatingTrack(ONCE, "cycle"), Clock(Fraction(10), 1)) == [1]


def test_what_cannot_repeat_is_refused() -> None:
    with pytest.raises(SettingError, match="one keyframe is no movement"):
        RepeatingTrack(track(("0s", 1, "linear")), "cycle")
    computed = Track((Keyframe(Time.parse("0s"), (1.0,)), Keyframe(Time.parse("1s"), (Expression.parse("time"),))))
    with pytest.raises(SettingError, match="keyframes that repeat are numbers"):
        RepeatingTrack(computed, "cycle")
