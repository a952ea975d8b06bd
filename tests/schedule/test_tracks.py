"""A track means what its keyframes say, at every frame."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.schedules import CLOCK, mixes, sample, track
from zoomdream.errors import SettingError
from zoomdream.objectives import GuideSpec
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.easing import EASES
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade, Sweep


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


# -- properties of tracks ---------------------------------------------------------------------------------------------

MONOTONE = [name for name in EASES if not name.endswith(("back", "bounce", "elastic"))]
components = st.floats(-1e3, 1e3)
frame_keyframes = st.dictionaries(st.integers(0, 20), components, min_size=1, max_size=6)


@given(values=frame_keyframes, data=st.data())
def test_a_track_has_a_keyframes_value_at_its_own_frame(values: dict[int, float], data: st.DataObject) -> None:
    eases = data.draw(st.lists(st.sampled_from(list(EASES)), min_size=len(values), max_size=len(values)))
    keyframes = [(f"{frame}f", value, ease) for (frame, value), ease in zip(values.items(), eases, strict=True)]
    sampled = sample(*data.draw(st.permutations(keyframes)))
    assert {frame: sampled[frame] for frame in values} == values


@given(values=frame_keyframes, ease=st.sampled_from(MONOTONE))
def test_a_track_stays_between_its_neighboring_keyframes(values: dict[int, float], ease: str) -> None:
    sampled = sample(*((f"{frame}f", value, ease) for frame, value in values.items()))
    frames = sorted(values)
    assert sampled[: frames[0]] == [values[frames[0]]] * frames[0]
    assert sampled[frames[-1] :] == [values[frames[-1]]] * (21 - frames[-1])
    for start, stop in pairwise(frames):
        low, high = sorted((values[start], values[stop]))
        slack = 1e-12 * max(abs(low), abs(high))
        assert all(low - slack <= value <= high + slack for value in sampled[start:stop])


@given(start=components, stop=components, ease=st.sampled_from([name for name in MONOTONE if name != "hold"]))
def test_a_monotone_ease_does_not_turn_round(start: float, stop: float, ease: str) -> None:
    steps = np.diff(sample(("0s", start, ease), ("2s", stop))) * (1 if stop >= start else -1)
    assert (steps >= -1e-12 * max(abs(start), abs(stop))).all()


# -- the film's end ---------------------------------------------------------------------------------------------------


def test_keyframes_after_the_films_end_are_known() -> None:
    keyframes = (("0s", 1.0), ("2s", 1.0), ("21f", 1.0), ("22f", 1.0), ("100%", 1.0), ("1:00", 1.0))
    assert track(*keyframes).after_end(CLOCK) == ["22f", "1:00"]
    mix = Crossfade.of((Time.parse("3s"), {"fire8": 1.0}, "linear"))
    assert mix.after_end(CLOCK) == ["3s"]


def test_objectives_whose_turn_is_after_the_films_end_are_known() -> None:
    assert Sweep(tuple("abc"), Time.parse("1s"), Time.parse("1f")).after_end(CLOCK) == ["c"]
    assert Sweep(tuple("abc"), Time.parse("9f"), Time.parse("1f")).after_end(CLOCK) == []


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


def test_files_of_objectives_are_located() -> None:
    guide = GuideSpec("fire5", Path("a.jpg"), mask=Path("b.png"))
    located = GuideSpec("fire5", Path("/films/a.jpg"), mask=Path("/films/b.png"))
    crossfade = Crossfade.of((Time.parse(0), {guide: 1.0}, "linear")).located(Path("/films").joinpath)
    assert crossfade.keys == (located,)
    sweep = Sweep((guide, "fire8"), Time.parse("1s"), Time.parse(0)).located(Path("/films").joinpath)
    assert sweep.stops == (located, "fire8")
