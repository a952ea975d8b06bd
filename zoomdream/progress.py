"""What every job has in common, and the one value in which all of them report how far they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    done: int
    """Units done, counted from 1."""
    total: int | None
    """Units in all, as far as is known; None where nobody can tell. It may change during the job."""
    unit: str
    """What is counted, in the singular: `frame`, `step`, `byte`."""
    now: str = ""
    """What is being done, for people: `octave 2 of 4`."""
    detail: Mapping[str, object] = field(default_factory=dict)
    """The same for programs, as JSON can hold it."""
    before: int = 0
    """Units that an earlier run had done; they are counted in `done`. Rates leave them out."""


OnProgress = Callable[[Progress], None]
"""Called by a job each time that it has done something."""


def part_of(on_progress: OnProgress | None, before: int, total: int, now: str) -> OnProgress | None:
    """Reports a job that is a part of a larger one: `before` units come before it, of `total` in all."""
    if on_progress is None:
        return None
    return lambda progress: on_progress(replace(progress, done=before + progress.done, total=total, now=now))


class Job(Protocol[Result_co]):
    """Something to be made: resolved and checked, and not begun."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of what is made, in pixels."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know before the work begins."""

    @property
    def provenance(self) -> str:
        """What makes it, in one line for its metadata: versions, network, objectives, seed, settings."""

    def run(self, on_progress: OnProgress | None = None) -> Result_co:
        """Make it."""
