"""The exact frame rate behind rounded timestamps."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import median

_HEADER_ROUNDING = 0.006  # ffmpeg prints rates with two decimals
_NTSC = Fraction(1000, 1001)
_USUAL = [Fraction(rate) for rate in (10, 12, 15, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240)] + [
    rate * _NTSC for rate in (24, 30, 60, 120)
]


def frame_rate(times: Sequence[int], time_base: Fraction, stated: float | None = None) -> tuple[Fraction, bool]:
    """The rate in frames per second of frames with these times, and whether it varies.

    `times` are sorted, in units of `time_base` seconds. Containers round times (Matroska to milliseconds), so the
    simplest rate that explains every one of them within a tick is the exact one: a whole number, one over 1.001, a
    small fraction, or the mean. `stated` is the header's rate: it decides between 24 and 23.976 where the clip is too
    short for its timestamps to do so, and is the rate of a single frame (25 without it). For a rate that varies, the
    rate is that of most frames.
    """
    span = (times[-1] - times[0]) * time_base
    if not span:
        only = Fraction(stated or 25)
        return next(rate for rate in [*_simple(only), only] if abs(rate - only) <= _HEADER_ROUNDING), False
    mean = (len(times) - 1) / span
    rates = [*_simple(mean), mean]
    if stated is not None:
        rates.sort(key=lambda rate: abs(float(rate) - stated) > _HEADER_ROUNDING)
    for rate in rates:
        if _explains(rate * time_base, times):
            return rate, False
    interval = Fraction(median(after - before for before, after in pairwise(times))) * time_base
    return _usual_rate(mean, interval), True


def _usual_rate(mean: Fraction, interval: Fraction) -> Fraction:
    """A rate in use that is within 1 % of the median interval's, which gaps do not disturb, or of the mean, which
    jitter does not; else the mean."""
    for rate in [1 / interval, mean] if interval else [mean]:
        near = min(_USUAL, key=lambda usual: abs(usual - rate))
        if abs(near - rate) < rate / 100:
            return near
    return mean


def _simple(rate: Fraction) -> list[Fraction]:
    whole = max(1, round(rate))
    return [Fraction(whole), whole * _NTSC, rate.limit_denominator(1001) or rate]


def _explains(frames_per_tick: Fraction, times: Sequence[int]) -> bool:
    """Whether the times lie within a tick of a grid; where a tick is nearly a frame, nearer than that."""
    frames, ticks = frames_per_tick.numerator, frames_per_tick.denominator
    off = [time * frames - position * ticks for position, time in enumerate(times)]  # in ticks, times `frames`
    return max(off) - min(off) <= min(frames, ticks * 3 / 4)
