"""Formulas as values of keyframes: computed at every frame until the next keyframe, and the same for any frames."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.expression_texts import expression_text
from tests.support.plain_sound import PlainSound
from tests.support.schedules import FIRE8
from zoomdream.errors import SettingError
from zoomdream.schedule.clock import BeatGrid, Clock, Time
from zoomdream.schedule.deforum_strings import DeforumTrack
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.expressions.formulas import Follow
from zoomdream.schedule.expressions.functions import CONSTANT_NAMES, FRAME_NAMES
from zoomdream.schedule.expressions.syntax import ExpressionError
from zoomdream.schedule.expressions.variables import Variables
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade, JoinedTrack, Keyframe, Track

CLOCK = Clock(Fraction(10), 21)


def expr(text: str) -> Expression:
    return Expression.parse(text)


def track(*keyframes: tuple[str, float | str] | tuple[str, float | str, str]) -> Track:
    """A track of numbers and expressions."""
    return Track(
        tuple(
            Keyframe(Time.parse(at), (expr(value) if isinstance(value, str) else value,), *ease)
            for at, value, *ease in keyframes
        )
    )


def sample(track: Track | DeforumTrack | JoinedTrack, variables: Variables | None = None) -> list[float]:
    curve = track.curve(CLOCK, variables)
    return [round(value, 9) for value in curve.values(0, 21)[:, 0].tolist()]


def test_an_expression_is_computed_at_every_frame() -> None:
    assert sample(Track.constant(expr("frame * 2 + 1"))) == [2 * n + 1 for n in range(21)]


def test_it_lasts_until_the_next_keyframe_whose_value_is_there_at_once() -> None:
    assert sample(track(("0s", "frame"), ("1s", 5.0), ("2s", 15.0))) == [*range(10), *range(5, 16)]


def test_a_number_goes_by_its_ease_to_the_first_value_of_an_expression() -> None:
    assert sample(track(("0s", 0.0), ("1s", "frame"))) == list(range(21))
    eased = sample(track(("0s", 0.0, "in-quad"), ("1s", "frame")))
    assert eased == [*(round(n * n / 10, 9) for n in range(10)), *range(10, 21)]


def test_before_its_keyframe_its_first_value_is_held() -> None:
    assert sample(track(("1s", "frame + 1"))) == [*[11.0] * 10, *range(11, 22)]


def test_after_the_films_end_it_still_says_where_a_number_goes() -> None:
    assert sample(track(("0s", 0.0), ("4s", "frame"))) == list(range(21))


def test_one_that_nothing_changes_holds_still_and_does_not_ramp() -> None:
    curve = track(("0s", "2 * pi"), ("1s", 5.0)).curve(CLOCK)
    assert curve.is_still(0, 10)
    assert curve.is_still(10, 21)
    assert curve.values(0, 21)[:, 0] == pytest.approx([6.283185307] * 10 + [5.0] * 11)
    assert not Track.constant(expr("time")).curve(CLOCK).is_still(0, 2)


@given(st.integers(0, 2**32), st.data())
@settings(max_examples=40)
def test_any_frames_are_those_of_the_whole_film_to_the_last_bit(seed: int, data: st.DataObject) -> None:
    rng = Random(seed)
    clock = Clock(Fraction(30), 2500, beats=BeatGrid(Fraction(123)))
    variables = Variables(clock, seed=3, sound=PlainSound())
    value = Track.constant(expr(f"clamp({expression_text(rng)}, -1e6, 1e6) * sin(exp(sin(time * 3)))"))
    try:
        whole = value.curve(clock, variables).values(0, 2500)
    except SettingError:
        return
    start = data.draw(st.integers(0, 2499))
    stop = data.draw(st.integers(start + 1, 2500))
    assert np.array_equal(value.curve(clock, variables).values(start, stop), whole[start:stop])
    shorter = Clock(Fraction(30), 2600, beats=clock.beats)
    if not {"frames", "duration", "progress"} & expr(value.keyframes[0].value[0].text).names:  # type: ignore[union-attr]
        other = value.curve(shorter, Variables(shorter, seed=3, sound=PlainSound()))
        assert np.array_equal(other.values(start, stop), whole[start:stop])


# -- what a film has --------------------------------------------------------------------------------------------------


def test_the_names_of_a_film() -> None:
    clock = Clock(Fraction(10), 21, beats=BeatGrid(Fraction(120), Fraction(1, 2), per_bar=3))
    variables = Variables(clock, seed=9, size=(64, 36))
    names = [*FRAME_NAMES, *CONSTANT_NAMES]
    at_10 = {name: float(np.ravel(expr(name).evaluate(variables.columns([name], 10, 11)))[0]) for name in names}
    assert at_10 == pytest.approx(
        {
            **{"frame": 10, "frames": 21, "time": 1, "duration": 2.1, "progress": 0.5, "fps": 10, "beat": 1},
            **{"bar": 1 / 3, "seed": 9, "pi": np.pi, "tau": 2 * np.pi, "width": 64, "height": 36},
        }
    )


def test_frames_and_times_count_as_keyframes_do() -> None:
    clock = Clock(Fraction(10), 21, origin=Fraction(3))
    columns = Variables(clock).columns(["frame", "time", "progress", "t"], 0, 2)
    assert {name: np.asarray(values).tolist() for name, values in columns.items()} == {
        **{"frame": [30, 31], "time": [3, 3.1], "progress": [0, 0.05], "t": [0, 1]},
    }


def test_without_a_tempo_beats_are_the_sounds() -> None:
    variables = Variables(CLOCK, sound=PlainSound(), sound_start=1.0, beats_per_bar=2)
    assert sample(Track.constant(expr("beat")), variables)[:3] == [2, 2.2, 2.4]
    assert sample(Track.constant(expr("bar")), variables)[:3] == [1, 1.1, 1.2]


def test_a_value_follows_a_feature() -> None:
    sound = PlainSound()
    follow = Follow("bass", 1.0, 1.4, Time.parse("20ms"), Time.parse("2f"))
    values = sample(Track.constant(follow), Variables(CLOCK, sound=sound))
    assert values == [round(1 + 0.4 * ((n / 10) % 1.1) / 1.1, 9) for n in range(21)]
    assert set(sound.asked) == {("bass", 0.02, 0.2)}


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("1 + bass", 5, "'bass' needs a sound: write audio: {file: song.flac}, or name a video with sound"),
        ("sin(beat)", 5, "there are no beats here: write bpm: 120 at the top of the preset, or name a sound"),
        ("2 * width", 5, "'width' is not known before the source is read: give the canvas a size"),
    ],
)
def test_what_a_film_does_not_have_is_named(text: str, column: int, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Track.constant(expr(text)).curve(CLOCK)
    assert (caught.value.column, caught.value.reason) == (column, reason)


# -- tracks side by side ----------------------------------------------------------------------------------------------


def test_joined_tracks_have_their_own_values_side_by_side() -> None:
    parts = (track(("0s", 0.0), ("1s", 10.0)), DeforumTrack.parse("3:(1), 7:(t)"), Track.constant(expr("2 * pi")))
    curve = JoinedTrack(parts).curve(CLOCK)
    alone = np.hstack([part.curve(CLOCK).values(0, 21) for part in parts])
    assert np.array_equal(curve.values(0, 21), alone)
    assert [(segment.start, segment.changing.tolist()) for segment in curve.segments] == [
        (0, [0]),
        (3, [0, 1]),
        (7, [0, 1]),
        (10, [1]),
    ]


def test_weights_may_be_numbers_expressions_and_deforum_strings() -> None:
    mix = Crossfade.steady({"a": 0.5, "b": expr("progress"), "c": DeforumTrack.parse("0:(0), 10:(1), 11:(-1), 12:(0)")})
    timeline = Timeline(CLOCK, mix)
    assert timeline[5].mix == (("a", 0.5), ("b", 0.25), ("c", 0.5))
    assert timeline[20].mix == (("a", 0.5), ("b", 1.0))
    starts = [run.start for run in timeline.mix_runs()]
    assert starts == [0, 1, 11, 12]


# -- ranges and digests -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "name", "text", "message"),
    [
        (
            "camera",
            "zoom",
            "1 + frame",
            "camera.zoom: column 1: the value at frame 100 is 101: it must be from 0.01 to 100",
        ),
        (
            "dream",
            "steps",
            "-frame",
            "dream.steps: column 1: the value at frame 1 is -1: it must be from 0 to 2000; clamp(",
        ),
        ("color", "coherence", "1 / (99 - frame)", "color.coherence: column 1: 1 / (99 - frame) divides by zero"),
        (
            "camera",
            "rotate",
            "1 + log(frame - 99)",
            "camera.rotate: column 5: log(frame - 99), of -99, is not a number",
        ),
    ],
)
def test_a_value_out_of_its_range_is_named_with_its_frame(section: str, name: str, text: str, message: str) -> None:
    with pytest.raises(SettingError) as caught:
        Timeline(Clock(Fraction(30), 3000), FIRE8, {section: {name: Track.constant(expr(text))}})
    assert str(caught.value).startswith(message)
    assert "at frame" in str(caught.value)


def test_the_frame_is_the_first_of_all_frames() -> None:
    far = {"camera": {"zoom": Track.constant(expr("if(frame == 70001, 1000, 1)"))}}
    with pytest.raises(SettingError, match=r"the value at frame 70001 is 1000: it must be from 0.01 to 100"):
        Timeline(Clock(Fraction(30), 100_000), FIRE8, far)


def test_a_followed_value_out_of_its_range_is_named_too() -> None:
    follow = Track.constant(Follow("bass", 0.0, 2.0, Time.parse(0), Time.parse(0)))
    with pytest.raises(
        SettingError, match=r"color.coherence: the value at frame 6, following bass, is 1.09091: it must"
    ):
        Timeline(CLOCK, FIRE8, {"color": {"coherence": follow}}, Variables(CLOCK, sound=PlainSound()))


def test_whole_numbers_are_rounded_before_they_are_compared_with_their_range() -> None:
    timeline = Timeline(CLOCK, FIRE8, {"dream": {"steps": Track.constant(expr("-0.4 + frame / 4"))}})
    assert [timeline[n].dream.steps for n in (0, 1, 4, 20)] == [0, 0, 1, 5]


def test_a_weight_out_of_its_range_is_refused() -> None:
    with pytest.raises(SettingError, match=r"dream.layers: .*at frame 7"):
        Timeline(CLOCK, Crossfade.steady({"a": expr("if(frame < 7, 1, 1e7)")}))


def test_equal_rows_are_the_same_film_however_they_are_written() -> None:
    ramp = track(("0s", 1.0), ("2s", 3.0))
    forms = [ramp, Track.constant(expr("1 + 2 * (frame / 20)")), DeforumTrack.parse("0:(1), 20:(3)")]
    one, *others = (Timeline(CLOCK, FIRE8, {"camera": {"zoom": form}}) for form in forms)
    for other in others:
        assert one.difference(other, 0, 21) is None
        assert one.digest(0, 21, {"fire8": "fire8"}) == other.digest(0, 21, {"fire8": "fire8"})
    still = Timeline(CLOCK, FIRE8, {"camera": {"zoom": Track.constant(expr("0 * frame + 1.5"))}})
    plain = Timeline(CLOCK, FIRE8, {"camera": {"zoom": 1.5}})
    assert still.digest(0, 21, {"fire8": "x"}) == plain.digest(0, 21, {"fire8": "x"})
    assert one.difference(still, 0, 21) == "camera.zoom at frame 0: 1.0 and 1.5"
