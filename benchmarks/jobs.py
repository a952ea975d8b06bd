"""How many films at one time, with how many threads each, finish soonest: what `zoomdream batch -j N` does by itself.

    python -m benchmarks.jobs [--size 320x180] [--frames 24] [--films 2] [--rounds 5] [--seconds 80]
                              [--ways 1x2,2x1,2x2] [--precision float32]

A way such as 2x1 is two worker processes with one thread each. The same films are rendered in every way, round by round
in alternating order, by processes that have imported PyTorch and rendered a film before. Ratios are over the first way.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from zoomdream.farm.processes import WORKER
from zoomdream.farm.tasks import RenderTask
from zoomdream.runtime import processor_model, usable_cores

Way = tuple[int, int]
"""Workers, and threads of each."""


class Worker:
    """A worker process, asked directly. Leaving the `with` block ends it, and so does the end of this process."""

    def __enter__(self) -> Worker:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(WORKER, stdin=pipe, stdout=pipe, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()

    @property
    def processor_time(self) -> float:
        """Seconds of processor time so far, of its ffmpeg too."""
        return float(sum(psutil.Process(self._process.pid).cpu_times()[:4]))

    def ask(self, task: RenderTask) -> None:
        """Have it begin a task."""
        assert self._process.stdin is not None
        print(json.dumps({"task": task.to_json(), "retry": False}), file=self._process.stdin, flush=True)

    def wait(self) -> None:
        """Wait until the task is done."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event: dict[str, Any] = json.loads(line)
            if event["event"] == "failed":
                raise RuntimeError(event["error"]["message"])
            if event["event"] == "done":
                return
        raise RuntimeError(f"a worker has ended with {self._process.wait()}")


def films(options: argparse.Namespace, folder: Path) -> list[RenderTask]:
    """What is rendered: the quickstart with several seeds."""
    return [
        RenderTask(
            f"film {seed}",
            "quickstart",
            str(folder / f"{seed}.mp4"),
            changes=(f"canvas.size={options.size}", f"seed={seed}"),
            frames=(0, options.frames),
            precision=options.precision,
            overwrite=True,
        )
        for seed in range(options.films)
    ]


def render(workers: Sequence[Worker], tasks: Sequence[RenderTask], threads: int) -> tuple[float, float]:
    """Seconds, and seconds of processor time, that workers with so many threads take: each every so many-th film."""
    start, before = time.perf_counter(), sum(worker.processor_time for worker in workers)
    for first in range(0, len(tasks), len(workers)):
        pairs = list(zip(workers, tasks[first : first + len(workers)], strict=False))
        for worker, task in pairs:
            worker.ask(RenderTask.from_json(json.dumps({**json.loads(task.to_json()), "threads": threads})))
        for worker, _ in pairs:
            worker.wait()
    return time.perf_counter() - start, sum(worker.processor_time for worker in workers) - before


def measure(ways: Sequence[Way], options: argparse.Namespace) -> dict[Way, list[tuple[float, float]]]:
    """Render the films in every way in every round; after so many seconds no other round begins."""
    readings: dict[Way, list[tuple[float, float]]] = {way: [] for way in ways}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workers = [stack.enter_context(Worker()) for _ in range(max(way[0] for way in ways))]
        tasks = films(options, folder)
        for worker in workers:
            worker.ask(RenderTask("first", "quickstart", str(folder / "first.mp4"), frames=(0, 1), overwrite=True))
            worker.wait()
        start = time.monotonic()
        for number in range(options.rounds):
            if number and time.monotonic() - start > options.seconds:
                break
            for way in ways if number % 2 == 0 else ways[::-1]:
                readings[way].append(render(workers[: way[0]], tasks, way[1]))
    return readings


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="How many films at one time, with how many threads each.")
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--frames", type=int, default=24, help="of each film")
    parser.add_argument("--films", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=80, help="after which no other round begins")
    parser.add_argument("--ways", default="", help="workers x threads, such as 1x2,2x1; this machine's when left out")
    parser.add_argument("--precision", default="float32")
    options = parser.parse_args()
    cores = usable_cores()
    text = options.ways or f"1x{cores},{cores}x1,{cores}x{cores}"
    ways = [(int(workers), int(threads)) for workers, threads in (way.split("x") for way in text.split(","))]
    readings = measure(ways, options)
    print(f"{processor_model()}, {cores} cores, {options.precision}; {options.films} films of {options.frames} frames")
    print(f"{options.size}, medians of {len(readings[ways[0]])} rounds; processor time is the encoders' too")
    print(f"\n{'workers x threads':18} {'seconds':>8} {'spread':>13} {'cpu s':>7} {'ratio':>6}  {'of rounds':>12}")
    for way, found in readings.items():
        seconds = [each[0] for each in found]
        ratios = [first[0] / each[0] for first, each in zip(readings[ways[0]], found, strict=True)]
        spread, between = (f"{min(all_):.2f}-{max(all_):.2f}" for all_ in (seconds, ratios))
        cpu = statistics.median(each[1] for each in found)
        middle = statistics.median(seconds)
        label = f"{way[0]} x {way[1]}"
        print(f"{label:18} {middle:8.2f} {spread:>13} {cpu:7.2f} {statistics.median(ratios):6.2f}  {between:>12}")


if __name__ == "__main__":
    main()
