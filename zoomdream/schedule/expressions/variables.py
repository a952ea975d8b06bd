"""The names of an expression on one film: its time, its size, its seed and its sound, for any of its frames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from zoomdream.errors import SettingError
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.functions import CONSTANT_NAMES, SOUND_NAMES

_CONSTANTS = {*CONSTANT_NAMES, "max_f"}
_NO_SOUND = "needs a sound: write audio: {file: song.flac}, or name a video with sound"


class Sound(Protocol):
    """What expressions and `follow` read of a film's sound; see `schedule.music.audio_features`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The features, such as `bass`."""
        ...

    @property
    def bpm(self) -> float | None:
        """The estimated tempo in beats per minute; None: none was found."""
        ...

    def column(self, name: str, times: FloatArray, attack: float = 0.0, release: float = 0.0) -> FloatArray:
        """A feature from 0 to 1 at these times, in seconds of the sound; 0 after its end.

        `attack` and `release` are the seconds in which it follows a rise and a fall.
        """
        ...

    def beats_at(self, times: FloatArray) -> FloatArray:
        """How many beats have passed at these times, interpolated between the detected ones."""
        ...


class Silence:
    """A sound in which nothing is heard, and 120 beats a minute are counted: for checks before the sound is known."""

    names = SOUND_NAMES
    bpm: float | None = None

    def column(self, name: str, times: FloatArray, attack: float = 0.0, release: float = 0.0) -> FloatArray:
        """See `Sound.column`."""
        return np.zeros_like(times)

    def beats_at(self, times: FloatArray) -> FloatArray:
        """See `Sound.beats_at`."""
        return times * 2


@dataclass(frozen=True)
class Variables:
    """The variables of one film's expressions. Raises SettingError where a film has no such thing."""

    clock: Clock

    seed: int = 0

    size: tuple[int, int] | None = None
    """Width and height in pixels; None: not known yet."""

    sound: Sound | None = None

    sound_start: float = 0.0
    """The second of the sound that is heard with the film's first frame."""

    beats_per_bar: int = 4
    """Of beats that are detected; a grid has its own."""

    @staticmethod
    def are_constant(names: Iterable[str]) -> bool:
        """Whether all of these are the same at every frame."""
        return set(names) <= _CONSTANTS

    def columns(self, names: Iterable[str], start: int, stop: int) -> Mapping[str, FloatArray | float]:
        """Each name's value at the frames from `start` to `stop` - 1, or one number for all of them."""
        index = np.arange(start, stop, dtype=float)
        return {name: self._constant(name) if name in _CONSTANTS else self._column(name, index) for name in names}

    def follow(self, name: str, start: int, stop: int, attack: float, release: float) -> FloatArray:
        """A feature of the sound, smoothed, at the frames from `start` to `stop` - 1."""
        return self._feature(name, np.arange(start, stop, dtype=float), attack, release)

    def _constant(self, name: str) -> float:
        if name in ("width", "height"):
            if self.size is None:
                raise SettingError(f"'{name}' is not known before the source is read: give the canvas a size")
            return float(self.size[name == "height"])
        return {
            "frames": float(self.clock.frames),
            "max_f": float(self.clock.frames - 1),
            "duration": float(self.clock.seconds),
            "fps": float(self.clock.fps),
            "seed": float(self.seed),
            "pi": math.pi,
            "tau": math.tau,
        }[name]

    def _column(self, name: str, index: FloatArray) -> FloatArray:
        if name in SOUND_NAMES:
            return self._feature(name, index)
        fps, first = float(self.clock.fps), float(self.clock.origin * self.clock.fps)
        match name:
            case "t":
                return index
            case "frame":
                return index + first
            case "time":
                return (index + first) / fps
            case "progress":
                return index / max(self.clock.frames - 1, 1)
            case "beat":
                return self._beats(index)
        assert name == "bar"
        beats = self.clock.beats
        return self._beats(index) / (beats.per_bar if beats else self.beats_per_bar)

    def _beats(self, index: FloatArray) -> FloatArray:
        grid, clock = self.clock.beats, self.clock
        if grid is not None:
            times = (index + float(clock.origin * clock.fps)) / float(clock.fps)
            return (times - float(grid.offset)) * float(grid.bpm) / 60
        if self.sound is None:
            raise SettingError("there are no beats here: write bpm: 120 at the top of the preset, or name a sound")
        return self.sound.beats_at(self._sound_times(index))

    def _feature(self, name: str, index: FloatArray, attack: float = 0.0, release: float = 0.0) -> FloatArray:
        if self.sound is None:
            raise SettingError(f"'{name}' {_NO_SOUND}")
        return self.sound.column(name, self._sound_times(index), attack, release)

    def _sound_times(self, index: FloatArray) -> FloatArray:
        return index / float(self.clock.fps) + self.sound_start
