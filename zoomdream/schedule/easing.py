"""Easing curves: how a value goes from one keyframe to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
Ease = Callable[[FloatArray], FloatArray]


def _bounce_out(t: FloatArray) -> FloatArray:
    u = t * 2.75  # four parabolas of one curvature, each bounce a quarter as high as the one before
    return np.select(
        [u < 1, u < 2, u < 2.5], [u**2, (u - 1.5) ** 2 + 0.75, (u - 2.25) ** 2 + 0.9375], (u - 2.625) ** 2 + 0.984375
    )


def _elastic_in(t: FloatArray) -> FloatArray:
    swing: FloatArray = np.sin((1.075 - t) * (2 * np.pi / 0.3))
    return np.multiply(_expo_in(t), swing)


def _expo_in(t: FloatArray) -> FloatArray:
    return (2 ** (10 * (t - 1)) - 2**-10) / (1 - 2**-10)


# Penner's curves with d3-ease's constants, arranged so that 0 and 1 are met exactly: a frame at a keyframe has exactly
# the keyframe's value.
_EASE_IN: Mapping[str, Ease] = {
    "sine": lambda t: 1 - np.sin((1 - t) * np.pi / 2),
    "quad": lambda t: t**2,
    "cubic": lambda t: t**3,
    "quart": lambda t: t**4,
    "quint": lambda t: t**5,
    "expo": _expo_in,
    "circ": lambda t: 1 - np.sqrt(1 - np.clip(t, 0, 1) ** 2),
    "back": lambda t: t**2 * (t + 1.70158 * (t - 1)),
    "bounce": lambda t: 1 - _bounce_out(1 - t),
    "elastic": _elastic_in,
}


def _out(ease: Ease) -> Ease:
    return lambda t: 1 - ease(1 - t)


def _in_out(ease: Ease) -> Ease:
    return lambda t: np.where(t < 0.5, ease(2 * t) / 2, 1 - ease(2 - 2 * t) / 2)


def cubic_bezier(x1: float, y1: float, x2: float, y2: float) -> Ease:
    """CSS's curve from (0, 0) to (1, 1) by two control points, whose x are from 0 to 1."""

    def at(t: FloatArray, one: float, two: float) -> FloatArray:
        return ((1 + 3 * one - 3 * two) * t + (3 * two - 6 * one)) * t * t + 3 * one * t

    def ease(progress: FloatArray) -> FloatArray:
        # x grows with t, so halving finds t, exactly and at any slope.
        low, high = np.zeros_like(progress), np.ones_like(progress)
        for _ in range(54):
            middle = (low + high) / 2
            is_below = at(middle, x1, x2) < progress
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        value = at((low + high) / 2, y1, y2)
        return np.where(progress <= 0, 0.0, np.where(progress >= 1, 1.0, value))

    return ease


def steps(count: int, jump: str = "end") -> Ease:
    """CSS's staircase of even steps; `jump` says where it jumps: start, end, both or none."""
    first, last = jump in ("start", "both"), jump in ("end", "both")
    jumps = count - 1 + first + last

    def ease(progress: FloatArray) -> FloatArray:
        stair = np.clip(np.floor(progress * count), 0, count - 1) + first
        return np.where(progress >= 1, 1.0, stair / jumps)

    return ease


EASES: Mapping[str, Ease] = {
    "hold": np.zeros_like,
    "linear": lambda t: t,
    "smooth": lambda t: t**2 * (3 - 2 * t),
    "ease": cubic_bezier(0.25, 0.1, 0.25, 1),
    "ease-in": cubic_bezier(0.42, 0, 1, 1),
    "ease-out": cubic_bezier(0, 0, 0.58, 1),
    "ease-in-out": cubic_bezier(0.42, 0, 0.58, 1),
    **{f"in-{name}": ease for name, ease in _EASE_IN.items()},
    **{f"out-{name}": _out(ease) for name, ease in _EASE_IN.items()},
    **{f"in-out-{name}": _in_out(ease) for name, ease in _EASE_IN.items()},
}
"""From progress in time, 0 at one keyframe to 1 at the next, to progress of the value; `hold` stays at 0, `back` and
`elastic` overshoot."""
