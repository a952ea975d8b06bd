"""A film before it is rendered: its frames' settings, its objectives in their network, its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from zoomdream.dreaming.ascent import octave_sizes
from zoomdream.errors import SettingError
from zoomdream.films.footage import Footage
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.resample import resize
from zoomdream.media import Sound
from zoomdream.networks import Network
from zoomdream.objectives import Objective, Term, Tiling, resolve
from zoomdream.provenance import provenance_line
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.timeline import Row, Timeline
from zoomdream.schedule.tracks import Key
from zoomdream.settings import OutputSettings


@dataclass(frozen=True)
class Film:
    """A film with everything resolved and checked, and nothing rendered yet.

    `source` is the picture that a zoom film begins with, on the network's device and in the film's size, or the footage
    that a video film dreams over. `fit` is how masks meet the frame, the source's own way. `tiling` is for frames too
    large for memory. `sound` is what is laid under it. `recipe` is a preset that makes it again. `terms` are the
    timeline's objectives, looked up in the network when they are not given.
    """

    network: Network
    timeline: Timeline
    source: Frame | Footage
    seed: int = 0
    fit: Literal["fill", "fit"] = "fill"
    tiling: Tiling | None = None
    output: OutputSettings = field(default_factory=OutputSettings)
    sound: Sound | None = None
    recipe: str = ""
    terms: Mapping[Key, Term] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if not self.terms:
            object.__setattr__(self, "terms", resolve_terms(self.network, self.timeline, self.fit))

    @property
    def size(self) -> Size:
        """(width, height) in pixels."""
        return self.source.size if isinstance(self.source, Footage) else size_of(self.source)

    @property
    def provenance(self) -> str:
        """What makes it, in one line for its metadata: network, objectives, seed, tiles."""
        objectives = ", ".join(map(str, self.timeline.keys()))
        tiles = self.tiling.short if self.tiling else ""
        return provenance_line(self.network.name, objectives, self.seed, tiles)

    @property
    def clock(self) -> Clock:
        """Frame rate and number of frames."""
        return self.timeline.clock

    @property
    def all_objectives(self) -> Objective:
        """All objectives of the film at once."""
        return Objective(self.network, tuple((term, 1.0) for term in self.terms.values()))

    def objective(self, row: Row) -> Objective:
        """What one frame amplifies."""
        return Objective.mixed(self.network, [(self.terms[key], weight) for key, weight in row.mix], self.tiling)

    def distinct_objectives(self) -> list[Objective]:
        """What the frames amplify: one objective for each choice of terms and their signs.

        Raises SettingError where weights cancel, or where all are 0 throughout.
        """
        found: dict[object, Objective] = {}
        for row in self.timeline:
            objective = self.objective(row)
            if objective.terms:
                found.setdefault(tuple((term.spec, weight > 0) for term, weight in objective.terms), objective)
        if not found:
            raise SettingError("every objective's weight is 0 throughout, so nothing would change: raise one of them")
        return list(found.values())

    def first_octave(self, objective: Objective) -> Frame | None:
        """The first picture that the network sees, the smallest octave; None for a video, which is not read yet."""
        if isinstance(self.source, Footage):
            return None
        first = octave_sizes(self.size, self.timeline[0].dream, objective.smallest_input)[0]
        return resize(self.source, first).clamp(0, 1)


def resolve_terms(network: Network, timeline: Timeline, fit: Literal["fill", "fit"] = "fill") -> dict[Key, Term]:
    """Every objective that a timeline names, found in the network, its pictures read. Raises what `resolve` does."""
    kind, keys = timeline[0].dream.objective, timeline.keys()
    return {key: resolve(network, key, kind, fit=fit) for key in keys}
