"""How this machine is divided among workers: threads, memory, GPUs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from zoomdream.farm.tasks import RenderTask
from zoomdream.memory import DEFAULT_SHARE, free_main_memory
from zoomdream.runtime import usable_cores

LEAST_MEMORY = 10**9
"""Bytes that a worker is thought to take, where nobody says how many workers there are."""

VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"
"""The variable that says which GPUs CUDA shows a process."""


@dataclass(frozen=True)
class Division:
    """How many workers there are, and what each of them may take."""

    workers: int
    threads: int
    """With which a worker computes where neither the user nor an earlier run says it."""
    max_memory: int | None = None
    """Bytes, where a limit is set for all together."""
    memory_share: int | None = None
    """Bytes, where none is."""
    gpus: tuple[str, ...] = ()
    """What each worker's CUDA_VISIBLE_DEVICES is; empty: workers compute on processors."""

    @property
    def summary(self) -> str:
        """For people: `2 at one time, 1 thread each`."""
        places = f" on GPU {', '.join(self.gpus)}" if self.gpus else ""
        return f"{self.workers} at one time{places}, {self.threads} thread{'' if self.threads == 1 else 's'} each"

    def share(self, task: RenderTask) -> RenderTask:
        """The task with a worker's share of the machine."""
        return replace(
            task,
            default_threads=self.threads,
            max_memory=self.max_memory if task.max_memory is None else task.max_memory,
            memory_share=self.memory_share,
        )


def divide(films: int, *, jobs: int | None = None, max_memory: int | None = None, device: str = "auto") -> Division:
    """Divide this machine among the workers for so many films, or independent parts of films.

    There is a worker for each core that this process may use, with one thread: two workers finish more than one with
    two threads (`docs/performance.md`). With fewer films than cores each worker has several threads. Where GPUs are
    used, there is a worker for each of them, and `jobs` may only say fewer.

    Args:
        films: how many can be rendered at one time.
        jobs: how many workers there are; None: as above, and no more than the free memory is enough for.
        max_memory: bytes that all workers together may hold; None: half of what is free. A GPU has its own memory.
        device: where the network runs: auto, cpu, cuda or mps.
    """
    films = max(1, films)
    gpus = visible_gpus() if device in ("auto", "cuda") else ()
    if gpus:
        gpus = gpus[: min(films, jobs or len(gpus))]
        return Division(len(gpus), _threads(usable_cores(), len(gpus)), max_memory, gpus=gpus)
    cores, free = usable_cores(), round(DEFAULT_SHARE * free_main_memory())
    fitting = max(1, (max_memory or free) // LEAST_MEMORY)
    workers = min(films, min(cores, fitting) if jobs is None else jobs)
    return Division(
        workers,
        _threads(cores, workers),
        None if max_memory is None else max_memory // workers,
        free // workers if max_memory is None else None,
    )


def _threads(cores: int, workers: int) -> int:
    """Of each worker: its part of the cores; OMP_NUM_THREADS, where it is set, is the number, as for a film alone."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdecimal() and int(said) else max(1, cores // workers)


def visible_gpus(
    environment: Mapping[str, str] = os.environ, count: Callable[[], int] | None = None
) -> tuple[str, ...]:
    """The GPUs that CUDA shows this process, as `CUDA_VISIBLE_DEVICES` names them: by number, or by their UUID.

    `count` tells how many there are; by default PyTorch does, which is loaded only where there is a sign of a GPU.
    """
    named = environment.get(VISIBLE_GPUS)
    if named is None and count is None and shutil.which("nvidia-smi") is None:
        return ()
    names = [name.strip() for name in named.split(",")] if named is not None else None
    if names is not None and names[0] in ("", "-1"):
        return ()
    found = (count or _gpu_count)()
    return tuple((names if names is not None else list(map(str, range(found))))[:found])


def _gpu_count() -> int:
    import torch

    return torch.cuda.device_count()
