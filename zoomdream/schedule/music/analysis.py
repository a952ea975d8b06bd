"""What is found in a sound, as plain numbers: features that change over time, tempo, beats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoomdream.schedule.music.beats import estimate_tempo, onset_strength, track_beats
from zoomdream.schedule.music.spectra import FLOOR, FRAME_RATE, LEAD, LOUDNESS, RATE, Array, Energies, measure

FEATURES = ("rms", "bass", "mid", "treble", "onset", "centroid")
"""What is measured of every window."""

# Seconds by which an onset shows too early, since a window sees it before its centre does. Measured on clicks, drums
# and noise: 11 to 13 ms in decibels, which rise with the first samples; 5 to 9 ms in loudness.
BEAT_LAG = 0.012
"""Of flux, and so of beats, in seconds."""
ONSET_LAG = 0.007
"""Of the feature `onset`, in seconds."""

_STEPS = 2**15  # features are rounded to such a part: finer than a film shows, coarser than sums of float32 err
_DIGITS = 6  # of beats, in seconds
_LOUDEST = 0.999  # the share of the windows that are no louder than what counts as 1: a single crack is cut off
_SOFTEST = 1e-6  # mean square, -60 dB: a sound that never gets louder does not reach 1
_SHORTEST = 4  # beats; fewer are no tempo


@dataclass(frozen=True)
class Analysis:
    """Of one sound track."""

    seconds: float
    """Its length."""
    features: Mapping[str, Array]
    """`FEATURES`: a value from 0 to 1 for each window of `spectra.measure`."""
    bpm: float | None
    """The tempo that was found; None without beats."""
    beats: NDArray[np.float64]
    """When, in seconds; empty where none were found."""


def analyse(blocks: Iterable[Array]) -> Analysis:
    """Analyse a sound whose samples come in blocks, at `spectra.RATE` a second."""
    energies, samples = measure(blocks)
    seconds = samples / RATE
    bpm, beats = find_beats(energies.flux, seconds)
    return Analysis(seconds, features_of(energies), bpm, beats)


def features_of(energies: Energies) -> dict[str, Array]:
    """The features: each normalised so that 1 is the loudest, the strongest or the brightest of the piece."""
    named = zip(("rms", "bass", "mid", "treble"), energies[:4], strict=True)
    features = {name: _relative(np.power(energy, LOUDNESS), _SOFTEST**LOUDNESS) for name, energy in named}
    features["onset"] = _relative(energies.rise, _SOFTEST**LOUDNESS / 10)
    features["centroid"] = _spread(energies)
    return {name: (np.round(features[name] * _STEPS) / _STEPS).astype(np.float32) for name in FEATURES}


def _relative(values: Array, least: float) -> NDArray[np.float64]:
    """Values over the highest, at most 1; over `least` where that is more."""
    return np.asarray(np.minimum(values / max(float(np.quantile(values, _LOUDEST)), least), 1), np.float64)


def _spread(energies: Energies) -> NDArray[np.float64]:
    """The centroid, from its lowest to its highest place where there is sound; a part of that in a dull piece."""
    heard = energies.centroid[energies.total > FLOOR]
    if not len(heard):
        return np.zeros(len(energies.centroid))
    low, high = (float(np.quantile(heard, share)) for share in (0.02, 0.98))
    least = 0.1  # of the scale, an octave: less is no change of color
    middle = (low + high) / 2
    low, high = min(low, middle - least / 2), max(high, middle + least / 2)
    return np.clip((energies.centroid - low) / (high - low), 0, 1)


def find_beats(flux: Array, seconds: float) -> tuple[float | None, NDArray[np.float64]]:
    """Tempo in beats a minute and the beats in seconds; None and none where nothing comes again and again."""
    nothing = np.zeros(0)
    strength = onset_strength(np.asarray(flux, np.float64))
    bpm = estimate_tempo(strength)
    if bpm is None:
        return None, nothing
    beats = np.maximum((track_beats(strength, bpm) - LEAD) / FRAME_RATE + BEAT_LAG, 0).round(_DIGITS)
    beats = beats[beats < seconds]
    if len(beats) < _SHORTEST:
        return None, nothing
    return _tempo_of(beats), beats


def _tempo_of(beats: NDArray[np.float64]) -> float:
    """The tempo of beats: that of the straight line through them."""
    slope = float(np.polyfit(np.arange(len(beats)), beats, 1)[0])
    return 60 / slope
