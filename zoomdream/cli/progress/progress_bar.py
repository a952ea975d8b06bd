"""How far a job is, shown on a terminal or to a program: a bar, plain lines, JSON lines, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, TextIO

from zoomdream.cli.echo import echo_above, visible

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

    def restart(self) -> None:
        """Count from now on, and from 0."""
        self._reports.clear()
        self._reports.append((self._clock(), 0))

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


@dataclass(frozen=True)
class Display:
    """What is on the screen while a job runs; called with each of its reports."""

    show: OnProgress
    write_line: Callable[[str], None]
    """Writes a line for a person that leaves a bar whole."""
    is_json: bool = False

    def __call__(self, progress: Progress) -> None:
        """Show how far the job is."""
        self.show(progress)

    def tell(self, text: str, /, **record: object) -> None:
        """Write a line for a person; where lines are JSON, `record` instead."""
        self.write_line(json.dumps(record) if self.is_json and record else text)


@contextmanager
def progress_bar(kind: Kind, title: str, stream: TextIO | None = None) -> Iterator[Display]:
    """Shows each report that it is called with, on stderr by default, as long as the block lasts.

    What `echo` writes in the block goes through it, and so appears above a bar.
    """
    stream = stream or sys.stderr
    if kind == "auto":
        kind = "bar" if stream.isatty() else "plain"
    with _displays[kind](visible(title), stream) as display, echo_above(display.write_line):
        yield display


@contextmanager
def _bar(title: str, stream: TextIO) -> Iterator[Display]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    rate, console = Rate(), Console(file=stream)
    text_column = partial(TextColumn, markup=False)  # a name such as [/b] is no markup
    columns = (
        text_column("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        text_column("{task.fields[state]}"),
    )
    with Bar(*columns, console=console, transient=False) as bar:
        task = bar.add_task(title, total=None, state="")

        def show(progress: Progress) -> None:
            state = _state(progress, _per_second(rate, progress))
            bar.update(task, total=progress.total, completed=progress.done, state=state)

        yield Display(
            show, lambda line: console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)
        )


@contextmanager
def _silent(title: str, stream: TextIO) -> Iterator[Display]:
    yield Display(lambda progress: None, lambda line: _write_line(stream, line))


@contextmanager
def _plain(title: str, stream: TextIO) -> Iterator[Display]:
    rate, last_line = Rate(), float("-inf")

    def show(progress: Progress) -> None:
        nonlocal last_line
        per_second = _per_second(rate, progress)
        if rate.last - last_line < PLAIN_SECONDS and progress.done != progress.total:
            return
        last_line = rate.last
        _write_line(stream, f"{title}: {progress.unit} {_of_total(progress)}, {_state(progress, per_second)}")

    yield Display(show, lambda line: _write_line(stream, line))


@contextmanager
def _json(title: str, stream: TextIO) -> Iterator[Display]:
    rate = Rate()

    def show(progress: Progress) -> None:
        per_second = _per_second(rate, progress)
        left = _seconds_left(progress, per_second)
        record = {
            _PRODUCTS.get(progress.unit, "job"): title,
            progress.unit: progress.done,
            f"{progress.unit}s": progress.total,
            "before": progress.before,
            _rate_unit(progress): None if per_second is None else round(per_second, 3),
            "eta_s": None if left is None else round(left, 1),
            "now": progress.now,
            **progress.detail,
        }
        _write_line(stream, json.dumps(record))

    yield Display(show, lambda line: _write_line(stream, line), is_json=True)


_displays = {"bar": _bar, "plain": _plain, "json": _json, "none": _silent}


def _write_line(stream: TextIO, line: str) -> None:
    stream.write(line + "\n")
    stream.flush()


def _per_second(rate: Rate, progress: Progress) -> float | None:
    """Units per second that this run does; None while it has done none and reads back what an earlier one did."""
    if progress.done <= progress.before:
        rate.restart()
        return None
    return rate.update(progress.done - progress.before)


def _of_total(progress: Progress) -> str:
    return str(progress.done) if progress.total is None else f"{progress.done} of {progress.total}"


def _state(progress: Progress, per_second: float | None) -> str:
    left = _seconds_left(progress, per_second)
    rate = None if per_second is None else f"{per_second:.1f} {_rate_unit(progress)}"
    parts = [rate, None if left is None else f"{clock_text(left)} left", progress.now]
    return ", ".join(part for part in parts if part)


def _seconds_left(progress: Progress, per_second: float | None) -> float | None:
    if progress.total is None or not per_second:
        return None
    return (progress.total - progress.done) / per_second


def _rate_unit(progress: Progress) -> str:
    return _RATES.get(progress.unit, f"{progress.unit}s/s")
