"""Compose the sample sound: python samples/compose.py. It comes out beside this file, the same every time.

groove: four bars at 120 beats a minute that begin again without a seam: drums, a bass, chords that open up.
"""

import wave
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
RATE = 44100
BPM = 120
BEATS = 16
STEP = 60 / BPM / 4  # seconds of a sixteenth
QUALITY = 2  # of Vorbis, from 0 to 10
Array = np.ndarray

KICKS = (0, 4, 8, 12)  # sixteenths of a bar
SNARES = (4, 12)
OPEN_HATS = (2, 6, 10, 14)
BASS = ((0, 45, 3), (3, 45, 2), (6, 57, 1), (8, 41, 3), (11, 41, 2), (14, 43, 2))  # at, MIDI note, sixteenths
CHORDS = ((57, 60, 64, 67), (53, 57, 60, 64), (55, 59, 62, 65), (52, 55, 59, 62))  # one a bar


def seconds(length: float) -> Array:
    """The times of samples, from 0."""
    return np.arange(round(length * RATE)) / RATE


def kick() -> Array:
    """A sine that falls from 150 to 48 Hz."""
    t = seconds(0.32)
    phase = 48 * t + (150 - 48) * 0.03 * (1 - np.exp(-t / 0.03))
    return np.sin(2 * np.pi * phase) * np.exp(-t / 0.11)


def snare(random: np.random.Generator) -> Array:
    """Noise over a short tone of 190 Hz."""
    t = seconds(0.2)
    return 0.5 * random.normal(size=len(t)) * np.exp(-t / 0.06) + 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.04)


def hat(random: np.random.Generator, decay: float) -> Array:
    """Noise without its low frequencies."""
    t = seconds(6 * decay)
    return np.diff(random.normal(size=len(t) + 2), 2) * np.exp(-t / decay) * 0.4


def tone(note: int, length: float, brightness: float) -> Array:
    """A saw of a few harmonics; `brightness`, from 0 to 1, says how many are heard."""
    t = seconds(length)
    hertz = 440 * 2 ** ((note - 69) / 12)
    harmonics = np.arange(1, max(2, int(9000 / hertz)))
    weights = np.exp(-harmonics * hertz / (300 + 5000 * brightness)) / harmonics
    pairs = zip(harmonics, weights, strict=True)
    wave_form = sum(weight * np.sin(2 * np.pi * hertz * number * t) for number, weight in pairs)
    return wave_form * np.minimum(1, t / 0.005) * np.minimum(1, (length - t) / 0.02)


def between_kicks(step: int, length: int) -> Array:
    """A gain for a tone that begins at a sixteenth of a bar: it makes room for the kick drum, which is on each beat."""
    since_kick = (step % 4 * STEP + seconds(length * STEP)) % (4 * STEP)
    return 1 - np.exp(-since_kick / 0.12)


def compose() -> Array:
    """The samples, channels in columns, from -1 to 1. What rings on after the end is heard at the beginning."""
    random = np.random.default_rng(1)
    mix = np.zeros((round(BEATS * 60 / BPM * RATE), 2))

    def put(sound: Array, step: float, gain: float, side: float = 0.0) -> None:
        places = (round(step * STEP * RATE) + np.arange(len(sound))) % len(mix)
        for channel, sign in enumerate((-1, 1)):
            mix[places, channel] += gain * (1 + sign * side) * sound

    for bar in range(BEATS // 4):
        for step in KICKS:
            put(kick(), 16 * bar + step, 0.85)
        for step in SNARES:
            put(snare(random), 16 * bar + step, 0.3)
        for step in range(16):
            is_open = step in OPEN_HATS
            put(hat(random, 0.05 if is_open else 0.015), 16 * bar + step, 0.1 if is_open else 0.05, 0.3)
        for step, note, length in BASS:
            put(tone(note - 12, length * STEP, 0.05) * between_kicks(step, length), 16 * bar + step, 0.22)
        for note in CHORDS[bar]:
            put(tone(note, 16 * STEP, 0.1 + 0.25 * bar), 16 * bar, 0.04 + 0.008 * bar, -0.3 + 0.2 * (note % 4))
    return np.tanh(1.2 * mix) * 0.9


def main() -> None:
    """Write groove.ogg into this folder."""
    from zoomdream.media.ffmpeg import run

    raw, target = FOLDER / "groove.wav", FOLDER / "groove.ogg"
    with wave.open(str(raw), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(compose() * 32767).astype("<i2").tobytes())
    tags = ("-map_metadata", "-1", "-metadata", "license=CC0-1.0", "-bitexact")
    encoding = ("-c:a", "libvorbis", "-q:a", str(QUALITY))
    result = run(["-y", "-i", str(raw), *tags, *encoding, "-serial_offset", "1", str(target)], raw)
    raw.unlink()
    assert result.status == 0, result.stderr


if __name__ == "__main__":
    main()
