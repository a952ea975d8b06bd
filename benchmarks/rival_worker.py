"""The process in which `benchmarks.rivals` runs by itself: it answers line by line.

Loading a network of ours sets the C library's allocator for the whole process, and importing the library sets how long
PyTorch's threads spin. The other program has neither: its process has PyTorch's and the C library's defaults.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import TracebackType

from benchmarks.machine import Taken
from zoomdream.images.frame import Size
from zoomdream.runtime import ENVIRONMENT

LAYER = "inception4c"
"""Of GoogLeNet."""
SEED = 1
"""Of its random weights."""
LABELS = {"pytorch-deepdream": False, "... if it stopped at the layer": True}
"""The other program as it is, and one that stops at the layer."""

# PyTorch comes first: its OpenMP reads the environment then, which the import of the library changes.
_PROGRAM = "import torch; from benchmarks.rival_worker import main; main()"


@dataclass(frozen=True)
class Job:
    """What the other program dreams."""

    size: Size
    levels: int
    steps: int
    threads: int


class Rival:
    """The process, seen from outside. Leaving the `with` block ends it, and so does the end of this process."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def __enter__(self) -> Rival:
        command = [sys.executable, "-c", _PROGRAM, json.dumps(asdict(self._job))]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, env=default_environment(self._job.threads)
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def measure(self, label: str, work: str) -> Taken:
        """Have one of `LABELS` do some `work`, "step" or "picture"; times of that alone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([label, work]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process of the other program has ended with {self._process.wait()}")
        return Taken(**json.loads(answer))


def default_environment(threads: int) -> dict[str, str]:
    """The environment without what the library has set in it."""
    kept = {name: value for name, value in os.environ.items() if ENVIRONMENT.get(name) != value}
    return {**kept, "OMP_NUM_THREADS": str(threads)}


def works(job: Job) -> dict[tuple[str, str], Callable[[], object]]:
    """What can be asked for: a label and a work."""
    import numpy as np
    import torch

    from benchmarks.rivals import PytorchDeepDream, Ways, plain_modules

    torch.set_num_threads(job.threads)
    modules, ways = plain_modules("googlenet", random=SEED), Ways(levels=job.levels, steps=job.steps)
    values = np.random.default_rng(0).random((1, 3, job.size[1], job.size[0]), dtype=np.float32)
    frame, picture = torch.from_numpy(values), np.moveaxis(values[0], 0, 2).copy()
    found: dict[tuple[str, str], Callable[[], object]] = {}
    for label, stop_early in LABELS.items():
        rival = PytorchDeepDream("googlenet", modules, [LAYER], ways, stop_early=stop_early)
        found[label, "step"] = lambda rival=rival: rival.step(frame, job.steps - 1)  # type: ignore[misc]
        found[label, "picture"] = lambda rival=rival: rival.picture(picture)  # type: ignore[misc]
    return found


def main() -> None:
    """Answer until stdin ends."""
    job = json.loads(sys.argv[1])
    known = works(Job(**{**job, "size": tuple(job["size"])}))
    for line in sys.stdin:
        label, work = json.loads(line)
        began, before = time.perf_counter(), time.process_time()
        known[label, work]()
        taken = Taken(time.perf_counter() - began, time.process_time() - before)
        print(json.dumps(asdict(taken)), flush=True)
