"""How far a render is, told to a person or a program: a bar, plain lines, JSON lines, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from zoomdream.film import Progress

KINDS = ("auto", "bar", "plain", "json", "none")
PLAIN_SECONDS = 5.0  # between two plain lines
Report = Callable[["Progress"], None]


class Pace:
    """Frames per second over the last frames, and the seconds that are left."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, window: int = 30) -> None:
        self._clock = clock
        self._times: deque[float] = deque([clock()], maxlen=window + 1)

    def tick(self) -> float:
        """Count one frame; returns the rate."""
        self._times.append(self._clock())
        return (len(self._times) - 1) / max(self._times[-1] - self._times[0], 1e-9)

    @property
    def last(self) -> float:
        """When the last frame was counted."""
        return self._times[-1]


def layers_of(progress: Progress) -> str:
    """The layers now on, such as `fire5 30 % + fire8 70 %`."""
    mix = progress.row.mix
    if len(mix) == 1:
        return mix[0][0]
    total = sum(abs(weight) for _, weight in mix) or 1
    return " + ".join(f"{layer} {weight / total:.0%}" for layer, weight in mix) or "no layer"


def clock_text(seconds: float) -> str:
    """Seconds as 0:07, 1:30 or 2:05:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def reporting(kind: str, title: str, stream: TextIO | None = None) -> Iterator[Report]:
    """A callback that shows each frame's progress, on stderr unless told else. "auto": a bar if on a terminal."""
    stream = stream or sys.stderr
    if kind == "auto":
        kind = "bar" if stream.isatty() else "plain"
    if kind == "bar":
        with _bar(title, stream) as report:
            yield report
    else:
        yield {"plain": _plain, "json": _json, "none": _nothing}[kind](title, stream)


@contextmanager
def _bar(title: str, stream: TextIO) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    pace = Pace()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"))
    with Bar(*columns, console=Console(file=stream), transient=False) as bar:
        task = bar.add_task(title, total=None, note="")

        def report(progress: Progress) -> None:
            rate = pace.tick()
            left = clock_text((progress.total - progress.done) / rate)
            note = f"{rate:.1f} fps, {left} left, {layers_of(progress)}"
            bar.update(task, total=progress.total, completed=progress.done, note=note)

        yield report


def _nothing(title: str, stream: TextIO) -> Report:
    return lambda progress: None


def _plain(title: str, stream: TextIO) -> Report:
    pace, shown = Pace(), float("-inf")

    def report(progress: Progress) -> None:
        nonlocal shown
        rate = pace.tick()
        if pace.last - shown < PLAIN_SECONDS and progress.done < progress.total:
            return
        shown = pace.last
        left = clock_text((progress.total - progress.done) / rate)
        line = f"{title}: frame {progress.done} of {progress.total}, {rate:.1f} fps, {left} left, {layers_of(progress)}"
        stream.write(line + "\n")
        stream.flush()

    return report


def _json(title: str, stream: TextIO) -> Report:
    pace = Pace()

    def report(progress: Progress) -> None:
        rate = pace.tick()
        record = {
            "film": title,
            "frame": progress.done,
            "frames": progress.total,
            "fps": round(rate, 3),
            "eta_s": round((progress.total - progress.done) / rate, 1),
            "layers": dict(progress.row.mix),
        }
        stream.write(json.dumps(record) + "\n")
        stream.flush()

    return report
