"""Memory and cost of large frames: the peak of the whole process tree, and the processor time for each pixel.

    python -m benchmarks.large [PRESET] [--input FILE] [--sizes 960x540,1920x1080,3840x2160] [--frames 2]
                               [--max-memory 3GB] [--threads 1] [--set KEY=VALUE]...

Each size is rendered in a process of its own, whose memory and that of its ffmpeg are read 20 times a second and added
up. The processor time is that of the frames alone, without start-up and without ffmpeg; its median is divided by the
pixels, and compared with the first size's. With `--set dream.steps=1` a frame of 3840x2160 takes about half a minute.
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
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import psutil

from zoomdream.cli.options.parsing import memory_limit
from zoomdream.films.estimates.estimate import estimate
from zoomdream.films.film import Film
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.presets.loading import load_preset
from zoomdream.progress import Progress

_INTERVAL = 0.05  # seconds


@dataclass(frozen=True)
class Cost:
    """What the frames of one size have cost in the process that dreamed them."""

    frame_seconds: list[float]
    """Processor time of each frame."""
    own_peak: int
    """The most bytes that the process itself held at one time."""
    child_peak: int
    """The most bytes that one of its ffmpeg held."""
    estimated: int
    """What `estimate` said before, in bytes, for all of them together."""
    tiles: str
    """How the frame was cut."""


def cost(film: Film, frames: int) -> Cost:
    """Render a film's first frames in this process."""
    span = range(min(frames, len(film.timeline)))
    times = []

    def note(_: Progress) -> None:
        times.append(time.process_time())

    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "film.mp4"
        expected = estimate(film, span, output=output).memory_bytes
        begin = time.process_time()
        render(film, output, span=span, on_progress=note)
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    own, children = (resource.getrusage(who).ru_maxrss * 1024 for who in whose)
    seconds = [after - before for before, after in pairwise([begin, *times])]
    grid = "{} x {}".format(*film.tiling.grid(film.size)) if film.tiling else "1 x 1"
    return Cost(seconds, own, children, expected, grid)


def watched(command: list[str]) -> tuple[str, int]:
    """What a command writes to stdout, and the most bytes that it and its children held together."""
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        root = psutil.Process(process.pid)
        while True:
            try:
                process.wait(_INTERVAL)
                break
            except subprocess.TimeoutExpired:
                peak = max(peak, _tree_bytes(root))
        assert process.stdout is not None
        printed = process.stdout.read()
    if process.returncode:
        raise SystemExit(process.returncode)
    return printed, peak


def _tree_bytes(root: psutil.Process) -> int:
    total = 0
    try:
        for process in (root, *root.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.NoSuchProcess:  # it has just ended
        return 0
    return total


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Memory and cost of large frames.")
    parser.add_argument("preset", nargs="?", default="quickstart")
    parser.add_argument("--input", type=Path)
    parser.add_argument("--sizes", default="960x540,1920x1080,3840x2160")
    parser.add_argument("--frames", type=int, default=2)
    parser.add_argument("--max-memory")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], dest="changes")
    parser.add_argument("--alone", help="the one size that this process renders; prints JSON")
    options = parser.parse_args()
    if options.alone:
        preset = load_preset(options.preset, [*options.changes, f"canvas.size={options.alone}"], options.input)
        limit = memory_limit(options.max_memory) if options.max_memory else None
        film = prepare(preset, threads=options.threads, max_memory=limit)
        print(json.dumps(asdict(cost(film, options.frames))))
        return
    print(f"{options.preset}, {options.frames} frames, {options.threads} threads")
    print(
        f"{'size':>10} {'tiles':>7} {'peak MB':>8} {'python':>7} {'ffmpeg':>7} {'estimate':>8} {'ns a px':>10}  ratio"
    )
    first = 0.0
    for size in options.sizes.split(","):
        arguments = [sys.executable, "-m", "benchmarks.large", *sys.argv[1:], "--alone", size]
        printed, peak = watched(arguments)
        result = Cost(**json.loads(printed))
        width, height = map(int, size.split("x"))
        of_pixel = statistics.median(result.frame_seconds) / (width * height) * 1e9
        first = first or of_pixel
        megabytes = [round(value / 1e6) for value in (peak, result.own_peak, result.child_peak, result.estimated)]
        print(
            f"{size:>10} {result.tiles:>7} {megabytes[0]:8} {megabytes[1]:7} {megabytes[2]:7} {megabytes[3]:8} "
            f"{of_pixel:10.0f}  {of_pixel / first:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
