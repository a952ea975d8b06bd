"""How long commands take that do next to nothing, and how long until a film's first frame is dreamed.

    python -m benchmarks.startup [--rounds 5] [--size 480x270]

Each command runs in a process of its own, all in turn, once uncounted and then `--rounds` times. Wall time and
processor time (of ffmpeg too) are medians, with the least and the most in brackets. `first frame` is a render of one
frame of the quickstart up to the moment when that frame is dreamed; the line above it goes on until the film is whole.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Runs a command and prints the wall clock and the processor time at the end of the first frame.
_FIRST_FRAME = """
import time
import zoomdream.__main__
from zoomdream.films import rendering

inner = rendering.to_levels

def timed(*arguments):
    result = inner(*arguments)
    print("FIRST", time.time(), time.process_time(), flush=True)
    return result

rendering.to_levels = timed
zoomdream.__main__.main()
"""


@dataclass(frozen=True)
class Times:
    """What a command took, in seconds."""

    wall: float
    processor: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time of start-up.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", default="480x270")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        render = ("render", "quickstart", "--size", options.size, "--frames", "0:1", "-y", "--progress", "none")
        film = ("-o", str(Path(folder) / "film.mp4"))
        commands = {
            "--help": ("--help",),
            "networks": ("networks",),
            "layers googlenet": ("layers", "googlenet"),
            "classes": ("classes",),
            "presets list": ("presets", "list"),
            "presets check quickstart": ("presets", "check", "quickstart"),
            "render --dry-run": (*render, *film, "--dry-run"),
            "render --frames 0:1": (*render, *film),
        }
        report(measure(commands, options.rounds), options.rounds, options.size)


def measure(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Times]]:
    """Run all commands in turn, `rounds` times after an uncounted round. The last one is also timed to its frame."""
    times: dict[str, list[Times]] = {name: [] for name in (*commands, "first frame")}
    *_, render = commands.values()
    for number in range(rounds + 1):
        for name, command in commands.items():
            taken, _ = run("-m", "zoomdream", *command)
            times[name].append(taken)
        start = time.time()
        _, printed = run("-c", _FIRST_FRAME, *render)
        wall, processor = map(float, re.findall(r"^FIRST (\S+) (\S+)$", printed, re.MULTILINE)[0])
        times["first frame"].append(Times(wall - start, processor))
        if not number:
            times = {name: [] for name in times}  # files are read from the disk the first time
    return times


def run(*arguments: str) -> tuple[Times, str]:
    """Run Python with these arguments. Returns what it took, its children's processor time too, and its stdout."""
    before, start = os.times(), time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    after, wall = os.times(), time.perf_counter() - start
    processor = (after.children_user + after.children_system) - (before.children_user + before.children_system)
    return Times(wall, processor), done.stdout


def report(times: Mapping[str, Sequence[Times]], rounds: int, size: str) -> None:
    """Print a line for each command."""
    print(f"one frame of {size}, {os.cpu_count()} cores, medians of {rounds} rounds, in seconds (least to most)")
    print(f"{'command':26} {'wall time':>20} {'processor time':>20}")
    for name, taken in times.items():
        wall, processor = (
            f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
            for values in ([each.wall for each in taken], [each.processor for each in taken])
        )
        print(f"{name:26} {wall:>20} {processor:>20}")


if __name__ == "__main__":
    main()
