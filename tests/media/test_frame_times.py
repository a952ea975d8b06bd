"""The times of frames in what ffmpeg says on stderr."""

from __future__ import annotations

from fractions import Fraction

from zoomdream.media.frame_times import FrameTimes

TIME_BASE = "[Parsed_showinfo_0 @ 0x5581] [info] config in time_base: 1/25, frame_rate: 25/1"


def line(number: int, ticks: int) -> str:
    return f"[Parsed_showinfo_0 @ 0x5581] [info] n:{number:4d} pts:{ticks:7d} pts_time:0 duration: 1 fmt:yuv420p"


def taken(*lines: str | None) -> FrameTimes:
    times = FrameTimes()
    for text in lines:
        times.put_line(text)
    return times


def test_a_line_that_is_lost_leaves_its_frame_without_a_time() -> None:
    times = taken(TIME_BASE, line(0, 25), f"[h264 @ 0x12] partial {line(1, 26)}", line(2, 27), None)
    assert [times.next() for _ in range(5)] == [(Fraction(1),), (None,), (Fraction(27, 25),), None, None]


def test_a_line_that_never_comes_is_not_waited_for() -> None:
    times = taken(TIME_BASE, line(0, 25))
    assert times.next(0.01) == (Fraction(1),)
    assert times.next(0.01) == (None,)
    times.put_line(line(1, 26))  # too late
    times.put_line(line(2, 27))
    assert times.next(0.01) == (Fraction(27, 25),)


def test_a_filter_that_is_set_up_anew_counts_from_0_again() -> None:
    times = taken(TIME_BASE, line(0, 25), line(1, 26), TIME_BASE, line(0, 27), None)
    assert [times.next() for _ in range(4)] == [(Fraction(1),), (Fraction(26, 25),), (Fraction(27, 25),), None]
