"""What a film dreams over time, as plain numbers: a share for each objective. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from zoomdream.films.previews.outline import Outline
from zoomdream.films.previews.track_curves import MOST_POINTS, Moving, form_of, keyframes_of
from zoomdream.presets.documents.yaml_document import KeyPath
from zoomdream.schedule.tracks import Crossfade, Sweep
from zoomdream.schedule.wandering import Wander

LAYERS: KeyPath = ("dream", "layers")
_AT_ONCE = 2**14  # frames: their weights take little memory, and less time than those of single frames


@dataclass(frozen=True)
class MixKeyframe:
    """A keyframe of the mix."""

    seconds: float
    """Its time after the film's beginning; one that lies after the end is never reached."""
    weights: tuple[float, ...]
    """One for each of the mix's names."""
    ease: str
    """The way to the next keyframe."""
    path: KeyPath
    """Where it stands in the preset: `("dream", "layers", "3s")`, or the position in a list."""
    editable: bool
    """Whether its weights are numbers, and not computed by formulas."""


@dataclass(frozen=True)
class MixCurves(Moving):
    """The mix of objectives over the film's time."""

    names: tuple[str, ...]
    """The objectives, in the order in which the preset has them; of two with one name the second is numbered."""
    times: tuple[float, ...]
    """In seconds after the film's beginning; one for a mix that does not change."""
    weights: tuple[tuple[float, ...], ...]
    """For each name its weight at each of `times`, as the preset has it; below 0 it is suppressed."""
    shares: tuple[tuple[float, ...], ...]
    """For each name its share of the frame's dream at each of `times`, from 0 to 1. Their sum is below 1 where weights
    that add up to less weaken the dream."""
    keyframes: tuple[MixKeyframe, ...]
    """In the order of their times; none for a constant mix, a sweep, a walk, and what is computed throughout."""
    form: str
    """How it is written: `constant`, `keyframes`, `repeating`, `formula`, `string` (Deforum's), `sweep` or `wander`."""


def mix_curves(film: Outline) -> MixCurves:
    """What a film dreams over time. Raises SettingError where its tracks make no sense on the film."""
    layers, written = film.preset.layers_on(film.clock, measure=False), film.preset.layers
    curve = layers.curve(film.clock, film.variables)
    frames = film.clock.frames
    count = 1 if curve.is_still(0, frames) else min(frames, MOST_POINTS)
    at = np.unique(np.rint(np.linspace(0, frames - 1, count)).astype(int))
    if frames <= _AT_ONCE:
        weights = curve.values(0, int(at[-1]) + 1)[at].T
    else:
        weights = np.concatenate([curve.values(index, index + 1) for index in at.tolist()]).T
    sizes = np.abs(weights)
    shares = sizes / np.maximum(sizes.sum(0), 1)
    times = (at / float(film.clock.fps)).tolist()
    names = tuple(_numbered(map(str, layers.keys)))
    if isinstance(written, Wander):
        return MixCurves(names, tuple(times), _rows(weights), _rows(shares), (), "wander")
    form = "sweep" if isinstance(layers, Sweep) else form_of(layers.track)
    return MixCurves(names, tuple(times), _rows(weights), _rows(shares), _keyframes(film, layers), form)


def _rows(table: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in table.tolist())


def _keyframes(film: Outline, layers: Crossfade | Sweep) -> tuple[MixKeyframe, ...]:
    if isinstance(layers, Sweep):
        return ()
    placed = keyframes_of(film, layers.track, LAYERS)
    curve = layers.curve(film.clock, film.variables)
    each = [[key.of(number, curve, film) for number in range(len(layers.keys))] for key in placed]
    return tuple(
        MixKeyframe(
            parts[0].seconds,
            tuple(part.value for part in parts),
            parts[0].ease,
            parts[0].path,
            all(part.editable for part in parts),
        )
        for parts in each
    )


def _numbered(names: Iterable[str]) -> list[str]:
    """The same names; of those that are the same, all but the first have a number."""
    unique: list[str] = []
    for name in names:
        candidates = (name, *(f"{name} ({number})" for number in range(2, len(unique) + 2)))
        unique.append(next(each for each in candidates if each not in unique))
    return unique
