"""A walk through the channels of layers or through classes: each alone for a while, then a crossfade to the next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zoomdream.errors import SettingError
from zoomdream.networks.descriptions import class_names
from zoomdream.networks.features.channel_likeness import channel_vectors, known_vectors
from zoomdream.networks.features.class_families import classes_of
from zoomdream.networks.registry import network_info
from zoomdream.objectives.specs.spec import ChannelSpec, ClassSpec, LayerSpec, Spec
from zoomdream.rng import generator
from zoomdream.schedule.clock import Clock, Time
from zoomdream.schedule.expressions.variables import Variables
from zoomdream.schedule.repeating import Repetition
from zoomdream.schedule.tracks import Crossfade, JoinedTrack, Key, Keyframe, RepeatingTrack, Track

Distance = Literal["near", "far"]
"""How alike two neighbours of a walk are."""

MOST_STOPS = 1024
"""After so many objectives a walk begins again, in the same order."""

_NEAREST = 4  # of which a near walk takes one by chance: the nearest each time would be the same walk for each seed
_FARTHEST = 8  # a far walk takes one of the least similar eighth
_REMEMBERED = 3  # stops to which a far walk's next one is unlike


@dataclass(frozen=True)
class Wander:
    """Which objectives a walk goes through, and how long each stays. `on` gives the walk itself.

    Several layers take turns, and so do several families of classes; within each the walk goes on from where it was.
    None comes again before all others of its layer or family have been. Raises SettingError where there is nothing to
    go through, and when `hold` and `fade` are both 0.
    """

    hold: Time
    """How long each objective stays alone."""
    fade: Time
    """How long a crossfade takes; 0: a cut."""
    channels: tuple[str, ...] = ()
    """Layers, through whose channels the walk goes."""
    classes: tuple[str | int, ...] = ()
    """Families of classes, or classes by name, index or pattern; instead of `channels`."""
    distance: Distance = "near"
    """near: each next one dreams much like the last one of its layer or family; far: it dreams something else."""
    weight: float = 1.0
    """Of the objective whose turn it is."""
    seed: int | None = None
    """Another seed, another walk; None: the film's."""
    beside: Crossfade | None = None
    """What is dreamed all along beside it."""
    ease: str = "linear"
    """The crossfade's ease."""

    def __post_init__(self) -> None:
        if bool(self.channels) == bool(self.classes):
            raise SettingError(
                "a walk goes through channels or classes: write channels: fire8, or classes: [birds, buildings]"
            )
        if self.hold.amount == self.fade.amount == 0:
            raise SettingError("a walk whose hold and fade are both 0 never shows anything: give one of them a length")
        for name in self.classes:
            classes_of(name)  # names that nothing has are refused at once

    @property
    def keys(self) -> tuple[Key, ...]:
        """The objectives beside the walk: those that it goes through are not known yet."""
        return self.beside.keys if self.beside else ()

    def located(self, locate: Callable[[Path], Path]) -> Wander:
        """The same, with each path of its objectives' files replaced by `locate(path)`."""
        return replace(self, beside=self.beside.located(locate)) if self.beside else self

    def after_end(self, clock: Clock) -> list[str]:
        """See `Crossfade.after_end`: of what is beside the walk, which itself covers any film."""
        return self.beside.after_end(clock) if self.beside else []

    def filled(self, clock: Clock, variables: Variables | None = None) -> list[int]:
        """See `DeforumTrack.filled`: of what is beside the walk."""
        return self.beside.filled(clock, variables) if self.beside else []

    def is_known(self, network: str, weights: Path | None = None) -> bool:
        """Whether the walk can be told without a measurement on the network. Raises UnknownNameError for its name."""
        network = network_info(network).name
        return all(known_vectors(network, layer, weights) is not None for layer in self.channels)

    @property
    def outline(self) -> Crossfade:
        """What stands for a walk through channels that is not known: its layers, and what is beside it."""
        layers = tuple(spec for spec in map(LayerSpec, self.channels) if spec not in self.keys)
        if self.beside is not None and not layers:
            return self.beside
        track = Track.constant(*(self.weight for _ in layers))
        return self._with_beside(layers, track) if self.beside else Crossfade(layers, track)

    def on(self, clock: Clock, seed: int, network: str, weights: Path | None = None) -> Crossfade:
        """The walk as keyframes, as far as a film on this clock goes; beyond `MOST_STOPS` they repeat.

        It is the same at any rate and length. `seed` is the film's; `weights` are those of the user's own. Raises
        UnknownNameError for the network or a layer, SettingError for a layer of which no two channels dream and where a
        time is in beats without a tempo, and what `channel_vectors` does.
        """
        hold, fade, count = clock.length(self.hold), clock.length(self.fade), self.count(clock)
        stops = self.stops(min(count, MOST_STOPS), seed, network, weights)
        keys = tuple(dict.fromkeys(stops))
        track: Track | RepeatingTrack = self._track(keys, stops, hold, fade, clock)
        if count > MOST_STOPS:
            track = RepeatingTrack(self._track(keys, [*stops, stops[0]], hold, fade, clock), _AGAIN)
        return self._with_beside(keys, track) if self.beside else Crossfade(keys, track)

    def _with_beside(self, keys: tuple[Key, ...], track: Track | RepeatingTrack) -> Crossfade:
        assert self.beside is not None
        beside = self.beside.track
        parts = beside.parts if isinstance(beside, JoinedTrack) else (beside,)
        return Crossfade((*keys, *self.beside.keys), JoinedTrack((track, *parts)))

    def count(self, clock: Clock) -> int:
        """How many stops a film on this clock sees, of the last one maybe only the beginning of a crossfade."""
        hold, turn = clock.length(self.hold), self.turn(clock)
        return math.ceil((clock.frames - hold) / turn) + 1 if clock.frames > hold else 1

    def turn(self, clock: Clock) -> Fraction:
        """The frames from one stop to the next."""
        return clock.length(self.hold) + clock.length(self.fade)

    def stops(self, count: int, seed: int, network: str, weights: Path | None = None) -> list[Spec]:
        """The first objectives of the walk, in order. Raises what `on` does."""
        seed = seed if self.seed is None else self.seed
        walks = [
            [group[index] for index in walk(likeness, -(-count // len(self._names)), self.distance, seed, number)]
            for number, (group, likeness) in enumerate(self._groups(network, weights))
        ]
        return [walks[stop % len(walks)][stop // len(walks)] for stop in range(count)]

    @property
    def _names(self) -> tuple[str | int, ...]:
        return self.channels or self.classes

    def _groups(self, network: str, weights: Path | None) -> list[tuple[list[Spec], NDArray[np.float64]]]:
        """What takes turns: objectives, and how much each is like each other one, a matrix."""
        beside = set(self.keys)
        if self.channels:
            return [_channels_of(layer, network, weights, beside) for layer in self.channels]
        names, taken = class_names(), set[int]()
        groups: list[tuple[list[Spec], NDArray[np.float64]]] = []
        for name in self.classes:
            indices = [
                index for index in classes_of(name) if index not in taken and ClassSpec(names[index]) not in beside
            ]
            if not indices:
                raise SettingError(f"{name!r} adds no class to those of the families before it: leave it out")
            taken.update(indices)
            at = np.array(indices, np.float64)
            groups.append(([ClassSpec(names[index]) for index in indices], -np.abs(at[:, np.newaxis] - at)))
        return groups

    def _track(
        self, keys: Sequence[Spec], stops: Sequence[Spec], hold: Fraction, fade: Fraction, clock: Clock
    ) -> Track:
        """Two keyframes for each stop: its arrival and its departure; one where it does not stay, or is cut to."""
        index = {key: position for position, key in enumerate(keys)}
        keyframes = []
        for number, stop in enumerate(stops):
            alone = tuple(self.weight * (position == index[stop]) for position in range(len(keys)))
            arrival = clock.origin * clock.fps + number * (hold + fade)
            keyframes += [Keyframe(_frame(arrival), alone, "hold")] if hold else []
            keyframes += [Keyframe(_frame(arrival + hold), alone, self.ease)] if fade else []
        return Track(tuple(keyframes))


_AGAIN: Repetition = "cycle"


def _frame(position: Fraction) -> Time:
    return Time(position, "f", f"{float(position):g}f")


def _channels_of(
    layer: str, network: str, weights: Path | None, beside: set[Key]
) -> tuple[list[Spec], NDArray[np.float64]]:
    vectors = channel_vectors(network, layer, weights).astype(np.float64)
    specs = [ChannelSpec(layer, (channel,)) for channel in range(len(vectors))]
    kept = [channel for channel in np.flatnonzero(vectors.any(axis=1)).tolist() if specs[channel] not in beside]
    if len(kept) < 2:
        raise SettingError(f"layer {layer} of {network} has no two channels that dream: choose another layer")
    chosen = vectors[kept] / np.linalg.norm(vectors[kept], axis=1, keepdims=True)
    return [specs[channel] for channel in kept], chosen @ chosen.T


def walk(likeness: NDArray[np.float64], count: int, distance: Distance, seed: int, number: int = 0) -> list[int]:
    """The first `count` indices of a walk through things, n x n numbers that say how much each is like each other one.

    All come once before any comes again, then in the same order. Another `number`, another walk.
    """
    rng, total = generator(seed, number, "wander"), len(likeness)
    order = [int(rng.integers(total))]
    left = np.ones(total, bool)
    left[order[0]] = False
    while len(order) < min(count, total):
        candidates = np.flatnonzero(left)
        if distance == "near":
            ranked = candidates[np.argsort(-likeness[order[-1], candidates], kind="stable")][:_NEAREST]
        else:
            closest = likeness[order[-_REMEMBERED:]][:, candidates].max(0)
            ranked = candidates[np.argsort(closest, kind="stable")][: max(1, len(candidates) // _FARTHEST)]
        order.append(int(rng.choice(ranked)))
        left[order[-1]] = False
    return [order[index % len(order)] for index in range(count)]
