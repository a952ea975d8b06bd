"""Frames per second of a preset's film, and where the time goes.

    python -m benchmarks.film [PRESET] [--duration 5s] [--precision auto]

The dreaming thread's time is split into the network (forward, backward), the rest of the ascent, resampling by the
camera, color, and waiting for the encoder. ffmpeg runs beside it; its processor time is given as well.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from zoomdream import film
from zoomdream.media import FilmWriter
from zoomdream.objective import Objective
from zoomdream.preset import load_preset


class Stopwatch:
    """Adds up the wall time spent in functions, each by name."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    def watch(self, owner: Any, name: str, label: str) -> None:
        """Replace `owner.name` by a version that is timed."""
        inner = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self.spent[label] += time.perf_counter() - start

        setattr(owner, name, timed)


def main() -> None:
    """Render, measure, print."""
    parser = argparse.ArgumentParser(description="Speed of a film and shares of its time.")
    parser.add_argument("preset", nargs="?", default="quickstart")
    parser.add_argument("--duration")
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    changes = [f"canvas.duration={options.duration}"] if options.duration else []
    watch = Stopwatch()
    for owner, name, label in (
        (Objective, "gradient", "network"),
        (Objective, "balance", "network"),
        (film, "dream", "dream"),
        (film, "move", "resampling"),
        (film, "cohere", "color"),
        (film, "to_uint8", "encoding"),
        (FilmWriter, "write", "encoding"),
    ):
        watch.watch(owner, name, label)
    start = time.perf_counter()
    planned = film.prepare(load_preset(options.preset, changes), precision=options.precision)
    ready = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        film.render(planned, Path(folder) / "film.mp4")
    end = time.perf_counter()
    encoder = resource.getrusage(resource.RUSAGE_CHILDREN)
    report(planned, watch.spent, ready - start, end - ready, encoder.ru_utime + encoder.ru_stime)


def report(planned: film.Film, spent: dict[str, float], preparing: float, rendering: float, encoder: float) -> None:
    """Print the shares of the rendering time."""
    frames = len(planned.timeline)
    width, height = planned.size
    print(f"{frames} frames of {width}x{height}: {frames / rendering:.2f} frames per second, {rendering:.1f} s")
    print(f"prepared in {preparing:.1f} s; ffmpeg used {encoder:.1f} s of processor time beside it")
    shares = {
        "network": spent["network"],
        "rest of the ascent": spent["dream"] - spent["network"],
        "resampling (camera)": spent["resampling"],
        "color": spent["color"],
        "handing over to the encoder": spent["encoding"],
    }
    shares["waiting for the last frames, and the rest"] = rendering - sum(shares.values())
    for label, value in shares.items():
        print(f"{label:42} {value / frames * 1e3:7.1f} ms a frame {value / rendering:6.1%}")


if __name__ == "__main__":
    main()
