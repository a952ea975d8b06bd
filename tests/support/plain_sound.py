"""A film's sound in plain arithmetic, for tests."""

from __future__ import annotations

import numpy as np

from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.functions import SOUND_NAMES


class PlainSound:
    """Four seconds: each feature rises from 0 to 1 in one of its own number of seconds, again and again."""

    names = SOUND_NAMES
    bpm: float | None = 120.0

    def __init__(self) -> None:
        self.asked: list[tuple[str, float, float]] = []
        """Features with the attack and the release that were asked for."""

    def column(self, name: str, times: FloatArray, attack: float = 0.0, release: float = 0.0) -> FloatArray:
        """See `variables.Sound`."""
        self.asked.append((name, attack, release))
        period = 1 + self.names.index(name) / 10
        return np.where(times < 4, np.mod(times, period) / period, 0.0)

    def beats_at(self, times: FloatArray) -> FloatArray:
        """See `variables.Sound`."""
        return times * 2
