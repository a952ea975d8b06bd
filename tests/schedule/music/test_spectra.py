"""The energies of windows equal a plain twin's, however the samples come, and mean what they say."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.sounds import Samples, blocks, click_track, kick, put, rattle, seconds
from zoomdream.schedule.music.analysis import features_of
from zoomdream.schedule.music.spectra import FLOOR, FRAME_RATE, HOP, LEAD, RATE, WINDOW, measure

NAMES = ("total", "bass", "mid", "treble", "rise", "flux", "centroid")


def piece() -> Samples:
    """Two seconds with a bit of everything."""
    mix = 0.05 * np.sin(2 * np.pi * 330 * seconds(2)) * (seconds(2) > 0.7)
    put(mix, kick(), 0.2)
    put(mix, rattle(0.2, 20), 1.1, 0.4)
    put(mix, kick(), 1.5, 0.3)
    return mix.astype(np.float32)


def twin(samples: Samples) -> dict[str, NDArray[np.float64]]:
    """Every energy, window by window, in float64 and without a trick."""
    padded = np.concatenate([np.zeros(WINDOW // 2 + LEAD * HOP), samples.astype(np.float64), np.zeros(2 * WINDOW)])
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    hertz = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    limits = 20 * 800 ** (np.arange(41) / 40)  # 40 bands from 20 Hz to 16 kHz
    bins = sorted({int(np.argmax(hertz >= limit)) for limit in limits})
    centres = np.array([np.log2(np.sqrt(low * high)) for low, high in pairwise(bins)])
    places = (centres - centres[0]) / (centres[-1] - centres[0])
    rows, before = [], np.zeros(len(places))
    for window in range(LEAD + 1 + len(samples) // HOP):
        cut = padded[window * HOP : window * HOP + WINDOW] * hann
        power = 2 * np.abs(np.fft.rfft(cut)) ** 2 / (WINDOW * np.sum(hann**2))
        bands = np.array([power[low:high].sum() for low, high in pairwise(bins)])
        growth = 10 * np.log10(np.maximum(bands, FLOOR)) - 10 * np.log10(np.maximum(before, FLOOR))
        three = [power[(hertz >= low) & (hertz < high)].sum() for low, high in ((20, 150), (150, 4000), (4000, 16000))]
        weights = bands**0.3
        centroid = (weights * places).sum() / (weights.sum() + len(places) * FLOOR**0.3)
        rise = np.maximum(weights - before**0.3, 0).mean()
        rows.append([power[1:-1].sum(), *three, rise, np.maximum(growth, 0).mean(), centroid])
        before = bands
    return dict(zip(NAMES, np.array(rows).T, strict=True))


def test_energies_equal_the_plain_twin() -> None:
    energies, samples = measure([piece()])
    assert samples == 2 * RATE
    for name, expected in twin(piece()).items():
        np.testing.assert_allclose(getattr(energies, name), expected, rtol=2e-3, atol=2e-4, err_msg=name)


def test_features_equal_the_plain_twin() -> None:
    energies, expected = measure([piece()])[0], twin(piece())
    features = features_of(energies)
    of_energy = {"rms": "total", "bass": "bass", "mid": "mid", "treble": "treble"}
    plain = {name: expected[energy] ** 0.3 for name, energy in of_energy.items()} | {"onset": expected["rise"]}
    for name, values in plain.items():
        highest = np.percentile(values, 99.9)
        np.testing.assert_allclose(features[name], np.minimum(values / highest, 1), atol=1e-3, err_msg=name)
    heard = expected["centroid"][expected["total"] > FLOOR]
    low, high = np.percentile(heard, 2), np.percentile(heard, 98)
    np.testing.assert_allclose(
        features["centroid"], np.clip((expected["centroid"] - low) / (high - low), 0, 1), atol=2e-3
    )


@pytest.mark.parametrize("size", [1, 100, 511, 2048, 5000])
def test_blocks_of_any_size_give_the_same(size: int) -> None:
    samples = piece()[: 6000 if size == 1 else 20_000]
    whole, count = measure([samples])
    parts, counted = measure(blocks(samples, size))
    assert count == counted == len(samples)
    for name, mine, theirs in zip(NAMES, parts, whole, strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg=name)


@pytest.mark.parametrize(("hertz", "name"), [(60, "bass"), (1000, "mid"), (8000, "treble")])
def test_a_tone_lies_in_its_band_with_its_mean_square(hertz: float, name: str) -> None:
    energies, _ = measure([(0.5 * np.sin(2 * np.pi * hertz * seconds(1))).astype(np.float32)])
    middle = slice(20, 60)
    assert getattr(energies, name)[middle] == pytest.approx(0.125, rel=0.02)
    assert energies.total[middle] == pytest.approx(0.125, rel=0.01)
    for other in {"bass", "mid", "treble"} - {name}:
        assert getattr(energies, other)[middle].max() < 0.125 * 1e-3


def test_a_window_is_centred_at_its_time() -> None:
    samples = np.zeros(RATE, np.float32)
    samples[RATE // 2] = 1
    energies, _ = measure([samples])
    loudest = (int(np.argmax(energies.total)) - LEAD) / FRAME_RATE
    assert loudest == pytest.approx(0.5, abs=0.5 / FRAME_RATE)


def test_there_is_a_window_for_every_hop_of_the_sound() -> None:
    for count in (1, HOP - 1, HOP, WINDOW, 10 * HOP + 3):
        energies, _ = measure([np.ones(count, np.float32)])
        assert len(energies.total) == LEAD + 1 + count // HOP


def test_the_flux_is_alike_for_loud_and_soft() -> None:
    """An onset grows by so many decibels, whatever its strength, as long as it is above the floor by far."""
    bed = 0.1 * np.random.default_rng(0).normal(size=RATE).astype(np.float32)
    loud, soft = (measure([np.float32(gain) * (bed + click_track([0.5], 1))])[0] for gain in (1.0, 0.3))
    begun = slice(LEAD + 5, None)  # after the first moment, in which the noise sets in
    assert soft.flux[begun].max() == pytest.approx(loud.flux[begun].max(), rel=0.05)
    assert soft.rise[begun].max() == pytest.approx(0.3**0.6 * loud.rise[begun].max(), rel=0.05)
