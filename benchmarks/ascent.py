"""What dreaming costs beside the most used program, and beside what no program can go below.

    python -m benchmarks.ascent [--threads N] [--rounds 15] [--pictures 3] [--table film|step|picture]... [--quick]

Three tables, each measured in turn, round by round, so that a machine that becomes slower meanwhile does so for all
rows: medians, first and third quartiles, and the median of the rounds' own ratios, of wall time and of processor time.
With one thread on a busy machine the processor time says more.

- film: a step on SqueezeNet 1.1 to fire8 at 480x270, beside its convolutions alone (`benchmarks.floor`); in bfloat16,
  too, where the processor multiplies it by itself.
- step, picture: equal work on GoogLeNet (random weights, the same in both) to inception4c, ours and the program of
  `benchmarks.rivals`: one step at 600x400, and a whole picture of 4 octaves of 1.8 with 10 steps; smoothing on. The
  other program runs in a process of its own, with the defaults of PyTorch and the C library.

`--quick` runs it small, to see whether it runs; its numbers say nothing.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from benchmarks.floor import convolutions_alone, convolutions_of, matrix_product
from benchmarks.machine import Times, add_threads, describe, measure_in_turn, precisions, ratio
from benchmarks.rival_worker import LABELS, LAYER, SEED, Job, Rival
from zoomdream.dreaming.ascent import Ascent, dream
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.networks import Network, load_network
from zoomdream.objectives import Objective
from zoomdream.rng import generator
from zoomdream.runtime import use_threads
from zoomdream.settings import DreamSettings

Call = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    call: Call
    flop: float | None = None
    """Floating point operations of its convolutions; None where they are not counted."""


@dataclass(frozen=True)
class Work:
    """How much is measured."""

    picture: Size = (600, 400)
    octaves: int = 4
    steps: int = 10
    film: Size = (480, 270)
    product: int = 2048
    """Side of the matrices of the product."""
    rounds: int = 15
    pictures: int = 3
    """Rounds of the whole pictures, which take seconds each."""


TABLES = ("film", "step", "picture")
QUICK = Work((120, 80), 2, 1, (96, 54), 64, 1, 1)


def our_step(network: Network, layer: str, frame: Frame, settings: DreamSettings) -> Call:
    """One ascent step as a film does it, the last of its octave."""
    objective = Objective.of(network, {layer: 1.0})
    ascent = Ascent(objective, objective.balance(frame), settings, size_of(frame))
    rng = generator(0, 0, "jitter")
    return lambda: ascent.step(frame, 1.0, rng)


def our_gradient(network: Network, layer: str, frame: Frame) -> Call:
    """The network's part of a step."""
    objective = Objective.of(network, {layer: 1.0})
    balance = objective.balance(frame)
    return lambda: objective.gradient(frame, balance)


def product_row(work: Work, dtype: torch.dtype) -> Row:
    """The matrix product, which says what the machine can do at most."""
    return Row(matrix_product(work.product, dtype), 2.0 * work.product**3)


@cache
def googlenet(dtype: torch.dtype) -> Network:
    """With random weights."""
    return load_network("googlenet", random=SEED, dtype=dtype)


def picture_rows(work: Work, rival: Rival) -> dict[str, Row]:
    """A whole picture: ours, the other program's, and that one if it stopped at the layer."""
    frame = noise_frame(work.picture)
    rows: dict[str, Row] = {}
    for dtype in precisions():
        network = googlenet(dtype)
        objective = Objective.of(network, {LAYER: 1.0})
        rows[f"zoomdream, {_name(dtype)}"] = Row(
            lambda objective=objective: dream(  # type: ignore[misc]
                frame, objective, equal_settings(work), generator(0, 0, "jitter")
            )
        )
    return rows | rival_rows(rival, "picture")


def picture_step_rows(work: Work, rival: Rival) -> dict[str, Row]:
    """One step of the picture's largest octave: ours, the other program's, and the convolutions alone."""
    frame = noise_frame(work.picture)
    convolutions = convolutions_of("googlenet", [LAYER], work.picture)
    flop = sum(convolution.flop for convolution in convolutions)
    rows: dict[str, Row] = {}
    for dtype in precisions():
        rows[f"matrix product, {_name(dtype)}"] = product_row(work, dtype)
        rows[f"convolutions alone, {_name(dtype)}"] = Row(convolutions_alone(convolutions, dtype), flop)
        network = googlenet(dtype)
        rows[f"zoomdream, {_name(dtype)}"] = Row(our_step(network, LAYER, frame, equal_settings(work)), flop)
        rows[f"its gradient, {_name(dtype)}"] = Row(our_gradient(network, LAYER, frame), flop)
    return rows | rival_rows(rival, "step")


