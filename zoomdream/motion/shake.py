"""The shaking of a camera: smooth noise over time, the same for the same seed at any frame rate."""

from __future__ import annotations

import functools
import math

from zoomdream.rng import generator
from zoomdream.settings import Pair

_FASTER = 1.9  # of the second octave, which has half the strength: a hand trembles as it sways


def shake_at(seed: int, phase: float) -> tuple[Pair, float]:
    """How far a camera has come from its rest: (right, down) and rotation, each from -1 to 1; at rest at phase 0.

    `phase` is how many shakes have passed: the frequency, added up over time.
    """
    across, down, angle = (smooth_noise(seed, name, phase) for name in ("across", "down", "angle"))
    return (across, down), angle


def smooth_noise(seed: int, name: str, phase: float) -> float:
    """Two octaves of gradient noise (Perlin, "An image synthesizer", 1985) at `phase`, from 0 on; in [-1, 1]."""
    fine = _octave(seed, f"shake {name} fine", _FASTER * phase)
    return (_octave(seed, f"shake {name}", phase) + fine / 2) / 1.5


def _octave(seed: int, name: str, phase: float) -> float:
    """0 at whole phases, with slopes of their own."""
    whole = math.floor(phase)
    t = phase - whole
    before, after = _slope(seed, whole, name) * t, _slope(seed, whole + 1, name) * (t - 1)
    return 2 * (before + (after - before) * t * t * t * (t * (6 * t - 15) + 10))


@functools.lru_cache(256)
def _slope(seed: int, whole: int, name: str) -> float:
    return float(generator(seed, whole, name).uniform(-1, 1))
