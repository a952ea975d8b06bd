"""Tracks over time, compiled before rendering into one table of settings per frame.

A *track* is a list of keyframes; its times are written for people (`2s`, `1:30.5`, `120f`, `50%`, `end`) and resolved
on a film's `Clock`, exactly, in fractions of a frame. Settings never change while a frame is made, so the render loop
only indexes the finished `Timeline`: `timeline[frame].dream.step_size`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from zoomdream.clock import Clock, Time
from zoomdream.errors import SettingError, UnknownNameError, nearest
from zoomdream.objectives.spec import Spec
from zoomdream.settings import CameraSettings, CarrySettings, ColorSettings, DreamSettings, Settings

__all__ = [
    "EASES",
    "SECTIONS",
    "Clock",
    "Crossfade",
    "Key",
    "Keyframe",
    "Row",
    "Sweep",
    "Time",
    "Timeline",
    "Track",
    "is_tracked",
]

Key = str | Spec  # an objective: its short form, or its spec
FloatArray = NDArray[np.floating[Any]]
Ease = Callable[[FloatArray], FloatArray]


def _bounce_out(t: FloatArray) -> FloatArray:
    u = t * 2.75  # four parabolas of one curvature, each bounce a quarter as high as the one before
    return np.select(
        [u < 1, u < 2, u < 2.5], [u**2, (u - 1.5) ** 2 + 0.75, (u - 2.25) ** 2 + 0.9375], (u - 2.625) ** 2 + 0.984375
    )


# Penner's curves with d3-ease's constants, arranged so that 0 and 1 are met exactly: a keyframe's value is no rounding.
_EASE_IN: Mapping[str, Ease] = {
    "sine": lambda t: 1 - np.sin((1 - t) * np.pi / 2),
    "quad": lambda t: t**2,
    "cubic": lambda t: t**3,
    "expo": lambda t: (2 ** (10 * (t - 1)) - 2**-10) / (1 - 2**-10),
    "back": lambda t: t**2 * (t + 1.70158 * (t - 1)),
    "bounce": lambda t: 1 - _bounce_out(1 - t),
}


def _out(ease: Ease) -> Ease:
    return lambda t: 1 - ease(1 - t)


def _in_out(ease: Ease) -> Ease:
    return lambda t: np.where(t < 0.5, ease(2 * t) / 2, 1 - ease(2 - 2 * t) / 2)


EASES: Mapping[str, Ease] = {
    "hold": np.zeros_like,
    "linear": lambda t: t,
    "smooth": lambda t: t**2 * (3 - 2 * t),
    **{f"in-{name}": ease for name, ease in _EASE_IN.items()},
    **{f"out-{name}": _out(ease) for name, ease in _EASE_IN.items()},
    **{f"in-out-{name}": _in_out(ease) for name, ease in _EASE_IN.items()},
}
"""How a value goes from one keyframe (0) to the next (1); `hold` stays and jumps at the end, `back` overshoots."""


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

    def late(self, clock: Clock) -> list[str]:
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

    def late(self, clock: Clock) -> list[str]:
        """See `Track.late`."""
        return self.track.late(clock)


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

    def late(self, clock: Clock) -> list[str]:
        """The objectives whose turn comes after the film's end."""
        turn = clock.length(self.hold) + clock.length(self.fade)
        return [str(stop) for position, stop in enumerate(self.stops) if position * turn >= clock.frames]


@dataclass(frozen=True)
class Row:
    """All that one frame is made with. A new section of settings is a new field here, and nothing else.

    `mix` holds (objective key, weight) pairs without zeros; it is empty where every weight is 0: nothing to dream.
    """

    index: int
    mix: tuple[tuple[Key, float], ...]
    dream: DreamSettings
    camera: CameraSettings
    color: ColorSettings
    carry: CarrySettings


SECTIONS: Mapping[str, type[Settings]] = {
    name: hint for name, hint in get_type_hints(Row).items() if isinstance(hint, type) and issubclass(hint, Settings)
}
"""The settings that may change from frame to frame, by section."""


def is_tracked(section: type[Settings], field: str) -> bool:
    """Whether a setting is a number or a pair of numbers, which a track can move; other settings are constants."""
    return section.model_fields[field].annotation in (int, float, tuple[float, float])


class Timeline:
    """The compiled table: `len()` rows, `timeline[i]` a `Row`, `clock` its time.

    `sections` gives each setting a `Track` or a constant; what is left out has its default. Raises SettingError when
    two keyframes share an instant or a constant is out of its range, UnknownNameError for an unknown section.
    """

    def __init__(
        self, clock: Clock, mix: Crossfade | Sweep, sections: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        self.clock = clock
        self._keys = mix.keys
        self._weights = mix.sample(clock)
        self._constants: dict[str, dict[str, object]] = {name: {} for name in SECTIONS}
        self._columns: dict[str, dict[str, NDArray[Any]]] = {name: {} for name in SECTIONS}
        for name, settings in (sections or {}).items():
            if name not in SECTIONS:
                raise UnknownNameError(f"there is no section {name!r} of settings{nearest(name, SECTIONS)}")
            for field, value in settings.items():
                if isinstance(value, Track):
                    self._columns[name][field] = _column(SECTIONS[name], field, value, clock)
                else:
                    self._constants[name][field] = value
        self[0]  # constants are checked now, not when the first frame is due

    @classmethod
    def steady(cls, clock: Clock, mix: Mapping[Any, float], **sections: Settings) -> Timeline:
        """A timeline on which nothing changes: `Timeline.steady(clock, {"fire8": 1}, dream=DreamSettings(steps=8))`."""
        constants = {name: settings.model_dump() for name, settings in sections.items()}
        return cls(clock, Crossfade.of((Time.parse(0), mix, "linear")), constants)

    def keys(self) -> tuple[Key, ...]:
        """Every objective used anywhere, so that all can be checked before the first frame."""
        return self._keys

    def __len__(self) -> int:
        return self.clock.frames

    def __iter__(self) -> Iterator[Row]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Row:
        index = range(len(self))[index]
        weights = zip(self._keys, self._weights[index].tolist(), strict=True)
        settings: dict[str, Any] = {}
        for name, section in SECTIONS.items():
            moving = {field: column[index].tolist() for field, column in self._columns[name].items()}
            settings[name] = section(**self._constants[name], **moving)
        return Row(index=index, mix=tuple((key, weight) for key, weight in weights if weight), **settings)


def _column(section: type[Settings], field: str, track: Track, clock: Clock) -> NDArray[Any]:
    """One setting for every frame: frames, or frames x 2 for a pair; overshoots clamped, whole numbers rounded."""
    info = section.model_fields[field]
    low, high = -np.inf, np.inf
    for limit in info.metadata:
        low = getattr(limit, "ge", low)
        high = getattr(limit, "le", high)
        low = np.nextafter(limit.gt, np.inf) if hasattr(limit, "gt") else low
        high = np.nextafter(limit.lt, -np.inf) if hasattr(limit, "lt") else high
    table = np.clip(track.sample(clock), low, high)
    table = np.rint(table).astype(np.int64) if info.annotation is int else table
    return table[:, 0] if table.shape[1] == 1 else table
