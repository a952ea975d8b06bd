"""Sounds for the tests: clicks and drums at known times, and files of samples."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoomdream.media.ffmpeg import executable
from zoomdream.schedule.music.analysis import Analysis, analyse
from zoomdream.schedule.music.spectra import RATE

Samples = NDArray[np.float32]


def seconds(length: float) -> NDArray[np.float64]:
    """The times of samples."""
    return np.arange(round(length * RATE)) / RATE


def click() -> NDArray[np.float64]:
    """30 ms of a high tone that dies away."""
    return np.sin(2 * np.pi * 1500 * seconds(0.03)) * np.exp(-150 * seconds(0.03))


def kick() -> NDArray[np.float64]:
    """A low tone that falls."""
    t = seconds(0.25)
    return np.sin(2 * np.pi * (50 * t + 4 * (1 - np.exp(-30 * t)))) * np.exp(-14 * t)


def rattle(length: float, decay: float, seed: int = 0) -> NDArray[np.float64]:
    """Noise that dies away: a snare drum, or a hi-hat."""
    return 0.5 * np.random.default_rng(seed).normal(size=len(seconds(length))) * np.exp(-decay * seconds(length))


def put(mix: NDArray[np.float64], sound: NDArray[np.float64], at: float, gain: float = 1.0) -> None:
    """Add a sound to a mix at a time; what stands over its end is cut off."""
    first = round(at * RATE)
    count = max(0, min(len(sound), len(mix) - first))
    mix[first : first + count] += gain * sound[:count]


def click_track(times: Iterable[float], length: float, swing: float = 0.0, fade: float = 0.0) -> Samples:
    """Clicks, and softer ones between them where `swing` is the share of the beat at which they come; faded in."""
    beats, mix = list(times), np.zeros(len(seconds(length)))
    for at, following in pairwise(beats):
        put(mix, click(), at)
        if swing:
            put(mix, click(), at + swing * (following - at), 0.5)
    put(mix, click(), beats[-1])
    gain = np.clip(seconds(length) / fade, 0, 1) if fade else 1.0
    return (0.8 * mix * gain).astype(np.float32)


def drum_loop(times: Iterable[float], length: float) -> Samples:
    """Kick and snare in turn, hi-hats on every half beat, over a hum and a little noise."""
    beats, mix = list(times), 1e-3 * np.random.default_rng(1).normal(size=len(seconds(length)))
    step = beats[1] - beats[0]
    for number, at in enumerate(beats):
        put(mix, kick() if number % 2 == 0 else rattle(0.18, 22), at, 0.7)
        put(mix, rattle(0.05, 90), at, 0.2)
        put(mix, rattle(0.05, 90), at + step / 2, 0.1)
    mix += 0.08 * np.sin(2 * np.pi * 220 * seconds(length))
    return (0.6 * mix).astype(np.float32)


def drum_pattern(kicks: str, snares: str, hats: str, bpm: float, length: float) -> Samples:
    """A bar of sixteenths, `x` for a stroke, over and over."""
    step, mix = 15 / bpm, np.zeros(len(seconds(length)))
    rows = ((kicks, kick(), 0.8), (snares, rattle(0.18, 22), 0.5), (hats, np.diff(rattle(0.05, 90)), 0.25))
    for number in range(round(length / step)):
        for row, sound, gain in rows:
            if row[number % len(row)] == "x":
                put(mix, sound, number * step, gain)
    return (0.5 * mix).astype(np.float32)


def analysed(samples: Samples, block: int = 2**16) -> Analysis:
    """The analysis of samples that come in blocks."""
    return analyse(blocks(samples, block))


def blocks(samples: Samples, size: int) -> Iterator[Samples]:
    """Samples in blocks."""
    return (samples[at : at + size] for at in range(0, len(samples), size))


def sound_file(path: Path, samples: NDArray[np.floating], *options: str, rate: int = RATE) -> Path:
    """A file of samples, channels in columns; `options` are ffmpeg's, of its encoder."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    raw = ("-f", "f32le", "-ar", str(rate), "-ac", str(channels), "-i", "pipe:0")
    command = [executable(), "-v", "error", "-y", *raw, *options, str(path)]
    subprocess.run(command, input=samples.astype("<f4").tobytes(), check=True)
    return path
