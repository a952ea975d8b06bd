"""Beats are found where they are, at the tempo that they have."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.sounds import Samples, analysed, click_track, drum_loop, drum_pattern, rattle
from zoomdream.schedule.music.beats import estimate_tempo, onset_strength

LENGTH = 20.0


def times(bpm: float, first: float = 0.37, length: float = LENGTH) -> list[float]:
    return list(np.arange(first, length - 0.3, 60 / bpm))


def assert_beats(samples: Samples, expected: list[float], bpm: float, within: float = 0.02) -> None:
    """All beats are found within a time, and nearly no others."""
    found = analysed(samples)
    assert found.bpm == pytest.approx(bpm, rel=3e-3)
    distances = np.abs(found.beats[:, None] - np.array(expected))
    assert distances.min(axis=0).max() < within
    assert len(found.beats) <= len(expected) + 2


@pytest.mark.parametrize("bpm", [70, 85, 100, 120, 128, 140, 155, 170, 180])
def test_clicks(bpm: int) -> None:
    assert_beats(click_track(times(bpm), LENGTH), times(bpm), bpm)


@pytest.mark.parametrize("bpm", [70, 96, 120, 150, 180])
def test_clicks_with_swing_that_fade_in(bpm: int) -> None:
    """The first second of eight is too soft for anyone."""
    expected = times(bpm)
    samples = click_track(expected, LENGTH, swing=2 / 3, fade=8)
    assert_beats(samples, [beat for beat in expected if beat > 1], bpm)


@pytest.mark.parametrize("bpm", [90, 110, 128, 150])
def test_drums(bpm: int) -> None:
    assert_beats(drum_loop(times(bpm), LENGTH), times(bpm), bpm)


@pytest.mark.parametrize(
    ("kicks", "snares", "hats", "bpm"),
    [
        ("x..x......x.....", "....x.......x...", "x.x.x.x.x.x.x.x.", 138),
        ("x......x..x.....", "........x.......", "x.x.x.x.xxx.x.xx", 120),
        ("x.....x...x.....", "....x..x.x..x..x", "x.x.x.x.x.x.x.x.", 100),
    ],
)
def test_syncopated_rhythms(kicks: str, snares: str, hats: str, bpm: float) -> None:
    """Three sixteenths come again as often as four: bars decide."""
    samples = drum_pattern(kicks, snares, hats, bpm, LENGTH)
    assert_beats(samples, times(bpm, first=0), bpm)


def test_a_beat_at_the_very_beginning() -> None:
    expected = times(120, first=0)
    assert_beats(click_track(expected, LENGTH), expected, 120)
    assert analysed(click_track(expected, LENGTH)).beats[0] == pytest.approx(0, abs=0.005)


def test_a_drummer_who_is_not_a_machine() -> None:
    """Beats that come up to 12 ms early or late, at a tempo that goes from 118 to 123."""
    random = np.random.default_rng(3)
    steps = 60 / np.linspace(118, 123, 38) + random.uniform(-0.012, 0.012, 38)
    expected = list(0.5 + np.cumsum(steps))
    found = analysed(drum_loop(expected, LENGTH)).beats
    assert np.abs(found[:, None] - np.array(expected)).min(axis=0).max() < 0.05


def test_beats_go_on_through_a_break() -> None:
    expected = times(120)
    samples = click_track([beat for beat in expected if not 8 < beat < 11], LENGTH)
    found = analysed(samples).beats
    assert len(found) == pytest.approx(len(expected), abs=1)
    assert np.abs(found[:, None] - np.array(expected)).min(axis=0).max() < 0.05


def test_there_are_none_before_the_music_and_after_it() -> None:
    samples = click_track([beat for beat in times(120) if 5 < beat < 15], LENGTH)
    found = analysed(samples).beats
    assert (found > 4.9).all()
    assert (found < 15.1).all()


@pytest.mark.parametrize("length", [1 / 44100, 0.01, 0.3, 1.0])
def test_a_sound_too_short_for_a_tempo_has_none(length: float) -> None:
    found = analysed(rattle(length, 0).astype(np.float32))
    assert (found.bpm, len(found.beats)) == (None, 0)
    assert found.seconds == pytest.approx(length, abs=1e-4)


def test_silence_and_a_steady_tone_have_no_beats() -> None:
    silence = np.zeros(5 * 44100, np.float32)
    tone = np.sin(np.arange(5 * 44100) * 0.06).astype(np.float32)
    for samples in (silence, tone):
        found = analysed(samples)
        assert (found.bpm, len(found.beats)) == (None, 0)
    assert not any(values.any() for values in analysed(silence).features.values())


def test_what_is_softer_than_60_decibels_is_not_made_loud() -> None:
    hiss = 1e-5 * np.random.default_rng(0).normal(size=44100).astype(np.float32)
    features = analysed(hiss).features
    assert max(float(features[name].max()) for name in ("rms", "bass", "mid", "treble")) < 0.1


def test_onset_strength_is_alike_at_the_soft_beginning() -> None:
    flux = np.zeros(4000)
    flux[::40] = 1
    faded = flux * np.linspace(0.1, 1, 4000)
    peaks = onset_strength(faded)[400:3600:40]
    assert peaks.max() / peaks.min() < 1.5


def test_the_tempo_of_a_strength_without_a_change_is_none() -> None:
    assert estimate_tempo(np.zeros(1000)) is None
    assert estimate_tempo(np.zeros(3)) is None
