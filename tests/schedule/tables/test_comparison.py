"""Equal rows have equal digests, and the first difference is told."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.row_loops import first_difference
from tests.support.schedules import CLOCK, FIRE8, track
from zoomdream.objectives import GuideSpec
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade, Key, Sweep, Track

NAMES: dict[Key, str] = {key: key for key in ("a", "b", "c", "fire8")}


def digest(timeline: Timeline, start: int = 0, stop: int = 21) -> str:
    return timeline.digest(start, stop, NAMES)


def written(step_size: object, mix: Crossfade | Sweep = FIRE8, clock: Clock = CLOCK) -> Timeline:
    return Timeline(clock, mix, {"dream": {"step_size": step_size}})


NUMBERS = st.sampled_from([0.0, 0.01, 0.02])
SIZES = st.one_of(NUMBERS, st.dictionaries(st.sampled_from(["0s", "1s", "1500ms", "9s"]), NUMBERS, min_size=1))
MIXES = st.dictionaries(
    st.sampled_from(["0s", "500ms", "1s"]),
    st.permutations("abc").map(lambda keys: dict.fromkeys(keys[:2], 1.0)),
    min_size=1,
)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    size = draw(SIZES)
    mix = Crossfade.of(*((Time.parse(at), weights, "hold") for at, weights in draw(MIXES).items()))
    clock = Clock(Fraction(10), draw(st.sampled_from([21, 30])))
    return written(track(*size.items()) if isinstance(size, dict) else size, mix, clock)


@given(timelines(), timelines(), st.integers(0, 20), st.integers(1, 21))
def test_rows_are_equal_exactly_where_their_digests_are(one: Timeline, other: Timeline, a: int, b: int) -> None:
    start, stop = min(a, b), max(a, b)
    frame = first_difference(one, other, start, stop)
    told = one.difference(other, start, stop)
    if frame is None:
        assert told is None
        assert digest(one, start, stop) == digest(other, start, stop)
    else:
        assert told is not None
        assert f" at frame {frame}: " in told
        assert digest(one, start, stop) != digest(other, start, stop)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.01, Track.constant(0.01)),
        (0.02, {}),
        (0.0, Track.constant(-0.0)),
        (0.01, track(("0s", 0.01, "in-out-back"), ("1s", 0.01), ("9s", 0.01))),
    ],
)
def test_how_a_value_is_written_does_not_count(one: object, other: object) -> None:
    plain = Timeline(CLOCK, FIRE8) if other == {} else written(other)
    assert digest(written(one)) == digest(plain)
    assert written(one).difference(plain, 0, 21) is None


def test_longer_films_and_objectives_elsewhere_have_the_same_digest() -> None:
    short = Timeline(CLOCK, FIRE8)
    later = Crossfade.of((Time.parse("21f"), {"fire8": 1}, "linear"), (Time.parse("9s"), {"fire6:17": 1}, "linear"))
    long = Timeline(Clock(Fraction(25), 9000), later)
    assert digest(short) == digest(long)
    with pytest.raises(KeyError):
        digest(long, 0, 100)  # where an objective is mixed that has no name


def test_a_digest_tells_frames_names_weights_and_each_setting_apart() -> None:
    timeline = written(0.01)
    sections: list[dict[str, dict[str, object]]] = [
        {"dream": {"objective": "mean"}},
        {"dream": {"steps": 5}},
        {"camera": {"pan": Track.constant(0.0, 0.5)}},
        {"color": {"coherence": 0.5}},
        {"carry": {"cuts": "fade"}},
    ]
    digests = [
        digest(timeline),
        digest(timeline, 0, 20),
        digest(timeline, 1, 21),
        timeline.digest(0, 21, {"fire8": "features.11"}),
        digest(Timeline.steady(CLOCK, {"fire8": 0.5})),
        *(digest(Timeline(CLOCK, FIRE8, section)) for section in sections),
    ]
    assert len(set(digests)) == len(digests) == 10
    assert {len(text) for text in digests} == {64}


def test_a_digest_of_many_frames_sees_the_last() -> None:
    clock = Clock(Fraction(10), 9000)
    sizes = [track(("0s", 0.01, "hold"), ("8999f", size)) for size in (0.01, 0.02)]
    one, other = (written(size, clock=clock) for size in sizes)
    assert digest(one, 5, 8999) == digest(other, 5, 8999)
    assert digest(one, 5, 9000) != digest(other, 5, 9000)
    assert one.difference(other, 0, 9000) == "dream.step_size at frame 8999: 0.01 and 0.02"


def test_the_first_difference_is_told_with_its_values() -> None:
    ramp = track(("0s", 0.01, "hold"), ("1s", 0.02))
    assert written(0.01).difference(written(ramp), 0, 21) == "dream.step_size at frame 10: 0.01 and 0.02"
    pan = Timeline(CLOCK, FIRE8, {"camera": {"pan": (0.0, 0.5)}})
    assert pan.difference(Timeline(CLOCK, FIRE8), 3, 4) == "camera.pan at frame 3: [0.0, 0.5] and [0.0, 0.0]"
    mixed = Timeline.steady(CLOCK, {"a": 0.5, "b": 0.5})
    assert mixed.difference(Timeline.steady(CLOCK, {"b": 1.0}), 0, 2) == (
        "dream.layers at frame 0: a 0.5 + b 0.5 and b 1.0"
    )
    assert mixed.difference(Timeline.steady(CLOCK, {"a": 0}), 0, 2) == (
        "dream.layers at frame 0: a 0.5 + b 0.5 and nothing"
    )


def test_objectives_of_one_name_are_told_apart_by_their_folders() -> None:
    guides = [GuideSpec("fire8", Path(folder) / "guide.png") for folder in ("one", "other")]
    timelines = [Timeline.steady(CLOCK, {guide: 1.0}) for guide in guides]
    told = timelines[0].difference(timelines[1], 0, 1)
    assert told is not None
    assert "one/guide.png" in told
    assert "other/guide.png" in told


def test_frames_that_a_film_does_not_have_are_refused() -> None:
    timeline = written(0.01)
    for start, stop in ((0, 22), (-1, 3), (5, 4)):
        with pytest.raises(IndexError, match=f"{start}:{stop} are not in a timeline of 21"):
            digest(timeline, start, stop)
    with pytest.raises(IndexError, match="timeline of 5"):
        timeline.difference(written(0.01, clock=Clock(Fraction(10), 5)), 0, 21)
