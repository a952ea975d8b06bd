"""Tracks: settings over time as keyframes, and mixes of objectives over time.

Times are written for people (`2s`, `1:30.5`, `120f`, `50%`, `end`) and resolved on a film's `Clock`, exactly, in
fractions of a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from zoomdream.errors import SettingError
from zoomdream.objectives.specs.regions import Region
from zoomdream.objectives.specs.spec import Spec
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.curve import Curve, Knot
from zoomdream.schedule.deforum_strings import DeforumTrack
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.formulas import Formula, FormulaColumn
from zoomdream.schedule.expressions.variables import Variables
from zoomdream.schedule.repeating import Repetition, repeating_curve

Key = str | Spec
"""An objective: its short form, or its spec."""

KeyType = TypeVar("KeyType", bound=Key)


@dataclass(frozen=True)
class Keyframe:
    """A value at a time."""

    at: Time
    """Its time on the film's clock."""

    value: tuple[float | Formula, ...]
    """One component or more; as many in every keyframe of a track. A formula is computed at every frame until the next
    keyframe."""

    ease: str = "linear"
    """The way from a number to the next keyframe: a name that `ease_of` knows."""


@dataclass(frozen=True)
class Track:
    """One setting over time: keyframes in any order."""

    keyframes: tuple[Keyframe, ...]

    @classmethod
    def constant(cls, *value: float | Formula) -> Track:
        """The same value, or one formula, all along."""
        return cls((Keyframe(Time.parse(0), value),))

    def curve(self, clock: Clock, variables: Variables | None = None) -> Curve:
        """Its values on a clock, formulas with these variables, or with those of a film without sound and size.

        Raises SettingError when two keyframes share an instant there, where a time is in beats without a tempo, and
        where a formula names what the film does not have.
        """
        known = variables or Variables(clock)
        return Curve([Knot(at, _on_film(key.value, known), key.ease) for at, key in self.placed(clock)], clock.frames)

    def placed(self, clock: Clock) -> list[tuple[Fraction, Keyframe]]:
        """The keyframes in order, each with its position in frames on a clock; one in a film of one frame.

        Raises SettingError as `curve` does.
        """
        moments = ((clock.at(key.at), key) for key in self.keyframes)
        placed = sorted(moments, key=lambda pair: (float(pair[0]), pair[0]))  # numbers of a machine compare faster
        if clock.frames == 1:  # which is the first, the middle and the last: 0%, 50% and end
            placed = placed[:1]
        for (at, first), (next_at, second) in pairwise(placed):
            if at == next_at:
                raise SettingError(
                    f"{first.at.text} and {second.at.text} are the same instant in a film of {clock.frames} frames at "
                    f"{clock.fps} per second: keep one of the two keyframes"
                )
        return placed

    def sample(self, clock: Clock, variables: Variables | None = None) -> FloatArray:
        """Its value at every frame: frames x components. Raises SettingError as `curve` does."""
        return self.curve(clock, variables).values(0, clock.frames)

    def after_end(self, clock: Clock) -> list[str]:
        """The times of the keyframes that lie after the film's end."""
        return [key.at.text for key in self.keyframes if clock.at(key.at) > clock.frames]

    def filled(self, clock: Clock, variables: Variables | None = None) -> list[int]:
        """See `DeforumTrack.filled`: none, for a value that is no number is an error here."""
        return []


def _on_film(value: tuple[float | Formula, ...], variables: Variables) -> tuple[float | FormulaColumn, ...]:
    return tuple(FormulaColumn(each, variables) if isinstance(each, Formula) else each for each in value)


@dataclass(frozen=True)
class JoinedTrack:
    """Tracks side by side: the components of one setting, or the weights of a mix."""

    parts: tuple[Track | DeforumTrack | RepeatingTrack, ...]

    def curve(self, clock: Clock, variables: Variables | None = None) -> Curve:
        """The values of all parts on a clock. Raises SettingError as `Track.curve` does."""
        return Curve.joined([part.curve(clock, variables) for part in self.parts])

    def after_end(self, clock: Clock) -> list[str]:
        """The times of the keyframes that lie after the film's end."""
        return list(dict.fromkeys(time for part in self.parts for time in part.after_end(clock)))

    def filled(self, clock: Clock, variables: Variables | None = None) -> list[int]:
        """See `DeforumTrack.filled`: of all parts."""
        return sorted({frame for part in self.parts for frame in part.filled(clock, variables)})


@dataclass(frozen=True)
class RepeatingTrack:
    """Keyframes that repeat from the first one to the film's end. Raises SettingError for one keyframe, for formulas,
    and where the repetition is not known."""

    track: Track
    repetition: Repetition

    def __post_init__(self) -> None:
        if len(self.track.keyframes) < 2:
            raise SettingError("one keyframe is no movement that could repeat: write two or more")
        if any(isinstance(value, Formula) for key in self.track.keyframes for value in key.value):
            raise SettingError(
                "keyframes that repeat are numbers: an expression repeats by itself, as sin(tau * time / 4) and "
                "tri(4) do"
            )

    def curve(self, clock: Clock, variables: Variables | None = None) -> Curve:
        """Its values on a clock. Raises SettingError as `Track.curve` does."""
        placed = self.track.placed(clock)
        if len(placed) < 2:
            return self.track.curve(clock, variables)
        knots = [Knot(at, _on_film(key.value, Variables(clock)), key.ease) for at, key in placed]
        return repeating_curve(knots, clock.frames, self.repetition)

    def after_end(self, clock: Clock) -> list[str]:
        """The times of the keyframes that lie after the film's end."""
        return self.track.after_end(clock)

    def filled(self, clock: Clock, variables: Variables | None = None) -> list[int]:
        """See `DeforumTrack.filled`: none, for its values are numbers."""
        return []


