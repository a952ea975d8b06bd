"""How a film's shots scale over many workers: a model from measured costs, checked against real runs.

    python -m benchmarks.scale --input clip.mp4 [PRESET] [--size 320x136] [--workers 1,2] [--storage 100]

The film is rendered by one worker and by two, with one thread each. The first run gives the costs: what a worker takes
to start, a shot to begin, a frame to be dreamed, cuts to be found, a frame to be encoded. The model gives out the
longest shot first, as `render -j` does, and adds what is done by one process alone. Its forecast is printed beside the
other runs, and then for a feature of 1,200 shots and 1 to 1,000 workers, with what limits it. `--storage` is what the
machines' shared folder takes, in megabytes a second.
"""

from __future__ import annotations

import argparse
import heapq
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from zoomdream.farm.division import Division
from zoomdream.farm.engine import Event
from zoomdream.farm.film_parts import part_tasks
from zoomdream.farm.processes import ProcessEngine
from zoomdream.films.film import Film
from zoomdream.films.journal import find_journal, journal_folder
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.parts.part_list import kept_parts
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import RenderJob
from zoomdream.presets.loading import load_preset
from zoomdream.presets.preset import Preset

SHOTS, FRAMES = 1200, 129_600  # a feature of 90 minutes at 24 frames a second
_SPREAD = 0.8  # of the logarithm of a shot's length: films have many short shots and a few long ones


@dataclass(frozen=True)
class Costs:
    """What a film takes, in seconds, of processes with one thread each."""

    start: float
    """Until a worker is ready for its first task."""
    task: float
    """Of a task, beside its frames."""
    frame: float
    """To dream a carried frame."""
    first_frame: float
    """To dream a shot's first frame."""
    cuts: float
    """To find the cuts, for each frame; by one process."""
    encode: float
    """To take a frame from the journal and encode it; by one process."""
    frame_bytes: float
    """What a frame takes in the journal, states and all."""

    def shot(self, frames: int) -> float:
        """Seconds of a shot."""
        return self.task + self.first_frame + (frames - 1) * self.frame


@dataclass(frozen=True)
class Forecast:
    """How long the dreaming takes, and all."""

    dreaming: float
    """Seconds from the workers' start to the end of the last shot."""
    alone: float
    """Seconds of the work that one process does: cuts, encoding."""
    limit: str
    """What keeps more workers from making it faster."""

    @property
    def seconds(self) -> float:
        """From the first to the last."""
        return self.dreaming + self.alone


def forecast(shots: Sequence[int], workers: int, costs: Costs, bytes_a_second: float = float("inf")) -> Forecast:
    """What `workers` take for shots of these lengths: each takes the longest shot that is left.

    The shared storage is written once and read once.
    """
    free = [costs.start] * min(workers, len(shots))
    for seconds in sorted(map(costs.shot, shots), reverse=True):
        heapq.heapreplace(free, free[0] + seconds)
    busy, longest = max(free), costs.start + costs.shot(max(shots))
    storage = sum(shots) * costs.frame_bytes / bytes_a_second
    alone = sum(shots) * max(costs.cuts + costs.encode, costs.frame_bytes / bytes_a_second)
    limits = {"the longest shot": longest, "the storage": storage, "one process's cuts and encoding": alone}
    dreaming = max(busy, storage)
    even = sum(map(costs.shot, shots)) / workers
    strongest = max(limits, key=lambda name: limits[name])
    return Forecast(dreaming, alone, strongest if limits[strongest] > 0.1 * even else "nothing yet")


def feature(seed: int = 0) -> list[int]:
    """Lengths of the shots of a feature, in frames."""
    lengths = np.random.default_rng(seed).lognormal(0, _SPREAD, SHOTS)
    return [max(2, round(length)) for length in lengths * (FRAMES / lengths.sum())]


@dataclass
class Run:
    """A film that was rendered by so many workers."""

    workers: int
    cuts: float = 0.0
    dreaming: float = 0.0
    encoding: float = 0.0
    journal: int = 0
    """Bytes."""
    ready: list[float] = field(default_factory=list)
    """When each worker got its first task, in seconds after the start."""
    first: dict[str, float] = field(default_factory=dict)
    """When each task's first frame was there."""
    began: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)


