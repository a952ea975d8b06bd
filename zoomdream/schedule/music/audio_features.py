"""The features of a film's sound, as values over its time: what a track may follow."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.errors import SettingError, SourceError, UnknownNameError, nearest
from zoomdream.media.ffmpeg import ffmpeg_version
from zoomdream.media.sound_samples import SoundSource, open_sound, read_samples
from zoomdream.prefetch import prefetch
from zoomdream.provenance import code_digest, file_digest
from zoomdream.schedule.music.analysis import FEATURES, ONSET_LAG, Analysis, analyse
from zoomdream.schedule.music.spectra import FRAME_RATE, LEAD, RATE
from zoomdream.schedule.music.store import keep_analysis, read_analysis

FloatArray = NDArray[np.float64]

ON_BEAT = "on_beat"
ALIASES: Mapping[str, str] = {"low": "bass", "high": "treble"}
"""Other names of features."""

_LAGS = {"onset": ONSET_LAG}
_BLOCKS_AHEAD = 4  # of a megabyte


@dataclass(frozen=True)
class BeatTimes:
    """Beats that follow one another evenly, as a preset gives them."""

    bpm: float
    """Beats a minute."""
    offset: float = 0.0
    """When the first is, in seconds of the film."""


@dataclass(frozen=True)
class AudioFeatures:
    """What is heard in a film's sound, at any time of the film.

    Times are seconds after the film's beginning; before the sound and after its end every feature is 0.
    """

    analysis: Analysis
    """Of the whole sound."""
    name: str = "the sound"
    """What messages call the sound: its file's name."""
    start: float = 0.0
    """Seconds into the sound at which the film begins."""
    grid: BeatTimes | None = None
    """The beats where they are given; None: those that were found."""
    _followed: dict[tuple[str, float, float], FloatArray] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    names: ClassVar[tuple[str, ...]] = (*FEATURES, ON_BEAT)
    """The features: `rms`, `bass`, `mid`, `treble`, `onset`, `centroid` and `on_beat`, which is 1 at a beat."""

    @property
    def bpm(self) -> float | None:
        """The tempo: the given one, else the one that was found; None where no beats were found."""
        return self.grid.bpm if self.grid else self.analysis.bpm

    @property
    def seconds(self) -> float:
        """How long there is sound after the film's beginning; 0 where it has ended by then."""
        return max(0.0, self.analysis.seconds - self.start)

    @property
    def beats(self) -> FloatArray:
        """The beats between the film's beginning and the sound's end, in seconds."""
        beats = self.analysis.beats - self.start
        if self.grid is not None:
            step = 60 / self.grid.bpm
            first = -np.floor(self.grid.offset / step)
            beats = self.grid.offset + step * np.arange(first, np.ceil((self.seconds - self.grid.offset) / step) + 1)
        return beats[(beats >= 0) & (beats < self.seconds)]

    def column(self, name: str, times: FloatArray, attack: float = 0.0, release: float = 0.0) -> FloatArray:
        """A feature, from 0 to 1, at these times.

        Args:
            name: one of `names` or `ALIASES`.
            times: in seconds of the film.
            attack: the time constant, in seconds, with which it follows the sound up; 0: at once.
            release: the same, down.

        Raises UnknownNameError.
        """
        name = ALIASES.get(name, name)
        if name not in self.names:
            raise UnknownNameError(f"a sound has no feature {name!r}{nearest(name, [*self.names, *ALIASES])}")
        times = np.asarray(times, np.float64)
        if name == ON_BEAT and not (attack or release):
            values = self._on_beat(times)
        else:
            at = (times + self.start - _LAGS.get(name, 0.0)) * FRAME_RATE + LEAD
            followed = self._following(name, attack, release)
            values = np.interp(at, np.arange(len(followed)), followed)
        return np.where(self._is_heard(times), values, 0.0)

    def beats_at(self, times: FloatArray) -> FloatArray:
        """How many beats have passed at these times, in seconds of the film: 0 at the first beat, 1.5 midway between
        the second and the third, below 0 before the first.

        Between beats that were found it grows evenly; before and after them it goes on at the tempo. Raises
        SettingError where none were found.
        """
        times = np.asarray(times, np.float64)
        if self.grid is not None:
            return (times - self.grid.offset) * self.grid.bpm / 60
        beats, bpm = self.analysis.beats, self.analysis.bpm
        if bpm is None:
            raise SettingError(f"no beats were found in {self.name}: give the tempo as bpm")
        first = int(np.searchsorted(beats, self.start - 1e-9))
        return _count(beats, times + self.start, 60 / bpm) - first

    def at(self, start: Fraction | float) -> AudioFeatures:
        """The same sound for a film that begins `start` seconds into it."""
        return replace(self, start=float(start))

    def with_beats(self, bpm: float, offset: float = 0.0) -> AudioFeatures:
        """The same sound with given beats: `bpm` a minute, the first at `offset` seconds of the film."""
        return replace(self, grid=BeatTimes(bpm, offset))

    def _is_heard(self, times: FloatArray) -> NDArray[np.bool_]:
        heard = times + self.start
        return (heard >= 0) & (heard < self.analysis.seconds)

    def _on_beat(self, times: FloatArray) -> FloatArray:
        """1 at a beat, and then less: (1 - share of the time to the next) squared. 0 before the first that was found,
        and from when one would follow the last."""
        if self.grid is None and self.analysis.bpm is None:
            return np.zeros(len(times))
        passed = self.beats_at(times)
        values = np.square(1 - (passed - np.floor(passed)))
        if self.grid is not None:
            return values
        beats = self.analysis.beats
        before = int(np.searchsorted(beats, self.start - 1e-9))
        return np.where((passed >= -before) & (passed < len(beats) - before), values, 0.0)

    def _following(self, name: str, attack: float, release: float) -> FloatArray:
        """A feature of every window of the sound, smoothed."""
        key = name, attack, release
        if key not in self._followed:
            windows = (np.arange(len(self.analysis.features[FEATURES[0]])) - LEAD) / FRAME_RATE
            values = self._on_beat(windows - self.start) if name == ON_BEAT else self.analysis.features[name]
            self._followed[key] = follow(np.asarray(values, np.float64), attack * FRAME_RATE, release * FRAME_RATE)
        return self._followed[key]