def rival_rows(rival: Rival, work: str) -> dict[str, Row]:
    """The other program as it is, and one that stops at the layer."""
    return {label: Row(lambda label=label: rival.measure(label, work)) for label in LABELS}  # type: ignore[misc]


def equal_settings(work: Work) -> DreamSettings:
    """Our settings for the other program's work; its sigma grows from 0.7 to 2.5, ours from 0.9 to 2.4."""
    return DreamSettings(octaves=work.octaves, octave_scale=1.8, steps=work.steps, smoothing=1.6)


def film_step_rows(work: Work, dtype: torch.dtype) -> dict[str, Row]:
    """A film's step on SqueezeNet, its network's part, and the convolutions alone."""
    network, frame, layer = load_network(dtype=dtype), noise_frame(work.film), "fire8"
    convolutions = convolutions_of(network.name, [layer], work.film)
    flop = sum(convolution.flop for convolution in convolutions)
    return {
        "convolutions alone": Row(convolutions_alone(convolutions, dtype), flop),
        "gradient": Row(our_gradient(network, layer, frame), flop),
        "whole step": Row(our_step(network, layer, frame, DreamSettings()), flop),
        "whole step, smoothing 0.5": Row(our_step(network, layer, frame, DreamSettings(smoothing=0.5)), flop),
    }


def noise_frame(size: Size) -> Frame:
    """A frame of random pixels, always the same."""
    values = np.random.default_rng(0).random((1, 3, size[1], size[0]), dtype=np.float32)
    return torch.from_numpy(values)


def print_table(title: str, rows: dict[str, Row], times: dict[str, Times], base: str) -> None:
    """A line for each row: milliseconds, processor time, GFLOP/s, and how many times the row `base` takes of both."""
    print(f"\n{title}; medians of {len(times[base].wall)} rounds, ratios to {base}")
    print(f"{'':36} {'ms':>8} {'quartiles':>17} {'cpu ms':>8} {'GFLOP/s':>8} {'ratio':>6} {'of cpu':>6}")
    for label, row in rows.items():
        mine, others = times[label], times[base]
        first, third = mine.quartiles
        rate = f"{row.flop / mine.median / 1e9:8.1f}" if row.flop else f"{'':8}"
        print(
            f"{label:36} {mine.median * 1e3:8.1f} {first * 1e3:8.1f}-{third * 1e3:8.1f} "
            f"{statistics.median(mine.processor) * 1e3:8.1f} {rate} {ratio(mine.wall, others.wall):6.2f} "
            f"{ratio(mine.processor, others.processor):6.2f}",
            flush=True,
        )


def measure(title: str, rows: dict[str, Row], rounds: int, base: str, *, warm_up: bool = True) -> None:
    """Measure a table's rows in turn and print it."""
    calls = {label: row.call for label, row in rows.items()}
    print_table(title, rows, measure_in_turn(calls, rounds, warm_up=warm_up), base)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description="Cost of a picture and of a step, beside another program and a floor.")
    add_threads(parser)
    parser.add_argument("--rounds", type=int, default=Work.rounds, help="of the steps")
    parser.add_argument("--pictures", type=int, default=Work.pictures, help="rounds of the whole pictures")
    parser.add_argument("--table", choices=TABLES, action="append", help="only this one; by default all")
    parser.add_argument("--quick", action="store_true", help="small and once, to see whether it runs")
    options = parser.parse_args(arguments)
    use_threads(options.threads)
    work = QUICK if options.quick else Work(rounds=options.rounds, pictures=options.pictures)
    tables = options.table or TABLES
    print(describe())
    for dtype in precisions() if "film" in tables else ():
        product = {f"matrix product, {_name(dtype)}": product_row(work, dtype)}
        title = f"SqueezeNet 1.1 to fire8, {_sized(work.film)}, {_name(dtype)}"
        measure(title, product | film_step_rows(work, dtype), work.rounds, "convolutions alone")
    title = f"GoogLeNet to inception4c, {_sized(work.picture)}, smoothing"
    if not {"step", "picture"} & set(tables):
        return
    with Rival(Job(work.picture, work.octaves, work.steps, torch.get_num_threads())) as rival:
        if "step" in tables:
            measure(f"{title}, a step", picture_step_rows(work, rival), work.rounds, "zoomdream, float32")
        if "picture" in tables:
            octaves = f"{work.octaves} octaves of 1.8, {work.steps} steps"
            title = f"{title}, {octaves}, a whole picture"
            rows = picture_rows(work, rival)
            measure(title, rows, work.pictures, "zoomdream, float32", warm_up=False)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _sized(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


if __name__ == "__main__":
    main()
