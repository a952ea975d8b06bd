"""Thousands of small frames: does anything grow?

    python -m benchmarks.soak [--frames 3000] [--kind zoom|video]

Printed are, along the film, memory, open files, threads, child processes, and the time and processor time of a frame.
Exit status 1 if memory at the end is 5 % above that after the first 100 frames, if files, threads or children have
become more, or if a frame of the last tenth takes half as much processor time again as one of the second tenth.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.killtest import KINDS
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.presets.loading import load_preset
from zoomdream.progress import Progress

FIRST = 100
"""The frame after which nothing should grow."""


@dataclass(frozen=True)
class Sample:
    """What the process holds after a frame."""

    frame: int
    wall: float
    processor: float
    memory_mb: float
    files: int
    threads: int
    children: int


class Recorder:
    """A progress callback that takes a sample after each frame."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self._process = psutil.Process()

    def __call__(self, progress: Progress) -> None:
        """Take a sample."""
        process = self._process
        with process.oneshot():
            sample = Sample(
                progress.done,
                time.perf_counter(),
                time.process_time(),
                process.memory_info().rss / 1e6,
                process.num_fds(),
                process.num_threads(),
                len(process.children()),
            )
        self.samples.append(sample)


def complaints(samples: list[Sample]) -> list[str]:
    """What has grown."""
    first, last = samples[FIRST - 1], samples[-1]
    late = samples[-len(samples) // 10 :]
    growing = [
        f"{name} went from {getattr(first, name):g} to {getattr(last, name):g}"
        for name, most in (("memory_mb", 1.05), ("files", 1), ("threads", 1), ("children", 1))
        if statistics.median(getattr(sample, name) for sample in late) > most * getattr(first, name)
    ]
    tenth = len(samples) // 10
    early_ms, late_ms = (frame_ms(part) for part in (samples[tenth : 2 * tenth], samples[-tenth:]))
    return [
        *growing,
        *([f"a frame took {early_ms:.1f} ms and takes {late_ms:.1f}"] if late_ms > 1.5 * early_ms else []),
    ]


def frame_ms(samples: list[Sample]) -> float:
    """Processor time of a frame."""
    return (samples[-1].processor - samples[0].processor) / (len(samples) - 1) * 1e3


def soak(kind: str, frames: int) -> list[str]:
    """Render a long film of small frames; what has grown."""
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as folder:
        preset = KINDS[kind](Path(folder), frames, 1)
        film = prepare(load_preset(preset, ["dream.octaves=1", "dream.steps=1"]))
        render(film, Path(folder) / "film.mp4", on_progress=recorder)
    samples = recorder.samples
    print(f"{kind}: {len(samples)} frames")
    print("  frame  memory MB  files  threads  children  ms a frame  processor")
    step = max(1, len(samples) // 10)
    for stop in range(step, len(samples) + 1, step):
        part = samples[stop - step : stop]
        last = part[-1]
        wall = (last.wall - part[0].wall) / max(1, len(part) - 1) * 1e3
        print(
            f"{last.frame:7} {last.memory_mb:10.1f} {last.files:6} {last.threads:8} {last.children:9} {wall:11.1f} "
            f"{frame_ms(part):10.1f}",
            flush=True,
        )
    return complaints(samples)


def main() -> None:
    """Soak each kind of film."""
    parser = argparse.ArgumentParser(description="Render thousands of small frames and see whether anything grows.")
    parser.add_argument("--frames", type=int, default=3000)
    parser.add_argument("--kind", choices=list(KINDS), action="append")
    options = parser.parse_args()
    found = [f"{kind}: {words}" for kind in options.kind or KINDS for words in soak(kind, options.frames)]
    print("\n".join(found) or "nothing has grown")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
