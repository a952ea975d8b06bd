"""Frame rates: exact from rounded timestamps."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from zoomdream.media.probing.frame_rate import frame_rate

NTSC_FILM = Fraction(24000, 1001)
RATES = st.integers(10, 120).map(Fraction) | st.sampled_from([24, 30, 48, 60, 120]).map(
    lambda n: Fraction(n * 1000, 1001)
)
TIME_BASES = st.sampled_from([1000, 15360, 24000, 90000, 1000000]).map(lambda ticks: Fraction(1, ticks))


def test_rounded_timestamps_give_the_exact_rate() -> None:
    milliseconds = Fraction(1, 1000)
    assert frame_rate([round(k * 1000 / NTSC_FILM) for k in range(100)], milliseconds) == (NTSC_FILM, False)
    assert frame_rate([k * 1000 // 24 for k in range(100)], milliseconds) == (Fraction(24), False)
    # ten frames cannot tell 23.976 from 24: the header can
    short = [round(k * 1000 / NTSC_FILM) for k in range(10)]
    assert frame_rate(short, milliseconds, 23.98) == (NTSC_FILM, False)
    assert frame_rate(short, milliseconds, 24.0) == (Fraction(24), False)
    assert frame_rate([7], milliseconds, 29.97) == (Fraction(30000, 1001), False)


def test_a_dropped_frame_makes_the_rate_variable_even_where_a_tick_is_a_frame() -> None:
    times = [k for k in range(60) if k != 30]
    assert frame_rate(times, Fraction(1, 25)) == (Fraction(25), True)


def test_jitter_of_a_phone_is_a_variable_rate_near_its_nominal_one() -> None:
    times = [3000 * k + (k * 7919 % 200) for k in range(900)]
    assert frame_rate(times, Fraction(1, 90000)) == (Fraction(30), True)


@given(RATES, TIME_BASES, st.integers(100, 2000), st.integers(0, 10**9))
def test_times_rounded_to_any_time_base_give_the_rate(rate: Fraction, tick: Fraction, frames: int, start: int) -> None:
    times = [start + round(k / rate / tick) for k in range(frames)]
    assert frame_rate(times, tick, round(float(rate), 2)) == (rate, False)
