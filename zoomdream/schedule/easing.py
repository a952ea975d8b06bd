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


# Penner's curves with d3-ease's constants, arranged so that 0 and 1 are met exactly: a frame at a keyframe has exactly
# the keyframe's value.
_EASE_IN: Mapping[str, Ease] = {
    "sine": lambda t: 1 - np.sin((1 - t) * np.pi / 2),
    "quad": lambda t: t**2,
    "cubic": lambda t: t**3,
    "expo": lambda t: (2 ** (10 * (t - 1)) - 2**-10) / (1 - 2**-10),
    "back": lambda t: t**2 * (t + 1.70158 * (t - 1)),
    "bounce": lambda t: 1 - _bounce_out(1 - t),
}


def _out(ease: Ease) -> Ease:
    return lambda t: 1 - ease(1 - t)


def _in_out(ease: Ease) -> Ease:
    return lambda t: np.where(t < 0.5, ease(2 * t) / 2, 1 - ease(2 - 2 * t) / 2)


EASES: Mapping[str, Ease] = {
    "hold": np.zeros_like,
    "linear": lambda t: t,
    "smooth": lambda t: t**2 * (3 - 2 * t),
    **{f"in-{name}": ease for name, ease in _EASE_IN.items()},
    **{f"out-{name}": _out(ease) for name, ease in _EASE_IN.items()},
    **{f"in-out-{name}": _in_out(ease) for name, ease in _EASE_IN.items()},
}
"""From progress in time, 0 at one keyframe to 1 at the next, to progress of the value; `hold` stays at 0, `back`
overshoots."""
