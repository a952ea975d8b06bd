"""Times and rates are exact, and what is no time is refused with the way to write it."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomdream.errors import SettingError
from zoomdream.schedule.clock import TIME_PATTERN, Clock, Time, parse_rate

NTSC = Clock(Fraction(24000, 1001), 241)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("2s", Fraction(48000, 1001)),
        ("2.5 s", Fraction(60000, 1001)),
        ("250ms", Fraction(6000, 1001)),
        ("1:30.5", Fraction(181, 2) * Fraction(24000, 1001)),
        ("1:02:03", 3723 * Fraction(24000, 1001)),
        ("90:00", 5400 * Fraction(24000, 1001)),
        ("120f", Fraction(120)),
        ("0", Fraction(0)),
        ("50%", Fraction(120)),
        ("12.5%", Fraction(30)),
        ("end", Fraction(240)),
        ("END", Fraction(240)),
    ],
)
def test_a_time_is_an_exact_position_in_frames(text: str, frame: Fraction) -> None:
    assert NTSC.at(text) == frame


@pytest.mark.parametrize("zero", [0, 0.0, "0", "0s", "0f", "0%", "0:00"])
def test_zero_needs_no_unit(zero: object) -> None:
    assert NTSC.at(Time.parse(zero)) == 0


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (4, "4 has no unit: write 4s for seconds or 4f for frames"),
        (1.5, "1.5 has no unit"),
        (True, "True is not a time"),
        (None, "None is not a time"),
        ("", "'' is not a time: write 2s, 250ms, 1:30.5, 120f (a frame), 50%, 4b (beats), 2bar or end"),
        ("2m", "'2m' is not a time"),
        ("-2s", "'-2s' is not a time"),
        ("2sec", "'2sec' is not a time"),
        ("1e3s", "'1e3s' is not a time"),
        ("1:75", "minutes and seconds go up to 59"),
        ("1:60:00", "minutes and seconds go up to 59"),
        ("1.5f", "frames are whole; write 1f, or seconds"),
        ("9" * 5000 + "s", "is not a time"),
        ([1], "is not a time"),
    ],
)
def test_what_is_no_time_is_refused(value: object, message: str) -> None:
    with pytest.raises(SettingError) as caught:
        Time.parse(value)
    assert message in str(caught.value)


def test_a_length_in_percent_is_of_the_whole_film_and_a_moment_of_its_last_frame() -> None:
    clock = Clock(Fraction(30), 120)
    assert clock.length("25%") == 30
    assert clock.at("100%") == 119


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (30, Fraction(30)),
        (12.5, Fraction(25, 2)),
        ("24000/1001", Fraction(24000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        (24.0, Fraction(24)),
        (24, Fraction(24)),
    ],
)
def test_rates_are_exact(value: object, rate: Fraction) -> None:
    assert parse_rate(value) == rate


@pytest.mark.parametrize("value", [0, -24, 1e9, "1/0", "fast", True, None, float("nan"), float("inf"), [30], ""])
def test_what_is_no_rate_is_refused(value: object) -> None:
    with pytest.raises(SettingError, match="frame rate"):
        parse_rate(value)


@pytest.mark.parametrize(
    ("fps", "duration", "frames"),
    [("30", "12s", 360), ("24000/1001", "12s", 288), ("24", "360f", 360), ("30", "1:00", 1800), ("30", "20ms", 1)],
)
def test_a_duration_is_met_to_the_nearest_frame(fps: str, duration: str, frames: int) -> None:
    assert Clock.lasting(Fraction(fps), Time.parse(duration)).frames == frames


def test_a_clock_knows_its_length_in_seconds() -> None:
    assert Clock(Fraction(24000, 1001), 24000).seconds == 1001


@pytest.mark.parametrize(("fps", "duration"), [("30", "1ms"), ("30", "50%"), ("30", "end"), ("1000", "9999:00:00")])
def test_a_film_without_a_sensible_length_is_refused(fps: str, duration: str) -> None:
    with pytest.raises(SettingError, match="a film cannot"):
        Clock.lasting(Fraction(fps), Time.parse(duration))


def test_a_film_needs_a_rate() -> None:
    with pytest.raises(SettingError, match="above 0"):
        Clock(Fraction(0), 10)


# -- properties -------------------------------------------------------------------------------------------------------

decimals = st.decimals(0, 99_999, allow_nan=False, allow_infinity=False, places=3).map(str)
times = st.one_of(
    st.builds("{}{}".format, decimals, st.sampled_from(["s", "ms", "%", " s", "S"])),
    st.builds("{}f".format, st.integers(0, 10**9 - 1)),
    st.builds("{}:{:02}".format, st.integers(0, 99_999), st.integers(0, 59)),
    st.builds("{}:{:02}:{:02}.{}".format, st.integers(1, 9999), *[st.integers(0, 59)] * 2, st.integers(0, 999)),
    st.just("end"),
)
clocks = st.builds(
    Clock,
    st.sampled_from([Fraction(24), Fraction(24000, 1001), Fraction(25, 2), Fraction(60)]),
    st.integers(1, 100_000),
    st.fractions(0, 100, max_denominator=1000),
)


@given(text=times)
def test_a_times_text_means_the_same_time(text: str) -> None:
    time = Time.parse(text)
    assert Time.parse(time.text) == time
    assert re.search(TIME_PATTERN, time.text)
    assert time.amount >= 0


@given(clock=clocks, seconds=st.tuples(*[st.integers(0, 99_999_999)] * 2))
def test_later_times_are_later_positions(clock: Clock, seconds: tuple[int, int]) -> None:
    for first, second in (seconds, seconds[::-1]):
        milliseconds = (clock.at(f"{first}ms"), clock.at(f"{second}ms"))
        assert (first < second) == (milliseconds[0] < milliseconds[1])
        frames = (clock.at(f"{first}f"), clock.at(f"{second}f"))
        assert (first < second) == (frames[0] < frames[1])


@given(clock=clocks, seconds=st.integers(0, 9999))
def test_the_ways_to_write_a_moment_agree(clock: Clock, seconds: int) -> None:
    minutes, rest = divmod(seconds, 60)
    moment = clock.at(f"{seconds}s")
    assert moment == clock.at(f"{minutes}:{rest:02}") == clock.at(f"{seconds * 1000}ms")
    assert clock.length(f"{seconds}s") == moment + clock.origin * clock.fps
    assert clock.at("end") == clock.at("100%") == clock.frames - 1


@given(numerator=st.integers(1, 99_999), denominator=st.integers(1, 9999))
def test_a_rate_as_a_fraction_is_read_exactly(numerator: int, denominator: int) -> None:
    rate = Fraction(numerator, denominator)
    if Fraction(1, 10) <= rate <= 1000:
        assert parse_rate(f"{numerator}/{denominator}") == parse_rate(str(rate)) == rate
    else:
        with pytest.raises(SettingError, match=r"from 0\.1 to 1000"):
            parse_rate(f"{numerator}/{denominator}")


@given(hundredths=st.integers(10, 100_000))
def test_a_decimal_rate_is_itself_or_the_ntsc_rate_nearby(hundredths: int) -> None:
    value = Fraction(hundredths, 100)
    rate = parse_rate(f"{hundredths // 100}.{hundredths % 100:02}")
    assert rate == value or (rate.denominator == 1001 and abs(rate - value) < Fraction(5, 1000))
    assert parse_rate(str(rate)) == rate


@given(frames=st.integers(1, 10_000_000), fps=st.sampled_from([Fraction(24000, 1001), Fraction(30), Fraction(1, 10)]))
def test_a_duration_in_frames_has_that_many(frames: int, fps: Fraction) -> None:
    clock = Clock.lasting(fps, Time.parse(f"{frames}f"))
    assert clock == Clock(fps, frames)
    assert clock.seconds * fps == frames


@pytest.mark.parametrize("rate", ["1e999999999", "1e-999999999", "1E+10_000", "9" * 5000])
def test_a_rate_of_more_digits_than_memory_holds_is_refused(rate: str) -> None:
    with pytest.raises(SettingError, match="is not a frame rate"):
        parse_rate(rate)
