"""A film's objectives: every one that its timeline names, on the film's network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from zoomdream.errors import SettingError
from zoomdream.networks import Network
from zoomdream.objectives import Objective, Spec, Term, Tiling, resolve
from zoomdream.objectives.gradient_graphs import GradientGraphs
from zoomdream.schedule.mix_table import MixRun
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

    @classmethod
    def resolve(cls, network: Network, timeline: Timeline, fit: Fit = "fill") -> FilmObjectives:
        """Look up a timeline's objectives in a network and read their pictures.

        `fit` is how masks meet the frame: as the film's source does. Raises what `objectives.resolve` does.
        """
        score = timeline[0].dream.objective
        return cls(network, {key: resolve(network, key, score, fit=fit) for key in timeline.objectives})

    @property
    def all(self) -> Objective:
        """All terms at once, each with a weight of 1, in one piece."""
        return Objective(self.network, tuple((term, 1.0) for term in self.terms.values()))

    def of_frame(self, row: Row) -> Objective:
        """What one frame amplifies. Raises SettingError where the weights of one objective cancel."""
        weighted = [(self.terms[key], weight) for key, weight in row.mix]
        return Objective.mixed(self.network, weighted, self.tiling, self.graphs)

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