def render(film: Film, preset: Preset, folder: Path, workers: int) -> tuple[Run, list[range]]:
    """Render a film by worker processes, and note when what happens."""
    run, output, options = Run(workers), folder / f"{workers}.mp4", JournalOptions(keep=True)
    clock = time.perf_counter
    start = clock()
    parts = list(kept_parts(film, output, options))
    run.cuts = clock() - start
    tasks = part_tasks(film, preset, output, parts, [0] * len(parts), journal=options)
    start = clock()

    def on_event(event: Event) -> None:
        name, now = event.task.id, clock() - start
        if event.kind == "started":
            run.began[name] = now
        elif event.kind == "progress":
            run.first.setdefault(name, now)
        elif event.kind == "done":
            run.ended[name] = now
        elif event.kind == "failed" and event.error:
            raise event.error.exception

    ProcessEngine(Division(workers, 1)).run(tasks, on_event)
    run.dreaming = clock() - start
    run.ready = sorted(run.began.values())[:workers]
    start = clock()
    RenderJob(film, output, journal=options).run()
    run.encoding = clock() - start
    found = find_journal(journal_folder(output))
    run.journal = found.bytes if found else 0
    return run, parts


def costs_of(run: Run, parts: Sequence[range]) -> Costs:
    """The costs by the run of one worker."""
    frames = sum(map(len, parts))
    later = sum(run.ended[name] - run.first[name] for name in run.ended)
    carried = later / max(1, frames - len(parts))
    begin = sum(run.first[name] - run.began[name] for name in run.ended) / len(parts)
    return Costs(
        start=run.ready[0],
        task=0.0,  # it is in what the first frame takes
        frame=carried,
        first_frame=begin,
        cuts=run.cuts / frames,
        encode=run.encoding / frames,
        frame_bytes=run.journal / frames,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Render, model, print."""
    parser = argparse.ArgumentParser(description="How a film's shots scale over many workers.")
    parser.add_argument("preset", nargs="?", default="street-animals")
    parser.add_argument("--input", type=Path, required=True)
    parser.add_argument("--size", default="320x136")
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--storage", type=float, default=100.0, help="megabytes a second")
    parser.add_argument("--set", action="append", default=[], dest="changes")
    options = parser.parse_args(arguments)
    preset = load_preset(options.preset, [f"canvas.size={options.size}", *options.changes], options.input)
    film = prepare(preset, device="cpu", precision="float32", threads=1)
    with tempfile.TemporaryDirectory() as folder:
        runs = [render(film, preset, Path(folder), int(workers)) for workers in options.workers.split(",")]
    costs = costs_of(*runs[0])
    lengths = [len(part) for part in runs[0][1]]
    print(f"{len(film.timeline)} frames of {options.size} in {len(lengths)} shots, one thread a worker")
    print(f"a worker starts in {costs.start:.1f} s; a frame {costs.frame * 1e3:.0f} ms, a shot's first "
          f"{costs.first_frame * 1e3:.0f} ms; cuts {costs.cuts * 1e3:.1f}, encoding {costs.encode * 1e3:.1f} ms a "
          f"frame; {costs.frame_bytes / 1e6:.2f} MB a frame in the journal\n")  # fmt: skip
    print("workers   dreamed in   forecast")
    for run, _ in runs:
        print(f"{run.workers:7} {run.dreaming:10.1f} s {forecast(lengths, run.workers, costs).dreaming:8.1f} s")
    report_feature(costs, options.storage * 1e6)


def report_feature(costs: Costs, bytes_a_second: float) -> None:
    """Print the forecast of a feature."""
    shots = feature()
    print(f"\na feature of {len(shots)} shots, {sum(shots)} frames, the longest {max(shots)}; storage of "
          f"{bytes_a_second / 1e6:.0f} MB a second")  # fmt: skip
    print("workers      hours   faster   efficiency   what limits it")
    alone = forecast(shots, 1, costs, bytes_a_second)
    for workers in (1, 10, 100, 1000):
        each = forecast(shots, workers, costs, bytes_a_second)
        faster = alone.seconds / each.seconds
        print(f"{workers:7} {each.seconds / 3600:10.2f} {faster:8.1f} {faster / workers:12.1%}   {each.limit}")


if __name__ == "__main__":
    main()
