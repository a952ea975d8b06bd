"""Frames per second of a preset's film, and where the time goes.

    python -m benchmarks.film [PRESET] [--input FILE] [--duration 5s] [--precision auto] [--set KEY=VALUE]...

The dreaming thread's time is split into the network (forward, backward), the rest of the ascent, resampling by the
camera or carrying along the motion, color, waiting for the video's next frame, waiting for the encoder, and what is
spent once, mostly on ffmpeg's last frames, which weighs less in a longer film. Decoding and flow run in a thread beside
it, ffmpeg in processes of its own; what they cost is given as well.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType

from zoomdream.dreaming import amortized
from zoomdream.encoding import FilmWriter
from zoomdream.films import delivery, footage, frame_loops
from zoomdream.films.film import Film
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import RenderJob, render
from zoomdream.objectives import Objective
from zoomdream.presets.loading import load_preset


class Stopwatch:
    """Adds up the wall time spent in functions, each by name."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    def watch(self, owner: ModuleType | type, name: str, label: str) -> None:
        """Replace the function `owner.name` by one that is timed."""
        inner: Callable[..., object] = getattr(owner, name)

        def timed(*args: object, **kwargs: object) -> object:
            start = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                self.spent[label] += time.perf_counter() - start

        setattr(owner, name, timed)

    def watch_items(self, owner: ModuleType, name: str, label: str) -> None:
        """Replace the generator function `owner.name` by one that times the wait for each item."""
        inner: Callable[..., Generator[object, None, None]] = getattr(owner, name)

        def timed(*args: object, **kwargs: object) -> Generator[object, None, None]:
            items = inner(*args, **kwargs)
            try:
                while True:
                    start = time.perf_counter()
                    item = next(items, None)
                    self.spent[label] += time.perf_counter() - start
                    if item is None:
                        return
                    yield item
            finally:
                items.close()

        setattr(owner, name, timed)


def main() -> None:
    """Render, measure, print."""
    parser = argparse.ArgumentParser(description="Speed of a film and shares of its time.")
    parser.add_argument("preset", nargs="?", default="quickstart")
    parser.add_argument("--input", type=Path)
    parser.add_argument("--duration")
    parser.add_argument("--set", action="append", default=[], dest="changes")
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    changes = options.changes + ([f"canvas.duration={options.duration}"] if options.duration else [])
    watch = Stopwatch()
    for owner, name, label in (
        (Objective, "gradient", "network"),
        (Objective, "balanced_gradient", "network"),
        (Objective, "balance", "network"),
        (RenderJob, "_dream", "loop"),
        (amortized, "dream", "dream"),
        (frame_loops, "seen", "resampling"),
        (frame_loops, "seen_change", "resampling"),
        (frame_loops, "carry_both", "resampling"),
        (footage, "motion_between", "flow beside"),
        (frame_loops, "cohere", "color"),
        (delivery, "to_levels", "encoding"),
        (FilmWriter, "write", "encoding"),
    ):
        watch.watch(owner, name, label)
    watch.watch_items(frame_loops, "source_frames", "waiting for the video")
    start = time.perf_counter()
    film = prepare(load_preset(options.preset, changes, options.input), precision=options.precision)
    ready = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        render(film, Path(folder) / "film.mp4")
    end = time.perf_counter()
    encoder = resource.getrusage(resource.RUSAGE_CHILDREN)
    report(film, watch.spent, ready - start, end - ready, encoder.ru_utime + encoder.ru_stime)


def report(film: Film, spent: dict[str, float], preparing: float, rendering: float, encoder: float) -> None:
    """Print the shares of the rendering time."""
    frames = len(film.timeline)
    width, height = film.size
    print(f"{frames} frames of {width}x{height}: {frames / rendering:.2f} frames per second, {rendering:.1f} s")
    print(f"prepared in {preparing:.1f} s; ffmpeg used {encoder:.1f} s of processor time beside it")
    if spent["flow beside"]:
        print(f"flow took {spent['flow beside'] / frames * 1e3:.1f} ms a frame in a thread beside it")
    shares = {
        "network": spent["network"],
        "rest of the ascent": spent["dream"] - spent["network"],
        "resampling (camera, carrying)": spent["resampling"],
        "waiting for the video's next frame": spent["waiting for the video"],
        "color": spent["color"],
        "handing over to the encoder": spent["encoding"],
    }
    shares["the rest of the loop"] = spent["loop"] - sum(shares.values())
    shares["once: start and end of the film"] = rendering - spent["loop"]
    for label, value in shares.items():
        print(f"{label:42} {value / frames * 1e3:7.1f} ms a frame {value / rendering:6.1%}")


if __name__ == "__main__":
    main()
