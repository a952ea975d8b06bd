"""Tracks and mixes, for tests."""

from __future__ import annotations

from fractions import Fraction

from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import Crossfade, Keyframe, Track

CLOCK = Clock(Fraction(10), 21)  # two seconds, and the frame at 2 s
FIRE8 = Crossfade.of((Time.parse(0), {"fire8": 1.0}, "linear"))

Written = tuple[str, float] | tuple[str, float, str]
"""A keyframe's time, value and maybe ease."""


def track(*keyframes: Written) -> Track:
    """A track of numbers."""
    return Track(tuple(Keyframe(Time.parse(at), (value,), *ease) for at, value, *ease in keyframes))


def sample(*keyframes: Written, clock: Clock = CLOCK) -> list[float]:
    """A track's value at every frame."""
    values: list[float] = track(*keyframes).sample(clock)[:, 0].tolist()
    return values


def mixes(timeline: Timeline) -> list[dict[str, float]]:
    """The mix of every frame, with its objectives as text."""
    return [{str(key): weight for key, weight in row.mix} for row in timeline]
