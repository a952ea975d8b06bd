"""Tempo and beats of a sound, found in the onsets: Ellis, Beat Tracking by Dynamic Programming, 2007."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zoomdream.schedule.music.spectra import FRAME_RATE

Array = NDArray[np.float64]

SLOWEST, FASTEST = 40.0, 240.0
"""Beats a minute that are looked for."""

_USUAL, _OCTAVES = 120.0, 1.0  # the tempo that is likeliest, and the standard deviation around it
_DOUBLED = 0.95  # where between two beats there is one nearly as strong, the tempo is twice as high
_FASTEST_DOUBLED = 190.0
_MULTIPLES = (1, 2, 4)  # of a beat, after which music comes again
_TIGHTNESS = 100.0  # how much a beat that comes early or late costs
_NEAR = 4.0  # seconds: onsets are as strong as they stand out there, so that a soft beginning has beats, too
_LEAST = 0.1  # of the sound's mean onset: silence has none
_WEAK = 0.25  # of the usual strength: beats before the first and after the last that is stronger are none


def onset_strength(flux: Array) -> Array:
    """How much each window's flux stands out among those near it, at least 0, its standard deviation about 1."""
    flux = np.asarray(flux, np.float64)
    raised = np.maximum(flux - _mean_near(flux, _NEAR / 4), 0)
    near = np.sqrt(np.maximum(_mean_near(np.square(raised), _NEAR), 0))
    return np.asarray(raised / np.maximum(near, _LEAST * np.sqrt(np.square(raised).mean()) + 1e-6))


def _mean_near(values: Array, seconds: float) -> Array:
    """The moving mean over a time around each value."""
    half = max(1, round(seconds * FRAME_RATE / 2))
    sums = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    low, high = np.maximum(places - half, 0), np.minimum(places + half + 1, len(values))
    return np.asarray((sums[high] - sums[low]) / (high - low))


def estimate_tempo(strength: Array) -> float | None:
    """Beats a minute of a sound of this onset strength; None where nothing in it comes again."""
    first, last = (round(60 / bpm * FRAME_RATE) for bpm in (FASTEST, SLOWEST))
    correlation = _autocorrelation(strength, _MULTIPLES[-1] * (last + 1))
    if correlation[0] <= 0 or len(strength) < 2 * first:
        return None
    lags = np.arange(first, min(last, len(strength) - 1) + 1)
    prior = np.exp(-0.5 * (np.log2(60 * FRAME_RATE / lags / _USUAL) / _OCTAVES) ** 2)
    smooth = np.convolve(correlation, [0.25, 0.5, 0.25], "same")
    best = int(lags[np.argmax(prior * _metrical(smooth, lags))])
    if smooth[best] <= 0:
        return None
    half = _peak_near(smooth, best / 2)
    if _height(smooth, half) > _DOUBLED * _height(smooth, best) and 60 * FRAME_RATE / half <= _FASTEST_DOUBLED:
        best = half
    return 60 * FRAME_RATE / _vertex(smooth, best)


def _autocorrelation(values: Array, lags: int) -> Array:
    """How alike values are to themselves later, from lag 0 on; values that are few count as followed by zeros."""
    centred = values - values.mean()
    size = 1 << int(len(values) + lags).bit_length()
    spectrum = np.fft.rfft(centred, size)
    return np.asarray(np.fft.irfft(np.square(np.abs(spectrum)), size)[:lags])


def _metrical(correlation: Array, lags: NDArray[np.int64]) -> Array:
    """How much comes again after each lag, and after some multiples of it: beats make bars, and bars come again.

    Three sixteenths of a syncopated rhythm come again as often as four, but four of them are no bar.
    """
    return np.array([sum(_highest_near(correlation, lag, times) for times in _MULTIPLES) for lag in lags])


def _highest_near(correlation: Array, lag: int, times: int) -> float:
    return float(correlation[times * lag - times // 2 : times * lag + times // 2 + 1].max())


def _peak_near(values: Array, place: float) -> int:
    middle, reach = round(place), max(1, round(0.04 * place))
    low = max(1, middle - reach)
    return low + int(np.argmax(values[low : middle + reach + 1]))


def _height(values: Array, place: int) -> float:
    """How high the parabola through a peak and its neighbours is: peaks lie between two places."""
    before, at, after = values[place - 1 : place + 2]
    if at <= max(before, after):  # no peak
        return float(at)
    return float(at - (before - after) ** 2 / (8 * (before - 2 * at + after)))


def _vertex(values: Array, place: int) -> float:
    """Where the parabola through a peak and its neighbours is highest."""
    if not 0 < place < len(values) - 1 or values[place] <= max(values[place - 1], values[place + 1]):
        return place
    before, at, after = values[place - 1 : place + 2]
    return place + float(0.5 * (before - after) / (before - 2 * at + after))


def track_beats(strength: Array, bpm: float) -> Array:
    """The places of the beats, in windows: those with the most onset strength in all, at steps near the tempo's."""
    period = 60 * FRAME_RATE / bpm
    steps = np.arange(-round(2 * period), -round(period / 2) + 1)
    costs = _TIGHTNESS * np.square(np.log(-steps / period))
    local = _smoothed(strength, period / 32)
    score, link = _best_paths(local, steps, costs)
    beats = [int(np.argmax(score))]
    while (before := link[beats[-1]]) >= 0:
        beats.append(before)
    kept = _without_weak_ends(np.array(beats[::-1]), local)
    return np.array([_vertex(local, int(beat)) for beat in kept])


def _best_paths(local: Array, steps: NDArray[np.int64], costs: Array) -> tuple[Array, NDArray[np.int32]]:
    """The best score of a path that ends in each window, and the window of the beat before; -1: there is none."""
    reach, nearest = -int(steps[0]), -int(steps[-1])
    score = np.concatenate([np.full(reach, -np.inf), local])
    links = np.full(len(local), -1, np.int32)
    earlier = np.lib.stride_tricks.sliding_window_view(score, len(steps))
    for first in range(0, len(local), nearest):  # no beat of these windows comes before another of them
        windows = np.arange(first, min(first + nearest, len(local)))
        candidates = earlier[windows] - costs
        best = candidates.argmax(axis=1)
        gains = candidates[np.arange(len(windows)), best]
        better = gains > 0
        score[reach + windows[better]] += gains[better]
        links[windows[better]] = windows[better] + steps[best[better]]
    return score[reach:], links


def _smoothed(values: Array, deviation: float) -> Array:
    reach = max(1, round(3 * deviation))
    kernel = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / deviation))
    return np.convolve(values, kernel / kernel.sum(), "same") if len(values) > 2 * reach else values


def _without_weak_ends(beats: NDArray[np.int64], local: Array) -> NDArray[np.int64]:
    strengths = local[beats]
    strong = np.flatnonzero(strengths > _WEAK * np.sqrt(np.square(strengths).mean()))
    return beats[strong[0] : strong[-1] + 1] if len(strong) else beats[:0]
