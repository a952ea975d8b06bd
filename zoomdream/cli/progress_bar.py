"""How far a job is, shown on a terminal or to a program: a bar, plain lines, JSON lines, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from zoomdream.progress import OnProgress, Progress

Kind = Literal["auto", "bar", "plain", "json", "none"]
"""How progress is shown; auto: a bar on a terminal, plain lines elsewhere."""
PLAIN_SECONDS = 5.0
"""Time between two plain lines."""

_PRODUCTS: Mapping[str, str] = {"frame": "film", "step": "picture"}  # what is made of such units: a key of JSON lines
_RATES: Mapping[str, str] = {"frame": "fps"}  # units per second, where that has a name of its own


class Rate:
    """Units per second over the last `window` reports."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, window: int = 30) -> None:
        self._clock = clock
        self._reports: deque[tuple[float, int]] = deque([(clock(), 0)], maxlen=window + 1)

    def update(self, done: int) -> float:
        """Note how many units are done now; returns the rate."""
        self._reports.append((self._clock(), done))
        (start, before), (now, after) = self._reports[0], self._reports[-1]
        return (after - before) / max(now - start, 1e-9)

    @property
    def last(self) -> float:
        """When a number was last noted."""
        return self._reports[-1][0]


def clock_text(seconds: float) -> str:
    """Seconds as 0:07, 1:30 or 2:05:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def progress_bar(kind: Kind, title: str, stream: TextIO | None = None) -> Iterator[OnProgress]:
    """A callback that shows each report, on stderr by default."""
    stream = stream or sys.stderr
    if kind == "auto":
        kind = "bar" if stream.isatty() else "plain"
    if kind == "bar":
        with _bar(title, stream) as on_progress:
            yield on_progress
    else:
        yield {"plain": _plain, "json": _json, "none": _silent}[kind](title, stream)


@contextmanager
def _bar(title: str, stream: TextIO) -> Iterator[OnProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    rate = Rate()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[state]}"))
    with Bar(*columns, console=Console(file=stream), transient=False) as bar:
        task = bar.add_task(title, total=None, state="")

        def show(progress: Progress) -> None:
            state = _state(progress, rate.update(progress.done))
            bar.update(task, total=progress.total, completed=progress.done, state=state)

        yield show


def _silent(title: str, stream: TextIO) -> OnProgress:
    return lambda progress: None


def _plain(title: str, stream: TextIO) -> OnProgress:
    rate, last_line = Rate(), float("-inf")

    def show(progress: Progress) -> None:
        nonlocal last_line
        per_second = rate.update(progress.done)
        if rate.last - last_line < PLAIN_SECONDS and progress.done != progress.total:
            return
        last_line = rate.last
        stream.write(f"{title}: {progress.unit} {_of_total(progress)}, {_state(progress, per_second)}\n")
        stream.flush()

    return show


def _json(title: str, stream: TextIO) -> OnProgress:
    rate = Rate()

    def show(progress: Progress) -> None:
        per_second = rate.update(progress.done)
        left = _seconds_left(progress, per_second)
        record = {
            _PRODUCTS.get(progress.unit, "job"): title,
            progress.unit: progress.done,
            f"{progress.unit}s": progress.total,
            _rate_unit(progress): round(per_second, 3),
            "eta_s": None if left is None else round(left, 1),
            "now": progress.now,
            **progress.detail,
        }
        stream.write(json.dumps(record) + "\n")
        stream.flush()

    return show


def _of_total(progress: Progress) -> str:
    return str(progress.done) if progress.total is None else f"{progress.done} of {progress.total}"


def _state(progress: Progress, per_second: float) -> str:
    left = _seconds_left(progress, per_second)
    parts = [f"{per_second:.1f} {_rate_unit(progress)}", left is not None and f"{clock_text(left)} left", progress.now]
    return ", ".join(part for part in parts if part)


def _seconds_left(progress: Progress, per_second: float) -> float | None:
    if progress.total is None or per_second <= 0:
        return None
    return (progress.total - progress.done) / per_second


def _rate_unit(progress: Progress) -> str:
    return _RATES.get(progress.unit, f"{progress.unit}s/s")
