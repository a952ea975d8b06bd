"""Variants of a film side by side: what each costs, how it looks, and how another program does at equal work.

    python -m benchmarks.films [PRESET] [--variant "KEY=VALUE ..."]... [--set KEY=VALUE]... [--frames 48] [--last 8]
                               [--input FILE] [--rival] [--raft] [--threads N] [--sheet FILE.png] [--no-other-seed]

    python -m benchmarks.films quickstart --variant dream.schedule=every-frame --variant dream.schedule=amortized

A variant is the preset with some settings changed; `--set` changes all of them. The first variant is what the others
are compared with, and it is rendered once more with another seed: feature statistics that differ by no more than
between two seeds belong to films that look alike. `--rival` adds the film of another program with as many gradients a
frame (`benchmarks.rival_films`).

The films grow in turn, a frame of each, so that a machine that becomes slower does so for all of them. Times are those
of the dreaming loop: start-up and encoder are left out (`benchmarks.film` has them). What is decoded ahead in a thread
may fall into another film's time. Numbers about the look are means over the last frames, in float32 as dreamed.
"""

from __future__ import annotations

import argparse
import shlex
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PIL import Image

from benchmarks.film_measures import Look, look_of, objectives_of, spread_layers
from benchmarks.machine import Times, add_threads, describe, ratio
from benchmarks.rival_films import rival_frames
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import frames
from zoomdream.films.preparation import prepare
from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out, scaled_to
from zoomdream.images.frame import Frame, Size, size_of, to_uint8
from zoomdream.objectives import Objective
from zoomdream.presets.loading import load_preset

CELL = 320
"""Pixels of the longer side of a cell of the contact sheet."""

_COLUMNS = 6


class Evaluations:
    """Counts the network's gradients, and how many of the whole frame they are worth."""

    def __init__(self, full: Size) -> None:
        self.count = 0
        self.whole = 0.0
        self._full = full

    def add(self, size: Size) -> None:
        """Count one at `size` (width, height)."""
        self.count += 1
        self.whole += size[0] * size[1] / (self._full[0] * self._full[1])


@dataclass
class Run:
    """A film that is being rendered."""

    label: str
    film: Film
    loop: Generator[Frame, None, None]
    evaluations: Evaluations
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    shown: list[Frame] = field(default_factory=list)
    """Frames for the contact sheet."""
    last: deque[Frame] = field(default_factory=deque)

    def advance(self, *, is_shown: bool) -> None:
        """Dream one more frame. Raises EOFError where there is none."""
        began, before = time.perf_counter(), time.process_time()
        with counted(self.evaluations):
            frame = next(self.loop, None)
        if frame is None:
            raise EOFError(f"{self.label} ended after {len(self.wall)} frames")
        self.wall.append(time.perf_counter() - began)
        self.processor.append(time.process_time() - before)
        self.last.append(frame)
        if is_shown:
            self.shown.append(frame)

    @property
    def times(self) -> Times:
        """Of each frame."""
        return Times(tuple(self.wall), tuple(self.processor))


@contextmanager
def counted(evaluations: Evaluations) -> Iterator[None]:
    """Count our own gradients within the block: each step's, and the one that balances several terms beforehand."""
    gradient, balanced, balance = Objective.gradient, Objective.balanced_gradient, Objective.balance

    def counted_gradient(self: Objective, frame: Frame, *args: Any, **kwargs: Any) -> Frame:
        evaluations.add(size_of(frame))
        return gradient(self, frame, *args, **kwargs)

    def counted_both(self: Objective, frame: Frame, *args: Any, **kwargs: Any) -> Any:
        evaluations.add(size_of(frame))
        return balanced(self, frame, *args, **kwargs)

    def counted_balance(self: Objective, frame: Frame, *args: Any, **kwargs: Any) -> Any:
        if len(self.terms) > 1:
            evaluations.add(size_of(frame))
        return balance(self, frame, *args, **kwargs)

    with (
        patch.object(Objective, "gradient", counted_gradient),
        patch.object(Objective, "balanced_gradient", counted_both),
        patch.object(Objective, "balance", counted_balance),
    ):
        yield


def runs_of(options: argparse.Namespace) -> list[Run]:
    """All films, before their first frame: the variants, the first one with another seed, and the other program's."""
    variants = options.variant or [""]
    changes = [[*options.changes, *shlex.split(variant)] for variant in variants]
    labels = [variant or "as it is" for variant in variants]
    if options.other_seed:
        seed = load_preset(options.preset, changes[0], options.input).seed + 1
        labels.insert(1, f"{labels[0]}, seed {seed}")
        changes.insert(1, [*changes[0], f"seed={seed}"])
    films = [_film(options, each) for each in changes]
    counts = [Evaluations(film.size) for film in films]
    runs = [Run(label, film, frames(film), count) for label, film, count in zip(labels, films, counts, strict=True)]
    for raft in [False] * options.rival + [True] * options.raft:
        film, count = _film(options, [*changes[0], "carry.strength=0"]), Evaluations(films[0].size)
        loop = rival_frames(film, count.add, raft=raft)
        runs.append(Run("the other program" + (" with RAFT" if raft else ""), film, loop, count))
    return runs


