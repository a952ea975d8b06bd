"""The parts of a film as tasks: for farms that give out command lines by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zoomdream.films.estimates.estimate import Estimate
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.parts.part_rendering import finished_in

FORMAT = 1
"""Of a plan as JSON."""


@dataclass(frozen=True)
class PlannedTask:
    """One part of a film."""

    id: int
    """Its number, counted from 0."""
    first: int
    """Its first frame."""
    stop: int
    """The frame after its last one."""
    finished: int
    """How many of its frames are finished."""
    seconds: float
    """What the others take on this machine, estimated: it may be off by half."""


@dataclass(frozen=True)
class FilmPlan:
    """A film and its parts."""

    output: str
    frames: int
    size: tuple[int, int]
    """(width, height) in pixels."""
    fps: str
    """Frames per second, as `24` or `24000/1001`."""
    memory_bytes: int
    """The most bytes that a worker and its ffmpeg hold at one time, estimated."""
    tasks: tuple[PlannedTask, ...]

    def values(self) -> dict[str, Any]:
        """What the plan holds, as JSON can hold it."""
        return {"zoomdream_plan": FORMAT, **asdict(self)}


def film_plan(
    film: Film, output: Path, parts: Sequence[range], cost: Estimate, journal: JournalOptions | None = None
) -> FilmPlan:
    """Plan a film that goes into `output`; `cost` is the whole film's, with nothing finished.

    Raises JournalError where the journal of `output` holds another film's frames.
    """
    finished = finished_in(film, output, parts, journal or JournalOptions())
    steps = [_steps(film, part) for part in parts]
    share = cost.seconds / max(1e-9, sum(map(sum, steps)))
    tasks = (
        PlannedTask(number, part.start, part.stop, done, round(share * sum(each[done:]), 3))
        for number, (part, done, each) in enumerate(zip(parts, finished, steps, strict=True))
    )
    return FilmPlan(str(output), len(film.timeline), film.size, str(film.clock.fps), cost.memory_bytes, tuple(tasks))


def _steps(film: Film, part: range) -> list[float]:
    """The steps an octave that each frame of a part takes: those of its first one are its shot's."""
    rows = [film.timeline[index] for index in part]
    if not isinstance(film.source, Footage):
        return [float(row.dream.steps) for row in rows]
    is_amortized = rows[0].dream.schedule == "amortized"
    few = [min(row.carry.steps, 1) if is_amortized else row.carry.steps for row in rows]
    carried = [row.dream.steps if not row.carry.strength else count for row, count in zip(rows, few, strict=True)]
    return [float(rows[0].dream.steps), *map(float, carried[1:])]