def _count(beats: FloatArray, times: FloatArray, step: float) -> FloatArray:
    """How many of `beats` have passed; beyond them there is one every `step` seconds."""
    inside = np.interp(times, beats, np.arange(len(beats)))
    before, after = np.minimum(times - beats[0], 0), np.maximum(times - beats[-1], 0)
    return np.asarray(inside + (before + after) / step)


def follow(values: FloatArray, attack: float, release: float) -> FloatArray:
    """An envelope that comes nearer to the values by 1 - 1/e in `attack` steps where they are above it, and in
    `release` steps where they are below; it begins at 0."""
    if not (attack or release):
        return values
    up, down = (-np.expm1(-1 / steps) if steps else 1.0 for steps in (attack, release))
    level, levels = 0.0, []
    for value in values.tolist():
        level += (value - level) * (up if value > level else down)
        levels.append(level)
    return np.array(levels)


def audio_features(path: str | Path, track: int | None = None) -> AudioFeatures:
    """The features of a film's or sound file's track, counted from 1; None: the default one, or the first.

    They are computed once, and kept in the user's cache by the file's content. Raises SourceError for a file that
    cannot be read, or has no sound that can be decoded, SettingError for a track that it does not have, FFmpegError.
    """
    source = open_sound(path, track)
    name = _name(source)
    analysis = read_analysis(name)
    if analysis is None:
        # decoded while the samples before are analysed, which takes as long
        with closing(prefetch(read_samples(source, RATE), _BLOCKS_AHEAD, what="samples of the sound")) as blocks:
            analysis = analyse(blocks)
        keep_analysis(name, analysis)
    return AudioFeatures(analysis, source.path.name)


def _name(source: SoundSource) -> str:
    """What an analysis is kept under: another sound, another ffmpeg or other code have another name."""
    try:
        digest = file_digest(source.path)
    except OSError as error:
        raise SourceError(f"{source.path} cannot be read: {error.strerror}") from error
    made_of = f"{digest} {source.track.number} {ffmpeg_version()} {code_digest()} {np.__version__} {cv2.__version__}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:32]
