"""A film's time: moments and lengths as people write them, and the clock that turns them into exact frame positions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from zoomdream.errors import SettingError

MOST_FRAMES = 10_000_000  # four days at 30 frames per second; beyond it a duration is a typing error

_AMOUNT = r"(\d{1,9}(?:\.\d{1,9})?) ?(s|ms|f|%|b|bars?|beats?)"
_CLOCK = r"(?:(\d{1,4}):)?(\d{1,5}):(\d{1,2}(?:\.\d{1,9})?)"
TIME_PATTERN = rf"^(?:{_AMOUNT}|{_CLOCK}|end|0)$"  # also read by editors, so nothing in it is Python's alone
_TIME_FORMS = "write 2s, 250ms, 1:30.5, 120f (a frame), 50%, 4b (beats), 2bar or end"
NO_TEMPO = "is in beats, and there is no tempo: write bpm: 120 at the top of the preset"
"""What a message says of such a time."""
_LARGE_EXPONENT = re.compile(r"[eE][-+]?[\d_]{4}")
_NTSC_RATES = (24, 30, 48, 60, 120)


@dataclass(frozen=True)
class Time:
    """A moment or a length, not yet tied to a film."""

    amount: Fraction
    """How many seconds, frames, percent, beats or bars; at least 0."""

    unit: Literal["s", "f", "%", "b", "bar"]
    """Seconds, frames, percent, beats or bars."""

    text: str
    """As it was written, in lower case; `parse(text)` gives the same time."""

    @classmethod
    def parse(cls, value: object) -> Time:
        """Read `2s`, `250ms`, `1:30.5`, `1:02:03`, `120f`, `50%`, `4b`, `2bar`, `end` or a plain 0. SettingError."""
        if isinstance(value, int | float) and not isinstance(value, bool) and value != 0:
            raise SettingError(f"{value} has no unit: write {value}s for seconds or {value}f for frames")
        time = _time_of(str(value).strip().lower())
        if time is None:
            raise SettingError(f"{value!r} is not a time: {_TIME_FORMS}")
        return time

    @classmethod
    def of_text(cls, text: str) -> Time | None:
        """The time of a text in lower case; None for what is none. Raises SettingError for one that cannot be."""
        if text in ("0", "0.0", "-0.0"):
            return cls(Fraction(0), "s", "0")
        if text == "end":
            return cls(Fraction(100), "%", text)
        if amount := re.fullmatch(_AMOUNT, text):
            return cls._of_amount(Fraction(amount[1]), amount[2], text)
        if clock := re.fullmatch(_CLOCK, text):
            return cls._of_clock(clock[1], Fraction(clock[2]), Fraction(clock[3]), text)
        return None

    @classmethod
    def _of_amount(cls, amount: Fraction, unit: str, text: str) -> Time:
        if unit == "f" and amount.denominator != 1:
            raise SettingError(f"'{text}' is not a frame: frames are whole; write {math.floor(amount)}f, or seconds")
        if unit == "ms":
            return cls(amount / 1000, "s", text)
        kind = unit if unit in ("s", "f", "%") else "b" if unit[:2] in ("b", "be") else "bar"
        return cls(amount, kind, text)  # type: ignore[arg-type]

    @classmethod
    def _of_clock(cls, hours: str | None, minutes: Fraction, seconds: Fraction, text: str) -> Time:
        if seconds >= 60 or (hours and minutes >= 60):
            raise SettingError(f"'{text}' is not a time: minutes and seconds go up to 59")
        return cls(int(hours or 0) * 3600 + minutes * 60 + seconds, "s", text)


@lru_cache(4096)
def _time_of(text: str) -> Time | None:
    return Time.of_text(text)


def parse_rate(value: object) -> Fraction:
    """Frames per second from 30, `24000/1001` or 23.976; a decimal near an NTSC rate means that rate.

    Raises SettingError.
    """
    text = "" if isinstance(value, bool) else str(value).strip()
    try:
        # An exponent of many digits is a number as large as the memory.
        rate = Fraction(text if len(text) <= 40 and not _LARGE_EXPONENT.search(text) else "")
    except (ValueError, ZeroDivisionError):
        raise SettingError(f"{value!r:.60} is not a frame rate: write 30, 24000/1001 or 23.976") from None
    if not Fraction(1, 10) <= rate <= 1000:
        raise SettingError(f"{value} is no frame rate: it must be from 0.1 to 1000 frames per second")
    if "." in str(value):
        ntsc = (Fraction(n * 1000, 1001) for n in _NTSC_RATES)
        rate = next((exact for exact in ntsc if abs(exact - rate) < Fraction(5, 1000)), rate)
    return rate.limit_denominator(100_000)


@dataclass(frozen=True)
class BeatGrid:
    """Beats at even distances. Raises SettingError when a number is out of range."""

    bpm: Fraction
    """Beats per minute, from 1 to 1000."""

    offset: Fraction = Fraction(0)
    """The time of the first beat, in seconds."""

    per_bar: int = 4
    """Beats in a bar, from 1 to 64."""

    def __post_init__(self) -> None:
        if not 1 <= self.bpm <= 1000:
            raise SettingError(f"{float(self.bpm):g} beats per minute are no tempo: from 1 to 1000 are possible")
        if not 1 <= self.per_bar <= 64:
            raise SettingError(f"a bar cannot have {self.per_bar} beats: from 1 to 64 are possible")

    def seconds(self, time: Time) -> Fraction:
        """How long a number of beats or bars takes."""
        return time.amount * (self.per_bar if time.unit == "bar" else 1) * 60 / self.bpm


@dataclass(frozen=True)
class Clock:
    """A film's rate and its number of frames. Raises SettingError when the rate or the number is out of range."""

    fps: Fraction
    """Frames per second, above 0."""

    frames: int
    """How many, from 1 to `MOST_FRAMES`."""

    origin: Fraction = Fraction(0)
    """The first frame's time in seconds: 0, or its time in the video if keyframes count from the video's beginning."""

    beats: BeatGrid | None = None
    """The tempo, where there is one: without it no time may be in beats."""

    def __post_init__(self) -> None:
        if self.fps <= 0:
            raise SettingError(f"a film cannot run at {self.fps} frames per second: the rate must be above 0")
        if not 1 <= self.frames <= MOST_FRAMES:
            raise SettingError(f"a film cannot have {self.frames} frames: from 1 to {MOST_FRAMES} are possible")

    @classmethod
    def lasting(cls, fps: Fraction, duration: Time, beats: BeatGrid | None = None) -> Clock:
        """The clock of a film of this duration, to the nearest frame."""
        if duration.unit == "%":
            raise SettingError(f"a film cannot last '{duration.text}': write 12s, 1:30 or 360f")
        return cls(fps, round(cls(fps, 1, beats=beats).length(duration)), beats=beats)

    @property
    def seconds(self) -> Fraction:
        """The film's length in seconds."""
        return self.frames / self.fps

    def at(self, time: Time | str) -> Fraction:
        """A moment as a position in frames: 0 is the first, `end` the last; fractions lie between two frames.

        Raises SettingError for a time in beats where there is no tempo.
        """
        time = Time.parse(time) if isinstance(time, str) else time
        position = self._measure(time, self.frames - 1)
        if self.origin and time.unit != "%":
            position -= self.origin * self.fps
        if self.beats and time.unit in ("b", "bar"):
            position += self.beats.offset * self.fps
        return position

    def length(self, time: Time | str) -> Fraction:
        """A duration in frames; 100% is the whole film. Raises SettingError as `at` does."""
        return self._measure(time, self.frames)

    def _measure(self, time: Time | str, whole: int) -> Fraction:
        time = Time.parse(time) if isinstance(time, str) else time
        if time.unit in ("b", "bar"):
            if self.beats is None:
                raise SettingError(f"'{time.text}' {NO_TEMPO}")
            return self.beats.seconds(time) * self.fps
        if time.unit == "f":
            return time.amount
        return time.amount * (self.fps if time.unit == "s" else Fraction(whole, 100))
