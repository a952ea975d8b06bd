"""How many threads are fastest on this machine, and how long they should spin: quiet, and beside busy processes.

    python -m benchmarks.threads [--threads 1,2] [--busy 2] [--size 480x270] [--frames 2] [--rounds 5] [--spins 0,4000]

A step and a short film are measured with 1, 2, 4, ... threads up to as many cores as this process may use, and, with
most threads, with other times that libgomp's threads spin while they wait (`GOMP_SPINCOUNT`; 300000 is libgomp's own,
0 is what OMP_WAIT_POLICY=PASSIVE means). PyTorch reads that when it is loaded, so that each setting has a process
of its own, which waits while others are measured. All are measured in turn, round by round, first quiet, then beside
the busy processes that this program starts, in a session of their own as another program has. They end with it, however
it ends.

"Others" is what everything else on the machine used meanwhile, in cores: where it is not near 0, nothing was quiet.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psutil

from benchmarks.threads_worker import Sample, Worker
from zoomdream.runtime import ENVIRONMENT, automatic_threads, processor_model, usable_cores

SPIN = "GOMP_SPINCOUNT"
SPINS = ("300000", "4000", "0")
WORKS = ("step", "film")

# Ends with its stdin, and so with this program.
_BUSY = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print(flush=True)
while True:
    pass
"""


@dataclass(frozen=True)
class Variant:
    """How many threads compute, and how long they spin."""

    threads: int
    spin: str

    @property
    def label(self) -> str:
        """Such as `2 threads, spin 4000`; a thread alone waits for none."""
        return "1 thread" if self.threads == 1 else f"{self.threads} threads, spin {self.spin}"


@dataclass(frozen=True)
class Case:
    """What is measured, and beside how many busy processes."""

    variant: Variant
    work: str
    busy: int


@dataclass(frozen=True)
class Reading:
    """A sample, and what else the machine did."""

    seconds: float
    processor: float
    others: float
    """Cores that were used by what is not this program's."""


def counts_up_to(most: int) -> list[int]:
    """1, 2, 4, ... and `most`."""
    return sorted({most, *(1 << power for power in range(most.bit_length()))} & set(range(1, most + 1)))


def variants(counts: Sequence[int], spins: Sequence[str]) -> list[Variant]:
    """Every number of threads as zoomdream spins, and the largest with the other times."""
    own = ENVIRONMENT[SPIN]
    most = max(counts)
    others = [Variant(most, spin) for spin in spins if spin != own] if most > 1 else []
    return [*(Variant(count, own) for count in counts), *others]


@contextmanager
def busy_processes(count: int) -> Iterator[list[psutil.Process]]:
    """So many processes that do nothing but use a core each, until the block is left."""
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _BUSY],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,
                )
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            process.stdout.readline()
            found.append(psutil.Process(process.pid))
        yield found


class Meter:
    """What the machine does while a sample is taken."""

    def __init__(self, busy: Sequence[psutil.Process]) -> None:
        self._busy = busy

    def read(self, worker: Worker, threads: int, work: str) -> Reading:
        """Take a sample."""
        before = self._used_by_others()
        sample: Sample = worker.measure(threads, work)
        others = self._used_by_others() - before - sample.processor
        return Reading(sample.seconds / sample.count, sample.processor / sample.count, max(0, others) / sample.seconds)

    def _used_by_others(self) -> float:
        """Seconds of processor time of the whole machine, less those of the busy processes."""
        machine = psutil.cpu_times()
        used = sum(machine) - machine.idle - getattr(machine, "iowait", 0)
        used -= getattr(machine, "guest", 0) + getattr(machine, "guest_nice", 0)  # they are in user and nice, too
        return float(used - sum(sum(process.cpu_times()[:2]) for process in self._busy))


def measure(
    chosen: Sequence[Variant], size: str, frames: int, busy: int, rounds: int, seconds: float
) -> dict[Case, list[Reading]]:
    """Take a sample of every case in every round; after so many seconds no other round begins."""
    readings: dict[Case, list[Reading]] = {}
    with ExitStack() as stack:
        workers = {
            spin: stack.enter_context(Worker({SPIN: spin}, size, frames))
            for spin in dict.fromkeys(variant.spin for variant in chosen)
        }
        for variant in chosen:  # the first time also reads, compiles and starts threads
            for work in WORKS:
                workers[variant.spin].measure(variant.threads, work)
        start = time.monotonic()
        for number in range(rounds):
            if number and time.monotonic() - start > seconds:
                break
            for count in dict.fromkeys((0, busy)):
                with busy_processes(count) as beside:
                    meter = Meter(beside)
                    order = chosen if number % 2 == 0 else chosen[::-1]
                    for work in WORKS:
                        for variant in order:
                            reading = meter.read(workers[variant.spin], variant.threads, work)
                            readings.setdefault(Case(variant, work, count), []).append(reading)
    return readings


def report(readings: dict[Case, list[Reading]], busy: int) -> None:
    """Print the table, and which is fastest quiet and which holds best when the machine is busy."""
    chosen = list(dict.fromkeys(case.variant for case in readings))
    for work in dict.fromkeys(case.work for case in readings):
        print(
            f"\n{work:26} {'quiet s':>8} {'spread':>12} {'cpu s':>6} {'busy s':>8} {'spread':>12} {'cpu s':>6}  ratio"
        )
        medians = {}
        for variant in chosen:
            quiet, beside = (readings[Case(variant, work, count)] for count in (0, busy))
            medians[variant] = middles = (_median(quiet, "seconds"), _median(beside, "seconds"))
            print(f"{variant.label:26} {_columns(quiet)} {_columns(beside)} {middles[1] / middles[0]:6.2f}")
        fastest, steadiest = (min(chosen, key=lambda each: medians[each][side]) for side in (0, 1))
        print(f"fastest when quiet: {fastest.label}; fastest beside {busy} busy: {steadiest.label}")
    others = statistics.median(each.others for case in readings.values() for each in case)
    print(f"\nothers used {others:.2f} cores meanwhile (median)")


def _median(readings: Sequence[Reading], name: str) -> float:
    return float(statistics.median(getattr(each, name) for each in readings))


def _columns(readings: Sequence[Reading]) -> str:
    seconds = [each.seconds for each in readings]
    spread = f"{min(seconds):.3f}-{max(seconds):.3f}"
    return f"{statistics.median(seconds):8.3f} {spread:>12} {_median(readings, 'processor'):6.2f}"


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description="Threads and their spinning, on a quiet and on a busy machine.")
    parser.add_argument("--threads", help="such as 1,2,4; 1, 2, 4, ... up to this machine's when left out")
    parser.add_argument("--spins", default=",".join(SPINS), help="other times of libgomp's spinning")
    parser.add_argument("--busy", type=int, default=2, help="how many processes are busy beside")
    parser.add_argument("--size", default="480x270")
    parser.add_argument("--frames", type=int, default=2, help="of the film")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=100, help="after which no other round begins")
    options = parser.parse_args()
    counts = [int(count) for count in options.threads.split(",")] if options.threads else None
    chosen = variants(counts or counts_up_to(automatic_threads()), [spin for spin in options.spins.split(",") if spin])
    readings = measure(chosen, options.size, options.frames, options.busy, options.rounds, options.seconds)
    rounds = len(next(iter(readings.values())))
    print(f"{processor_model()}, {usable_cores()} cores; processor time is of all threads and the encoder")
    print(f"{options.size}, a film of {options.frames} frames, medians of {rounds} rounds")
    report(readings, options.busy)


if __name__ == "__main__":
    main()
