"""A film's sound that is analysed when something first asks for it; needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property

import numpy as np

from zoomdream.schedule.clock import BeatGrid
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.music.audio_features import AudioFeatures


class LazySound:
    """A sound as a `schedule.expressions.variables.Sound`. Its methods raise what the analysis does."""

    names = AudioFeatures.names

    def __init__(self, analyse: Callable[[], AudioFeatures], beats: BeatGrid | None, origin: Fraction) -> None:
        """Of what `analyse` returns; `beats` are the preset's own tempo, `origin` is the film's beginning on its clock,
        in seconds.
        """
        self._analyse, self._beats, self._origin = analyse, beats, origin

    @cached_property
    def features(self) -> AudioFeatures:
        """What is heard, with the preset's own beats where it gives a tempo."""
        features, beats = self._analyse(), self._beats
        if beats is None:
            return features
        return features.with_beats(float(beats.bpm), float(beats.offset - self._origin))

    @property
    def is_analysed(self) -> bool:
        """Whether something has asked for it."""
        return "features" in vars(self)

    @property
    def bpm(self) -> float | None:
        """See `AudioFeatures.bpm`."""
        return self.features.bpm

    def column(self, name: str, times: FloatArray, attack: float = 0.0, release: float = 0.0) -> FloatArray:
        """See `AudioFeatures.column`."""
        return self.features.column(name, np.asarray(times, np.float64), attack, release)

    def beats_at(self, times: FloatArray) -> FloatArray:
        """See `AudioFeatures.beats_at`."""
        return self.features.beats_at(np.asarray(times, np.float64))
