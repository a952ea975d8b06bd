"""What a benchmark's numbers depend on, the machine, and how calls are timed in turn."""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

from zoomdream.runtime import processor_model


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 by itself; where it does not, a matrix product takes minutes."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


def precisions() -> tuple[torch.dtype, ...]:
    """The number formats worth measuring on this processor."""
    return (torch.float32, torch.bfloat16) if has_bfloat16() else (torch.float32,)


def describe() -> str:
    """The kind of machine: processor, vectors, bfloat16, cores, threads, torch, and how busy it is now."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    vectors = torch.backends.cpu.get_cpu_capability()
    bfloat16 = "with" if has_bfloat16() else "without"
    load = f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{processor_model()}, {vectors}, {bfloat16} bfloat16, {cores} cores, "
        f"{torch.get_num_threads()} threads, torch {torch.__version__}{load}"
    )


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Add the option `--threads`."""
    parser.add_argument("--threads", type=int, help="PyTorch's threads; by default as many as it takes by itself")


@dataclass(frozen=True)
class Taken:
    """What one call took, in seconds; a call that has another process do its work returns it."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Times:
    """What repeated calls took, in seconds."""

    wall: tuple[float, ...]
    processor: tuple[float, ...]
    """The whole process's processor time, all threads together."""

    @property
    def median(self) -> float:
        """The median of the wall times."""
        return statistics.median(self.wall)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The first and the third quartile of the wall times."""
        if len(self.wall) == 1:
            return self.wall[0], self.wall[0]
        first, _, third = statistics.quantiles(self.wall, method="inclusive")
        return first, third


def measure_in_turn(
    calls: Mapping[str, Callable[[], object]], rounds: int, *, warm_up: bool = True
) -> dict[str, Times]:
    """Time all calls once a round, so that a machine that becomes slower does so for all of them.

    One round before them is not counted, since first calls allocate, compile and check; calls of many seconds can do
    without (`warm_up`). Every other round goes backwards. A call that returns `Taken` took that.
    """
    for call in calls.values() if warm_up else ():
        call()
    wall: dict[str, list[float]] = {label: [] for label in calls}
    processor: dict[str, list[float]] = {label: [] for label in calls}
    for number in range(rounds):
        for label in list(calls) if number % 2 else reversed(list(calls)):
            began, before = time.perf_counter(), time.process_time()
            result = calls[label]()
            taken = Taken(time.perf_counter() - began, time.process_time() - before)
            taken = result if isinstance(result, Taken) else taken
            wall[label].append(taken.wall)
            processor[label].append(taken.processor)
    return {label: Times(tuple(wall[label]), tuple(processor[label])) for label in calls}


def ratio(times: Sequence[float], others: Sequence[float]) -> float:
    """How many times as long the first take: the median of the rounds' own ratios, since a round has one load."""
    return statistics.median(mine / theirs for mine, theirs in zip(times, others, strict=True))
