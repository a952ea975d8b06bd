"""The colors that a film is drawn to, over time: pictures, colors, or the film's own beginning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.tracks import Keyframe, Track

Pair = tuple[float, float]


class PaletteMoments(NamedTuple):
    """Of a palette: (mean, standard deviation) of each channel of L*a*b*."""

    lightness: Pair
    """0 to 100."""
    green_red: Pair
    """a*: below 0 green, above 0 red."""
    blue_yellow: Pair
    """b*: below 0 blue, above 0 yellow."""


@dataclass(frozen=True)
class ReferenceColors:
    """What colors are taken from: a picture, or a few colors."""

    picture: Path | None = None
    """A picture's file."""
    colors: tuple[str, ...] = ()
    """`#rrggbb`, where there is no picture."""

    def located(self, locate: Callable[[Path], Path]) -> ReferenceColors:
        """The same, with its picture's path replaced by `locate(path)`."""
        return self if self.picture is None else replace(self, picture=locate(self.picture))

    def __str__(self) -> str:
        return self.picture.name if self.picture else ", ".join(self.colors)


@dataclass(frozen=True)
class PaletteKeyframe:
    """Reference colors at a time; None: the film's own, those of its first frame or of each frame of a video."""

    at: Time
    reference: ReferenceColors | None
    ease: str = "linear"


@dataclass(frozen=True)
class PaletteTrack:
    """Reference colors over time; between two keyframes one palette becomes the other."""

    keyframes: tuple[PaletteKeyframe, ...]

    @property
    def references(self) -> tuple[ReferenceColors, ...]:
        """Each once."""
        return tuple(dict.fromkeys(key.reference for key in self.keyframes if key.reference is not None))

    def located(self, locate: Callable[[Path], Path]) -> PaletteTrack:
        """The same, with each picture's path replaced by `locate(path)`."""
        return PaletteTrack(
            tuple(
                key if key.reference is None else replace(key, reference=key.reference.located(locate))
                for key in self.keyframes
            )
        )

    def tracks(self, moments: Mapping[ReferenceColors, PaletteMoments]) -> dict[str, Track]:
        """The tracks of `settings.PaletteSettings`, with each reference's moments.

        Where the film's own colors count, the share is 0 and the moments are those of the keyframe before, or else of
        the next one that has any.
        """
        if not self.references:
            return {}
        last = moments[self.references[0]]
        values: dict[str, list[tuple[float, ...]]] = {name: [] for name in ("share", *PaletteMoments._fields)}
        for key in self.keyframes:
            last = last if key.reference is None else moments[key.reference]
            values["share"].append((0.0 if key.reference is None else 1.0,))
            for name, pair in last._asdict().items():
                values[name].append(pair)
        return {name: self._track(of_keyframes) for name, of_keyframes in values.items()}

    def _track(self, values: list[tuple[float, ...]]) -> Track:
        keys = zip(self.keyframes, values, strict=True)
        return Track(tuple(Keyframe(key.at, value, key.ease) for key, value in keys))

    def after_end(self, clock: Clock) -> list[str]:
        """The times of the keyframes that lie after the film's end."""
        return [key.at.text for key in self.keyframes if clock.at(key.at) > clock.frames]
