"""Tracks: settings over time as keyframes, and mixes of objectives over time.

Times are written for people (`2s`, `1:30.5`, `120f`, `50%`, `end`) and resolved on a film's `Clock`, exactly, in
fractions of a frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from zoomdream.errors import SettingError
from zoomdream.objectives.spec import Spec
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.easing import EASES, FloatArray

Key = str | Spec  # an objective: its short form, or its spec


@dataclass(frozen=True)
class Keyframe:
    """A value, one or more components, at a time; `ease` shapes the way to the next keyframe."""

    at: Time
    value: tuple[float, ...]
    ease: str = "linear"


@dataclass(frozen=True)
class Knot:
    """A keyframe on a clock: `at` in frames."""

    at: Fraction
    value: tuple[float, ...]
    ease: str


def _sample(knots: Sequence[Knot], frames: int) -> FloatArray:
    """The value at every frame (frames x components): held before the first knot and after the last."""
    table = np.empty((frames, len(knots[0].value)))
    starts = [min(max(math.ceil(knot.at), 0), frames) for knot in knots]
    table[: starts[0]] = knots[0].value
    table[starts[-1] :] = knots[-1].value
    for (start, here), (stop, there) in pairwise(zip(starts, knots, strict=True)):
        progress = (np.arange(start, stop) - float(here.at)) / float(there.at - here.at)
        before, after = np.array(here.value), np.array(there.value)
        table[start:stop] = before + (after - before) * EASES[here.ease](progress)[:, np.newaxis]
    return table


@dataclass(frozen=True)
class Track:
    """One setting over time: keyframes in any order."""

    keyframes: tuple[Keyframe, ...]

    @classmethod
    def constant(cls, *value: float) -> Track:
        """The same value all along."""
        return cls((Keyframe(Time.parse(0), value),))

    def sample(self, clock: Clock) -> FloatArray:
        """frames x components. Raises SettingError when two keyframes share an instant on this clock."""
        placed = sorted(((clock.at(key.at), key) for key in self.keyframes), key=lambda pair: pair[0])
        if clock.frames == 1:  # which is the first, the middle and the last: 0%, 50% and end
            placed = placed[:1]
        for (at, first), (again, second) in pairwise(placed):
            if at == again:
                raise SettingError(
                    f"{first.at.text} and {second.at.text} are the same instant in a film of {clock.frames} frames at "
                    f"{clock.fps} per second: keep one of the two keyframes"
                )
        return _sample([Knot(at, key.value, key.ease) for at, key in placed], clock.frames)

    def unreached(self, clock: Clock) -> list[str]:
        """The times of the keyframes that lie after the film's end."""
        return [key.at.text for key in self.keyframes if clock.at(key.at) > clock.frames]


@dataclass(frozen=True)
class Crossfade:
    """A mix of objectives over time: `track` has one component, a weight, for each of `keys`."""

    keys: tuple[Key, ...]
    track: Track

    @classmethod
    def of(cls, *keyframes: tuple[Time, Mapping[Any, float], str]) -> Crossfade:
        """From (time, mix, ease) keyframes; a key that a mix leaves out weighs 0 there."""
        keys = tuple(dict.fromkeys(key for _, mix, _ in keyframes for key in mix))
        return cls(
            keys,
            Track(tuple(Keyframe(at, tuple(mix.get(key, 0.0) for key in keys), ease) for at, mix, ease in keyframes)),
        )

    def within(self, folder: Path) -> Crossfade:
        """The same with its objectives' files found from `folder`."""
        return replace(self, keys=_within(self.keys, folder))

    def sample(self, clock: Clock) -> FloatArray:
        """frames x keys. Raises SettingError as `Track.sample` does."""
        return self.track.sample(clock)

    def unreached(self, clock: Clock) -> list[str]:
        """See `Track.unreached`."""
        return self.track.unreached(clock)


def _within(keys: Iterable[Key], folder: Path) -> tuple[Key, ...]:
    return tuple(key if isinstance(key, str) else key.within(folder) for key in keys)


@dataclass(frozen=True)
class Sweep:
    """Each objective alone for `hold`, then a crossfade of `fade` to the next; the last one stays."""

    stops: tuple[Key, ...]
    hold: Time
    fade: Time
    ease: str = "linear"

    def __post_init__(self) -> None:
        if self.hold.amount == self.fade.amount == 0:
            raise SettingError("a sweep whose hold and fade are both 0 never shows a layer: give one of them a length")

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every objective once."""
        return tuple(dict.fromkeys(self.stops))

    def within(self, folder: Path) -> Sweep:
        """The same with its objectives' files found from `folder`."""
        return replace(self, stops=_within(self.stops, folder))

    def sample(self, clock: Clock) -> FloatArray:
        """frames x keys."""
        hold, fade = clock.length(self.hold), clock.length(self.fade)
        knots: list[Knot] = []
        for position, stop in enumerate(self.stops):
            alone = tuple(float(key == stop) for key in self.keys)
            arrival = position * (hold + fade)
            knots += [Knot(arrival, alone, "hold")] if hold else []
            knots += [Knot(arrival + hold, alone, self.ease)] if fade else []
        return _sample(knots, clock.frames)

    def unreached(self, clock: Clock) -> list[str]:
        """The objectives whose turn comes after the film's end."""
        turn = clock.length(self.hold) + clock.length(self.fade)
        return [str(stop) for position, stop in enumerate(self.stops) if position * turn >= clock.frames]
