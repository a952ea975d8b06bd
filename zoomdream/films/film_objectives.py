"""A film's objectives: every one that its timeline names, on the film's network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from zoomdream.errors import SettingError
from zoomdream.films.masks.moving_masks import FilmMasks
from zoomdream.networks import Network
from zoomdream.objectives import Objective, Spec, Term, Tiling, parse, resolve
from zoomdream.objectives.gradient_graphs import GradientGraphs
from zoomdream.objectives.resolver import resolve_unmasked
from zoomdream.schedule.tables.mix_table import MixRun
from zoomdream.schedule.timeline import Row, Timeline
from zoomdream.schedule.tracks import Key
from zoomdream.settings import Fit


@dataclass(frozen=True)
class FilmObjectives:
    """The terms that a film's frames mix."""

    network: Network
    terms: Mapping[Key, Term]
    """Every objective of the timeline, by its key there."""
    tiling: Tiling | None = None
    """How frames too large for memory are cut; None: they are dreamed in one piece."""
    graphs: GradientGraphs | None = None
    """Records gradients on a GPU; None: each is computed operation by operation."""
    masks: FilmMasks = field(default_factory=lambda: FilmMasks({}, {}))
    """Those masks that are drawn or move."""

    @classmethod
    def resolve(
        cls, network: Network, timeline: Timeline, fit: Fit = "fill", masks: FilmMasks | None = None
    ) -> FilmObjectives:
        """Look up a timeline's objectives in a network and read their pictures.

        `fit` is how masks meet the frame: as the film's source does. `masks` are those that move; None: of a film that
        is over no video. Raises what `objectives.resolve` and `FilmMasks.opened` do.
        """
        score = timeline[0].dream.objective
        if masks is None:
            masks = FilmMasks.opened(specs_of(timeline), timeline.clock.fps, fit)
        terms = {}
        for key, spec in zip(timeline.objectives, specs_of(timeline), strict=True):
            is_moving = spec.mask in masks
            terms[key] = resolve_unmasked(network, spec, score) if is_moving else resolve(network, spec, score, fit=fit)
        return cls(network, terms, masks=masks)

    @property
    def all(self) -> Objective:
        """All terms at once, each with a weight of 1, in one piece."""
        return Objective(self.network, tuple((term, 1.0) for term in self.terms.values()))

    def of_frame(self, row: Row, camera: NDArray[np.float64] | None = None) -> Objective:
        """What one frame amplifies, where `camera` has come in a film over a video: see `VideoState.camera`.

        Raises SettingError where the weights of one objective cancel.
        """
        weighted = [(self._masked(self.terms[key], row, camera), weight) for key, weight in row.mix]
        return Objective.mixed(self.network, weighted, self.tiling, self.graphs)

    def _masked(self, term: Term, row: Row, camera: NDArray[np.float64] | None) -> Term:
        mask = term.spec.mask
        if mask is None or mask not in self.masks:
            return term
        return replace(term, mask=self.masks.at(mask, row, self.network.device, camera))

    def close(self) -> None:
        """End what reads masks ahead; what is asked for later is read anew."""
        self.masks.close()

    def distinct(self, timeline: Timeline) -> list[Objective]:
        """What a timeline's frames amplify: one objective for each choice of terms and their signs, as they come first.

        Raises SettingError where weights cancel, or where all are 0 throughout.
        """
        objectives: dict[object, Objective] = {}
        for run in self.runs(timeline):
            objective = self.of_frame(timeline[run.start])
            if objective.terms:
                signs = tuple((term.spec, weight > 0) for term, weight in objective.terms)
                objectives.setdefault(signs, objective)
        if not objectives:
            raise SettingError("every objective's weight is 0 throughout, so nothing would change: raise one of them")
        return list(objectives.values())

    def runs(self, timeline: Timeline) -> list[MixRun]:
        """The first run of frames for each choice of terms and their signs, in order."""
        first: dict[bytes, MixRun] = {}
        for run in timeline.mix_runs(groups=self._groups):
            first.setdefault(run.signs, run)
        return list(first.values())

    @property
    def _groups(self) -> list[list[Key]]:
        """The keys by the objective that they stand for."""
        groups: dict[Spec, list[Key]] = {}
        for key, term in self.terms.items():
            groups.setdefault(term.spec, []).append(key)
        return list(groups.values())

    def tiled(self, tiling: Tiling | None) -> FilmObjectives:
        """The same in tiles."""
        return replace(self, tiling=tiling)

    def recorded(self, graphs: GradientGraphs | None) -> FilmObjectives:
        """The same with gradients that are recorded, or that are not."""
        return replace(self, graphs=graphs)


def specs_of(timeline: Timeline) -> list[Spec]:
    """The objectives of a timeline, in order. Raises SettingError for a short form that makes no sense."""
    return [parse(key) if isinstance(key, str) else key for key in timeline.objectives]
