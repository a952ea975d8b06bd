"""Energies of a sound over time, from spectra of overlapping windows: streamed, so that an hour takes little memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

RATE = 44100
"""Samples a second that are analysed."""
WINDOW = 2048
"""Samples of a window: 46 ms, as is usual for music."""
HOP = 512
"""Samples from one window to the next: 11.6 ms."""
FRAME_RATE = RATE / HOP
"""Windows a second."""
LEAD = WINDOW // HOP
"""Windows before the one that is centred at the sound's beginning: an onset there shows in them."""
BANDS = ((20.0, 150.0), (150.0, 4000.0), (4000.0, 16000.0))
"""Bass, mid and treble in Hz: kick drums and the bass's fundamentals are below 150, cymbals, sibilants above 4000."""
LOUDNESS = 0.3
"""The loudness that is felt grows as energy to this power (Stevens 1957): ten times the energy is twice as loud."""
FLOOR = 1e-8
"""Mean square, -80 dB: what is softer counts as silence."""

_MOST_BANDS = 40  # of flux and centroid; in the bass, where a bin is wider than a band, fewer
_AT_ONCE = 128  # windows: a megabyte stays in a core's cache
_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
_SCALE = np.float32(2 / (WINDOW * np.square(_HANN, dtype=np.float64).sum()))


def bin_of(hertz: float) -> int:
    """The first bin of a spectrum whose frequency is at least this."""
    return int(np.ceil(hertz * WINDOW / RATE))


def band_edges() -> NDArray[np.int64]:
    """The bins at which the bands of flux and centroid begin, equally wide to the ear, and the one where they end."""
    return np.unique([bin_of(hertz) for hertz in np.geomspace(BANDS[0][0], BANDS[-1][1], _MOST_BANDS + 1)])


def band_places() -> Array:
    """Where each of these bands lies, from 0, the lowest, to 1, the highest, in octaves."""
    edges = band_edges()
    octaves = np.log2(edges[1:] * edges[:-1].astype(float)) / 2
    return np.asarray((octaves - octaves[0]) / (octaves[-1] - octaves[0]), np.float32)


_EDGES, _PLACES = band_edges(), band_places()
_THREE = [bin_of(low) for low, _ in BANDS]


class Energies(NamedTuple):
    """Of each window; the first four are mean squares of samples, so that a sine at full scale has 0.5."""

    total: Array
    bass: Array
    mid: Array
    treble: Array
    rise: Array
    """By how much the loudness of the bands has grown since the window before, on average."""
    flux: Array
    """By how many decibels the bands have grown since the window before, on average: alike for loud and soft."""
    centroid: Array
    """Where the loudness lies, from 0, the lowest band, to 1, the highest; towards 0 in silence."""


def measure(blocks: Iterable[Array]) -> tuple[Energies, int]:
    """The energies of samples that come in blocks, at `RATE` a second: of each window; and the number of samples.

    Window k, of LEAD + 1 + samples // HOP, is centred at (k - LEAD) / FRAME_RATE seconds. Around the sound there is
    silence.
    """
    parts: list[Energies] = []
    before = np.zeros(len(_PLACES), np.float32)
    counted, power = _Counted(blocks), _Power()
    for windows in _windows(counted):
        for first in range(0, len(windows), _AT_ONCE):
            energies, before = _measured(power.of(windows[first : first + _AT_ONCE]), before)
            parts.append(energies)
    return Energies(*(np.concatenate(column) for column in zip(*parts, strict=True))), counted.samples


class _Counted:
    """Blocks of samples, counted as they come."""

    def __init__(self, blocks: Iterable[Array]) -> None:
        self._blocks = blocks
        self.samples = 0

    def __iter__(self) -> Iterator[Array]:
        for block in self._blocks:
            self.samples += len(block)
            yield block


def _windows(blocks: _Counted) -> Iterator[Array]:
    """The windows as rows, as many at once as come with a block."""
    held, given = np.zeros(WINDOW // 2 + LEAD * HOP, np.float32), 0
    for block in blocks:
        held = np.concatenate([held, block])
        count = max(0, (len(held) - WINDOW) // HOP + 1)
        if count:
            yield np.lib.stride_tricks.sliding_window_view(held, WINDOW)[: count * HOP : HOP]
            held, given = held[count * HOP :], given + count
    rest = LEAD + 1 + blocks.samples // HOP - given
    if rest > 0:
        held = np.pad(held, (0, max(0, (rest - 1) * HOP + WINDOW - len(held))))
        yield np.lib.stride_tricks.sliding_window_view(held, WINDOW)[: rest * HOP : HOP]


def _measured(power: Array, before: Array) -> tuple[Energies, Array]:
    """The energies of windows of this power, and the bands' of the last one; `before` has the bands of the one before
    these."""
    bass, mid, treble = np.add.reduceat(power[:, : bin_of(BANDS[-1][1])], _THREE, axis=1).T
    bands = np.add.reduceat(power[:, : _EDGES[-1]], _EDGES[:-1], axis=1)
    with_earlier = np.concatenate([before[None], bands])
    decibels, loudness = _decibels(with_earlier), _loudness(with_earlier)
    flux = np.maximum(decibels[1:] - decibels[:-1], 0).mean(axis=1)
    rise = np.maximum(loudness[1:] - loudness[:-1], 0).mean(axis=1)
    loudness = loudness[1:]
    silence = np.float32(len(_PLACES) * FLOOR**LOUDNESS)
    centroid = (loudness * _PLACES).sum(axis=1) / (loudness.sum(axis=1) + silence)
    return Energies(power.sum(axis=1), bass, mid, treble, rise, flux, centroid), bands[-1]


class _Power:
    """The power of windows, in arrays that are used again: a megabyte anew each time, from the system and back, would
    take three times as long as what is computed."""

    def __init__(self) -> None:
        self._windows, self._packed = (np.empty((_AT_ONCE, WINDOW), np.float32) for _ in range(2))
        self._power = np.zeros((_AT_ONCE, WINDOW // 2), np.float32)

    def of(self, windows: Array) -> Array:
        """The mean squares of the bins from 0 to WINDOW / 2 - 1; that of bin 0, the mean, is taken for 0. Valid until
        the next call.

        OpenCV's transform takes a quarter of NumPy's time. It gives the real part of bin 0, then real and imaginary
        parts of the others in turn, then the real part of the last.
        """
        count = len(windows)
        weighted, packed, power = self._windows[:count], self._packed[:count], self._power[:count]
        np.multiply(windows, _HANN, out=weighted)
        cv2.dft(weighted, dst=packed, flags=cv2.DFT_ROWS)
        np.square(packed, out=packed)
        np.add(packed[:, 1:-1:2], packed[:, 2::2], out=power[:, 1:])
        power *= _SCALE
        return power


def _decibels(energy: Array) -> Array:
    return np.float32(10) * np.log10(np.maximum(energy, np.float32(FLOOR)))


def _loudness(energy: Array) -> Array:
    return np.power(energy, np.float32(LOUDNESS))