AnyTrack = Track | DeforumTrack | JoinedTrack | RepeatingTrack
"""A setting over time, however it is written."""

TrackWeight = float | Formula | DeforumTrack
"""How strong an objective is: a number, a formula, or a Deforum string over the whole film."""


@dataclass(frozen=True)
class Crossfade:
    """A mix of objectives over time."""

    keys: tuple[Key, ...]
    """Each objective once."""

    track: AnyTrack
    """One component, a weight, for each of `keys`."""

    @classmethod
    def of(cls, *keyframes: tuple[Time, Mapping[KeyType, float | Formula], str]) -> Crossfade:
        """From (time, mix, ease) keyframes; a key that a mix leaves out weighs 0 there."""
        keys = tuple(dict.fromkeys(key for _, mix, _ in keyframes for key in mix))
        return cls(
            keys,
            Track(tuple(Keyframe(at, tuple(mix.get(key, 0.0) for key in keys), ease) for at, mix, ease in keyframes)),
        )

    @classmethod
    def steady(cls, mix: Mapping[KeyType, TrackWeight]) -> Crossfade:
        """One mix all along, whose weights may be formulas and Deforum strings."""
        steady = [each for each in mix.values() if not isinstance(each, DeforumTrack)]
        if len(steady) == len(mix):
            return cls(tuple(mix), Track.constant(*steady))
        parts = (each if isinstance(each, DeforumTrack) else Track.constant(each) for each in mix.values())
        return cls(tuple(mix), JoinedTrack(tuple(parts)))

    def located(self, locate: Callable[[Path], Path]) -> Crossfade:
        """The same, with each path of its objectives' files replaced by `locate(path)`."""
        return replace(self, keys=_located(self.keys, locate))

    def curve(self, clock: Clock, variables: Variables | None = None) -> Curve:
        """The keys' weights on a clock. Raises SettingError as `Track.curve` does."""
        return self.track.curve(clock, variables)

    def after_end(self, clock: Clock) -> list[str]:
        """The times of the keyframes that lie after the film's end."""
        return self.track.after_end(clock)

    def filled(self, clock: Clock, variables: Variables | None = None) -> list[int]:
        """See `DeforumTrack.filled`: of all weights."""
        return self.track.filled(clock, variables)


def mask_regions(keys: Iterable[Key]) -> list[Region]:
    """The regions of objectives whose numbers may change over time, each once."""
    regions = filter(None, map(region_of, keys))
    return list(dict.fromkeys(each for each in regions if each.tracks))


def region_of(key: Key) -> Region | None:
    """Where an objective works; None: everywhere, or in a mask that is a file as it is."""
    return key.mask if isinstance(key, Spec) and isinstance(key.mask, Region) else None


def _located(keys: Iterable[Key], locate: Callable[[Path], Path]) -> tuple[Key, ...]:
    return tuple(key if isinstance(key, str) else key.located(locate) for key in keys)


@dataclass(frozen=True)
class Sweep:
    """Each objective alone for `hold`, then a crossfade of `fade` to the next; the last one stays.

    Raises SettingError when `hold` and `fade` are both 0.
    """

    stops: tuple[Key, ...]
    """The objectives in order; one may come again."""

    hold: Time
    """How long each stays alone."""

    fade: Time
    """How long a crossfade takes; 0: a cut."""

    ease: str = "linear"
    """The crossfade's ease."""

    def __post_init__(self) -> None:
        if self.hold.amount == self.fade.amount == 0:
            raise SettingError("a sweep whose hold and fade are both 0 never shows a layer: give one of them a length")

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every objective once."""
        return tuple(dict.fromkeys(self.stops))

    def located(self, locate: Callable[[Path], Path]) -> Sweep:
        """The same, with each path of its objectives' files replaced by `locate(path)`."""
        return replace(self, stops=_located(self.stops, locate))

    def curve(self, clock: Clock, variables: Variables | None = None) -> Curve:
        """The keys' weights on a clock. Raises SettingError where a time is in beats without a tempo."""
        hold, fade = clock.length(self.hold), clock.length(self.fade)
        knots: list[Knot] = []
        index = {key: position for position, key in enumerate(self.keys)}
        for position, stop in enumerate(self.stops):
            alone = tuple(float(key == index[stop]) for key in range(len(index)))
            arrival = position * (hold + fade)
            knots += [Knot(arrival, alone, "hold")] if hold else []
            knots += [Knot(arrival + hold, alone, self.ease)] if fade else []
        return Curve(knots, clock.frames)

    def after_end(self, clock: Clock) -> list[str]:
        """The objectives whose turn comes after the film's end."""
        turn = clock.length(self.hold) + clock.length(self.fade)
        return [str(stop) for position, stop in enumerate(self.stops) if position * turn >= clock.frames]

    def filled(self, clock: Clock, variables: Variables | None = None) -> list[int]:
        """See `DeforumTrack.filled`: none, for a sweep computes nothing."""
        return []
