"""The slow, obvious twins of what a timeline computes for many frames at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from zoomdream.schedule.easing import EASES, FloatArray
from zoomdream.schedule.timeline import Timeline

PlacedKeyframe = tuple[Fraction, tuple[Any, ...], str]
"""Position in frames, value, ease."""


def table_of(keyframes: Sequence[PlacedKeyframe], frames: int) -> FloatArray:
    """A track as one array, frames x components, each segment computed whole."""
    table = np.empty((frames, len(keyframes[0][1])))
    first_frames = [min(max(math.ceil(at), 0), frames) for at, _, _ in keyframes]
    table[: first_frames[0]] = keyframes[0][1]
    table[first_frames[-1] :] = keyframes[-1][1]
    for (start, (at, value, ease)), (stop, (next_at, next_value, _)) in pairwise(
        zip(first_frames, keyframes, strict=True)
    ):
        progress = (np.arange(start, stop) - float(at)) / float(next_at - at)
        before, after = np.array(value), np.array(next_value)
        table[start:stop] = before + (after - before) * EASES[ease](progress)[:, np.newaxis]
    return table


def sign_starts(timeline: Timeline) -> list[int]:
    """The frames at which another choice of objectives or of their signs begins."""
    signs = [[(key, weight > 0) for key, weight in row.mix] for row in timeline]
    return [k for k in range(len(signs)) if k == 0 or signs[k] != signs[k - 1]]


def first_difference(one: Timeline, other: Timeline, start: int, stop: int) -> int | None:
    """The first frame whose rows differ."""
    return next((k for k in range(start, stop) if one[k] != other[k]), None)
