"""What a journal costs: the same film with and without it, in turn.

    python -m benchmarks.journal [--rounds 5] [--input CLIP]

Each render is a process of its own. Printed are wall time, processor time and the largest memory of each, and the
ratios of their medians; and the processor time that the journal's own calls take, in the dreaming thread and in the one
beside it, which says more on a machine that others use, too. With --input a film over that video is measured, too.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from zoomdream.films.journal import writer
from zoomdream.films.journal.segments import OpenSegment
from zoomdream.films.journaling import FilmJournal, JournalOptions
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.presets.loading import load_preset

MEASURES = ("wall s", "processor s", "memory MB")
OWN = "of it own s"
_CALLS = (
    *((FilmJournal, name) for name in ("__enter__", "append", "close", "remove")),
    *((OpenSegment, name) for name in ("append", "close")),
    (writer, "encode_png"),
)


def watch_calls(spent: list[float]) -> None:
    """Add the processor time of each of the journal's calls, in its own thread, to `spent`."""
    for owner, name in _CALLS:
        inner: Callable[..., object] = getattr(owner, name)

        def timed(*args: object, _inner: Callable[..., object] = inner, **kwargs: object) -> object:
            began = time.thread_time()
            try:
                return _inner(*args, **kwargs)
            finally:
                spent.append(time.thread_time() - began)

        setattr(owner, name, timed)


def measure(preset: str, changes: list[str], source: str | None, journal: bool) -> dict[str, float]:
    """Render a film in this process and measure it."""
    film = prepare(load_preset(preset, changes, source))
    spent: list[float] = []
    watch_calls(spent)
    with tempfile.TemporaryDirectory() as folder:
        began, before = time.perf_counter(), time.process_time()
        render(film, Path(folder) / "film.mp4", journal=JournalOptions(enabled=journal))
        wall, processor = time.perf_counter() - began, time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return dict(zip((*MEASURES, OWN), (wall, processor, memory, sum(spent)), strict=True))


def in_own_process(preset: str, changes: list[str], source: str | None, journal: bool) -> dict[str, float]:
    """The same in a process of its own, whose largest memory is this render's."""
    arguments = [preset, json.dumps(changes), json.dumps(source), json.dumps(journal)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.journal", "--one", *arguments], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def compare(preset: str, changes: list[str], source: str | None, rounds: int) -> None:
    """Measure in turn and print the medians and their ratios."""
    results: dict[bool, list[dict[str, float]]] = {False: [], True: []}
    for number in range(rounds):
        for journal in (False, True) if number % 2 else (True, False):
            results[journal].append(in_own_process(preset, changes, source, journal))
    print(f"{preset} {' '.join(changes)}, medians of {rounds}:")
    for name in MEASURES:
        without, with_journal = (
            statistics.median(each[name] for each in results[journal]) for journal in (False, True)
        )
        ratio = with_journal / without - 1
        print(f"  {name:12} without {without:8.2f}   with {with_journal:8.2f}   {ratio:+.1%}", flush=True)
    own = statistics.median(each[OWN] / each["processor s"] for each in results[True])
    print(f"  the journal's own calls take {own:.1%} of the processor time", flush=True)


def main() -> None:
    """Compare films with and without a journal."""
    if sys.argv[1:2] == ["--one"]:
        preset, changes, source, journal = sys.argv[2], *map(json.loads, sys.argv[3:6])
        print(json.dumps(measure(preset, changes, source, journal)))
        return
    parser = argparse.ArgumentParser(description="What a journal costs.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--duration", default="2s")
    parser.add_argument("--input", type=Path)
    options = parser.parse_args()
    changes = [f"canvas.duration={options.duration}"]
    compare("quickstart", changes, None, options.rounds)
    if options.input:
        compare("street-animals", changes, str(options.input), options.rounds)


if __name__ == "__main__":
    main()
