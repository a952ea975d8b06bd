"""How much memory is free or allowed, and an error for when it runs out."""

from __future__ import annotations

import ctypes
import math
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from zoomdream.errors import OutOfMemoryError

if TYPE_CHECKING:
    import torch

DEFAULT_SHARE = 0.5
"""The share of the free memory that is taken where no limit is set: other programs need some, and estimates err."""

_share: ContextVar[int | None] = ContextVar("share", default=None)

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux (cgroups version 2) says what a container may use, which may be less than the machine has."""

# Of mallopt(3).
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_NEVER = 2**31 - 1  # as much freed memory at the end of the heap as this is given back: 2 GB

_HELD_STEP = 2**27  # 134 MB; what a process holds differs by a few MB from run to run


@contextmanager
def memory_share(most: int | None) -> Iterator[None]:
    """A block in which no more than `most` bytes are taken where no limit is set: others take the rest of what is free.

    None: half of what is free, as ever. It does not count for a GPU's memory.
    """
    token = _share.set(most)
    try:
        yield
    finally:
        _share.reset(token)


def memory_budget(limit: int | None, device: torch.device) -> int:
    """Bytes that may be taken from now on: `limit` less what this process holds, or half of what is free.

    Within `memory_share` no more than the share, whatever is free.

    What is held is rounded up, so that the same command has the same budget, and with it the same tiles, every time.
    """
    if limit is None:
        budget, share = round(DEFAULT_SHARE * free_memory(device)), _share.get()
        return budget if share is None or device.type != "cpu" else min(budget, share)
    return limit - held_memory(device)


def held_memory(device: torch.device) -> int:
    """Bytes that this process holds already: `used_memory`, rounded up to whole steps of 134 MB."""
    return math.ceil(used_memory(device) / _HELD_STEP) * _HELD_STEP


def free_memory(device: torch.device) -> int:
    """Bytes that are free where the network runs."""
    import torch

    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] + _cached(device)
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
    release_freed_memory()
    return free_main_memory()


def free_main_memory() -> int:
    """Bytes that are free for programs on this machine, or in this container."""
    return min([int(psutil.virtual_memory().available), *_container_free()])


def used_memory(device: torch.device) -> int:
    """Bytes that this process holds where the network runs; what an earlier dream has freed is not among them."""
    import torch

    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    if device.type == "mps":
        return torch.mps.current_allocated_memory()
    release_freed_memory()
    return int(psutil.Process().memory_info().rss)


def keep_freed_memory() -> None:
    """Let the C library keep the memory that this process frees, for its next tensors. `assemble` calls it.

    glibc gives a large block back to the system as soon as it is freed, and the system clears every page of the next
    one: a step of an ascent frees and takes a gradient's memory each time, a fifth of its time. The most that the
    process holds grows by less than a tenth; afterwards it holds on to it. `used_memory` gives it back.

    Does nothing elsewhere than on glibc, or where the environment says what glibc's malloc is to do.
    """
    if any(name.startswith("MALLOC_") for name in os.environ) or "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", ""):
        return
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "gnu_get_libc_version"):
        library.mallopt(_M_MMAP_MAX, 0)
        library.mallopt(_M_TRIM_THRESHOLD, _NEVER)


def _cached(device: torch.device) -> int:
    """Bytes of the GPU's memory that PyTorch keeps for its next tensors, and that the driver counts as used."""
    import torch

    return torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)


def release_freed_memory() -> None:
    """Let the C library return freed memory to the system: glibc keeps small blocks, after a dream up to gigabytes."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def _container_free() -> list[int]:
    """Bytes that a container may still take, its cached files among them; an empty list outside of a container."""
    try:
        most, used, stat = ((CGROUP / f"memory.{name}").read_text() for name in ("max", "current", "stat"))
    except OSError:  # no container, or none of this kind
        return []
    cached = re.search(r"^inactive_file (\d+)$", stat, re.MULTILINE)
    return [] if most.strip() == "max" else [int(most) - int(used) + int(cached[1] if cached else 0)]


def format_bytes(count: float) -> str:
    """A number of bytes for people, rounded up: `1.1 GB`, `370 MB`."""
    return f"{math.ceil(count / 1e8) / 10:.1f} GB" if count > 990e6 else f"{math.ceil(count / 1e7) * 10} MB"


# From the messages of PyTorch's CPU allocator, Metal's, the CUDA driver, cuBLAS and cuDNN; all are RuntimeErrors.
_OUT_OF_MEMORY = ("not enough memory", "allocate memory", "out of memory", "ALLOC_FAILED")


@contextmanager
def memory_guard(size: tuple[int, int], *, tiled: bool = True) -> Iterator[None]:
    """Turn any error of running out of memory into OutOfMemoryError, which names `size` (width, height).

    `tiled`: whether a lower memory limit would help, as it does where frames are cut into tiles.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        import torch

        known = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if known or any(words in str(error) for words in _OUT_OF_MEMORY):
            raise OutOfMemoryError(
                f"a frame of {size[0]}x{size[1]} does not fit into memory: choose a smaller size or a shallower layer",
                tiled=tiled,
            ) from error
        raise