def _film(options: argparse.Namespace, changes: Sequence[str]) -> Film:
    return prepare(
        load_preset(options.preset, changes, options.input), precision=options.precision, threads=options.threads
    )


def dream_in_turn(runs: Sequence[Run], count: int, last: int) -> None:
    """Dream `count` frames of each film; the order turns with each frame."""
    shown = {round(k * (count - 1) / max(1, _COLUMNS - 1)) for k in range(_COLUMNS)}
    with ExitStack() as stack:
        for run in runs:
            stack.enter_context(closing(run.loop))
            run.last = deque(maxlen=last)
        for index in range(count):
            for run in runs if index % 2 else reversed(runs):
                run.advance(is_shown=index in shown)


def print_costs(runs: Sequence[Run]) -> None:
    """A line for each film: time of all frames, of the first and of the others, gradients, ratios to the first film."""
    width = max(len(run.label) for run in runs)
    print(f"\n{'':{width}} {'fps':>6} {'wall s':>7} {'cpu s':>7} {'first ms':>8} {'others ms':>9} {'quartiles':>13} "
          f"{'gradients':>9} {'of whole':>8} {'ratio':>6} {'of cpu':>6}")  # fmt: skip
    first = runs[0]
    for run in runs:
        others = Times(tuple(run.wall[1:] or run.wall), ())
        low, high = others.quartiles
        number = len(run.wall)
        print(
            f"{run.label:{width}} {number / sum(run.wall):6.2f} {sum(run.wall):7.1f} {sum(run.processor):7.1f} "
            f"{run.wall[0] * 1e3:8.0f} {others.median * 1e3:9.0f} {low * 1e3:6.0f}-{high * 1e3:6.0f} "
            f"{run.evaluations.count / number:9.2f} {run.evaluations.whole / number:8.2f} "
            f"{ratio(run.wall, first.wall):6.2f} {ratio(run.processor, first.processor):6.2f}"
        )
    print(
        "first: the first frame; others: medians; gradients of a frame, and how many of its whole size they are worth;"
    )
    print(f"ratio: to {first.label}, the median of the frames' own")


def print_looks(runs: Sequence[Run]) -> None:
    """A line for each film: score, sharpness, clipping, color, distance of its features from the first film's."""
    film = runs[0].film
    layers = spread_layers(film.network, min(film.size))
    looks: list[Look] = []
    for run in runs:
        number = len(run.wall)
        indices = range(number - len(run.last), number)
        looks.append(look_of(list(run.last), objectives_of(film, indices), layers))
    width = max(len(run.label) for run in runs)
    print(f"\n{'':{width}} {'score':>10} {'sharpness':>9} {'clipped':>7} {'mean color':>13} {'saturation':>10} "
          f"{'features':>8}")  # fmt: skip
    for run, look in zip(runs, looks, strict=True):
        color = " ".join(f"{level:.0f}" for level in look.color)
        print(
            f"{run.label:{width}} {look.score:10.4g} {look.sharpness:9.0f} {look.clipped:7.1%} {color:>13} "
            f"{look.saturation:10.3f} {look.distance(looks[0]):8.3f}"
        )
    names = ", ".join(film.network.layer(layer).label for layer in layers)
    print(f"features: distance from the first film's channel means of {names}")


def save_sheet(runs: Sequence[Run], path: Path, title: str) -> None:
    """A contact sheet: a row for each film, as many frames from first to last as fit."""
    columns = len(runs[0].shown)
    cells = [Cell(frame, run.label if number == 0 else "") for run in runs for number, frame in enumerate(run.shown)]
    sheet = draw_sheet(cells, lay_out(len(cells), scaled_to(runs[0].film.size, CELL), columns), title)
    Image.fromarray(to_uint8(sheet)).save(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Dream, measure, print."""
    parser = argparse.ArgumentParser(description="Variants of a film: cost and look.")
    parser.add_argument("preset", nargs="?", default="quickstart")
    parser.add_argument("--input", type=Path)
    parser.add_argument("--variant", action="append", default=[], help='settings of one film: "KEY=VALUE KEY=VALUE"')
    parser.add_argument("--set", action="append", default=[], dest="changes", help="a setting of all films")
    parser.add_argument("--frames", type=int, default=48, help="from the film's beginning")
    parser.add_argument("--last", type=int, default=8, help="how many of the last frames the look is measured on")
    parser.add_argument("--no-other-seed", action="store_false", dest="other_seed")
    parser.add_argument("--rival", action="store_true", help="another program's film; its optical flow costs nothing")
    parser.add_argument("--raft", action="store_true", help="the same over a video with RAFT, of random weights")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--sheet", type=Path)
    add_threads(parser)
    options = parser.parse_args(arguments)
    runs = runs_of(options)
    print(describe())
    film = runs[0].film
    count = min(options.frames, len(film.timeline))
    dream_in_turn(runs, count, options.last)
    print(f"{options.preset}, {count} frames of {film.size[0]}x{film.size[1]}, {options.precision}")
    print_costs(runs)
    print_looks(runs)
    if options.sheet:
        save_sheet(runs, options.sheet, f"{options.preset}: {count} frames")


if __name__ == "__main__":
    main()
