"""How far a job is, shown to a person or a program: a bar, plain lines, JSON lines, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from zoomdream.films.rendering import Progress
    from zoomdream.schedule.tracks import Key


KINDS = ("auto", "bar", "plain", "json", "none")
PLAIN_SECONDS = 5.0  # between two plain lines


class Advance(Protocol):
    """What is reported each time a piece of work has advanced: how much is done, how much there is."""

    @property
    def done(self) -> int:
        """Counted from 1."""

    @property
    def total(self) -> int:
        """As far as it is known now; it may grow."""


Report = Callable[[Any], None]
"""Takes an `Advance` of the kind that the `Work` is told in."""


@dataclass(frozen=True)
class Work:
    """The words in which a kind of work is told.

    `name` is what is made and the key of its title in JSON, `unit` what is counted (its plural takes an s), `rate` the
    units in a second. `note` says what is going on now, `facts` adds it to a line of JSON.
    """

    name: str
    unit: str
    rate: str
    note: Callable[[Any], str]
    facts: Callable[[Any], Mapping[str, object]]


class Pace:
    """Units per second over the last reports."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, window: int = 30) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque([(clock(), 0)], maxlen=window + 1)

    def tick(self, done: int | None = None) -> float:
        """Count up to `done`, or one more; returns the rate."""
        self._seen.append((self._clock(), self._seen[-1][1] + 1 if done is None else done))
        (began, before), (now, after) = self._seen[0], self._seen[-1]
        return (after - before) / max(now - began, 1e-9)

    @property
    def last(self) -> float:
        """When something was last counted."""
        return self._seen[-1][0]


def layers_of(progress: Progress) -> str:
    """The layers now on, such as `fire5 30 % + fire8 70 %`."""
    mix = progress.row.mix
    if len(mix) == 1:
        return str(mix[0][0])
    total = sum(abs(weight) for _, weight in mix) or 1
    return " + ".join(f"{layer} {weight / total:.0%}" for layer, weight in mix) or "no layer"


def _by_name(mix: Iterable[tuple[Key, float]]) -> dict[str, float]:
    """Each objective's weight; of two with one name, as guides from two folders, the second is numbered."""
    named: dict[str, float] = {}
    for key, weight in mix:
        names = (str(key), *(f"{key} ({number})" for number in range(2, len(named) + 2)))
        named[next(name for name in names if name not in named)] = weight
    return named


FILM = Work(
    "film",
    "frame",
    "fps",
    layers_of,
    lambda progress: {"layers": _by_name(progress.row.mix)},
)
"""Told by `film.Progress`."""

PICTURE = Work("picture", "step", "steps/s", lambda steps: steps.now, lambda steps: {"now": steps.now})
"""Told by `Steps`."""


def clock_text(seconds: float) -> str:
    """Seconds as 0:07, 1:30 or 2:05:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def reporting(kind: str, title: str, stream: TextIO | None = None, *, work: Work = FILM) -> Iterator[Report]:
    """A callback that shows each advance, on stderr unless told else. "auto": a bar if on a terminal."""
    stream = stream or sys.stderr
    if kind == "auto":
        kind = "bar" if stream.isatty() else "plain"
    if kind == "bar":
        with _bar(title, stream, work) as report:
            yield report
    else:
        yield {"plain": _plain, "json": _json, "none": _nothing}[kind](title, stream, work)


@contextmanager
def _bar(title: str, stream: TextIO, work: Work) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    pace = Pace()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"))
    with Bar(*columns, console=Console(file=stream), transient=False) as bar:
        task = bar.add_task(title, total=None, note="")

        def report(advance: Advance) -> None:
            note = _state(advance, pace.tick(advance.done), work)
            bar.update(task, total=advance.total, completed=advance.done, note=note)

        yield report


def _state(advance: Advance, rate: float, work: Work) -> str:
    left = clock_text((advance.total - advance.done) / rate)
    return f"{rate:.1f} {work.rate}, {left} left, {work.note(advance)}"


def _nothing(title: str, stream: TextIO, work: Work) -> Report:
    return lambda advance: None


def _plain(title: str, stream: TextIO, work: Work) -> Report:
    pace, shown = Pace(), float("-inf")

    def report(advance: Advance) -> None:
        nonlocal shown
        rate = pace.tick(advance.done)
        if pace.last - shown < PLAIN_SECONDS and advance.done < advance.total:
            return
        shown = pace.last
        stream.write(f"{title}: {work.unit} {advance.done} of {advance.total}, {_state(advance, rate, work)}\n")
        stream.flush()

    return report


def _json(title: str, stream: TextIO, work: Work) -> Report:
    pace = Pace()

    def report(advance: Advance) -> None:
        rate = pace.tick(advance.done)
        record = {
            work.name: title,
            work.unit: advance.done,
            f"{work.unit}s": advance.total,
            work.rate: round(rate, 3),
            "eta_s": round((advance.total - advance.done) / rate, 1),
            **work.facts(advance),
        }
        stream.write(json.dumps(record) + "\n")
        stream.flush()

    return report
