"""The process in which `benchmarks.threads` measures one setting of the environment: it answers line by line.

It is started as `python -m benchmarks.threads_worker SIZE FRAMES FOLDER`, and ends with its stdin.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

STEPS = 5
"""Ascent steps of a sample."""


@dataclass(frozen=True)
class Sample:
    """What some work took."""

    seconds: float
    """Wall time of all of it."""
    processor: float
    """Processor time of all of it, of the encoder among it."""
    count: int
    """How often the work was done."""


class Worker:
    """The process, seen from outside. Leaving the `with` block ends it, and so does the end of this process."""

    def __init__(self, environment: Mapping[str, str], size: str, frames: int) -> None:
        self._arguments = [size, str(frames)]
        self._environment = {**os.environ, **environment}

    def __enter__(self) -> Worker:
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            command = [sys.executable, "-m", "benchmarks.threads_worker", *self._arguments, folder]
            pipe = subprocess.PIPE
            self._process = stack.enter_context(
                subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=self._environment)
            )
            stack.callback(self._process.kill)
            self._resources = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def measure(self, threads: int, work: str) -> Sample:
        """Have it do some `work`, "step" or "film", with that many threads."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"threads": threads, "work": work}), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process that measures has ended with {self._process.wait()}")
        return Sample(**json.loads(answer))


def works(size: str, frames: int, folder: Path) -> dict[str, tuple[Callable[[], object], int]]:
    """What is measured, and how often a call of it does it."""
    from zoomdream.dreaming.ascent import Ascent
    from zoomdream.films.footage import Footage
    from zoomdream.films.preparation import prepare
    from zoomdream.films.rendering import render
    from zoomdream.images.frame import size_of
    from zoomdream.presets.loading import load_preset
    from zoomdream.rng import generator

    film = prepare(load_preset("quickstart", [f"canvas.size={size}", f"canvas.duration={frames}f"]))
    row, picture = film.timeline[0], film.source
    assert not isinstance(picture, Footage)
    objective = film.objective(row)
    ascent = Ascent(objective, objective.balance(picture), row.dream, size_of(picture))
    rng = generator(film.seed, 0, "jitter")
    return {
        "step": (lambda: [ascent.step(picture, 1.0, rng) for _ in range(STEPS)], STEPS),
        "film": (lambda: render(film, folder / "film.mp4", overwrite=True), 1),
    }


def timed(call: Callable[[], object], count: int) -> Sample:
    """A sample of one call."""
    start, processor = time.perf_counter(), _processor_time()
    call()
    return Sample(time.perf_counter() - start, _processor_time() - processor, count)


def _processor_time() -> float:
    """Seconds of this process and of the processes that it has started and that have ended."""
    return sum(os.times()[:4])


def main() -> None:
    """Answer until stdin ends."""
    from zoomdream.runtime import use_threads

    size, frames, folder = sys.argv[1:]
    known = works(size, int(frames), Path(folder))
    for line in sys.stdin:
        request = json.loads(line)
        use_threads(request["threads"])
        print(json.dumps(asdict(timed(*known[request["work"]]))), flush=True)


if __name__ == "__main__":
    main()
