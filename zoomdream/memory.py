"""How much memory a render may take, and how much of it is free."""

from __future__ import annotations

import ctypes
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import torch

from zoomdream.errors import OutOfMemoryError

DEFAULT_SHARE = 0.5
"""Of what is free, where no limit is given: other programs want some, and an estimate is an estimate."""

_CGROUP = Path("/sys/fs/cgroup")  # version 2: what a container may use, which may be less than the machine has
_HELD_STEP = 2**27  # 134 MB; what a process holds differs by a few MB from run to run


def memory_budget(limit: int | None, device: torch.device) -> int:
    """Bytes that may be taken from now on: `limit` less what this process holds, or half of what is free.

    What is held is rounded up, so that the same command has the same budget, and with it the same tiles, every time.
    """
    if limit is None:
        return round(DEFAULT_SHARE * free_memory(device))
    return limit - held_memory(device)


def held_memory(device: torch.device) -> int:
    """What of a limit this process holds already: `used_memory` in whole steps."""
    return math.ceil(used_memory(device) / _HELD_STEP) * _HELD_STEP


def free_memory(device: torch.device) -> int:
    """Bytes that are free where the network runs."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] + _cached(device)
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
    return min([int(psutil.virtual_memory().available), *_container_rest()])


def used_memory(device: torch.device) -> int:
    """Bytes that this process holds where the network runs; what an earlier dream has freed is not among them."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    if device.type == "mps":
        return torch.mps.current_allocated_memory()
    _give_back()
    return int(psutil.Process().memory_info().rss)


def _cached(device: torch.device) -> int:
    """What PyTorch keeps of the GPU's memory for its next tensors, and the driver calls taken."""
    return torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)


def _give_back() -> None:
    """Let the C library return what was freed: glibc keeps the small blocks of a dream, up to gigabytes."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def _container_rest() -> list[int]:
    """What is left of a container's memory; its cached files give way."""
    try:
        most, used, stat = ((_CGROUP / f"memory.{name}").read_text() for name in ("max", "current", "stat"))
    except OSError:  # no container, or none of this kind
        return []
    cached = re.search(r"^inactive_file (\d+)$", stat, re.MULTILINE)
    return [] if most.strip() == "max" else [int(most) - int(used) + int(cached[1] if cached else 0)]


def format_bytes(count: float) -> str:
    """Rounded up, so that it is enough: `1.1 GB`, `370 MB`."""
    return f"{math.ceil(count / 1e8) / 10:.1f} GB" if count > 990e6 else f"{math.ceil(count / 1e7) * 10} MB"


# How PyTorch's CPU allocator, Metal's, the CUDA driver, cuBLAS and cuDNN say it, each in a plain RuntimeError.
_WORDS = ("not enough memory", "allocate memory", "out of memory", "ALLOC_FAILED")


@contextmanager
def memory_guard(size: tuple[int, int], *, tiled: bool = True) -> Iterator[None]:
    """Turn the many ways to run out of memory over a frame of `size` (width, height) into OutOfMemoryError.

    `tiled`: whether a lower memory limit would help, as it does where frames are cut into tiles.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        known = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if known or any(words in str(error) for words in _WORDS):
            raise OutOfMemoryError(
                f"a frame of {size[0]}x{size[1]} does not fit into memory: choose a smaller size or a shallower layer",
                tiled=tiled,
            ) from error
        raise
