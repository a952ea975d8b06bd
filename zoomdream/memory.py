"""How much memory a render may take, and how much of it is free."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import torch

from zoomdream.errors import OutOfMemoryError, UsageError

DEFAULT_SHARE = 0.5
"""Of what is free, where no limit is given: other programs want some, and an estimate is an estimate."""

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "KI": 2**10, "MI": 2**20, "GI": 2**30}
_CGROUP = Path("/sys/fs/cgroup")  # version 2: what a container may use, which may be less than the machine has
_SMALLEST = 10**6
_HELD_STEP = 2**27  # 134 MB; what a process holds differs by a few MB from run to run


def parse_memory(text: str) -> int:
    """Bytes from `6GB`, `800 MB` or `4GiB`. Raises UsageError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMG]I?|)B?", text.strip().upper())
    amount = round(float(found[1]) * _UNITS[found[2]]) if found else 0
    if amount < _SMALLEST:
        raise UsageError(f"{text!r} is no amount of memory: write 6GB, 800MB or 4GiB")
    return amount


def memory_budget(limit: int | None, device: torch.device) -> int:
    """Bytes that may be taken from now on: `limit` less what this process holds, or half of what is free.

    What is held is rounded up, so that the same command has the same budget, and with it the same tiles, every time.
    """
    if limit is None:
        return round(DEFAULT_SHARE * free_memory(device))
    return limit - math.ceil(used_memory(device) / _HELD_STEP) * _HELD_STEP


def free_memory(device: torch.device) -> int:
    """Bytes that are free where the network runs."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
    return min([int(psutil.virtual_memory().available), *_container_rest()])


def used_memory(device: torch.device) -> int:
    """Bytes that this process holds where the network runs."""
    if device.type == "cuda":
        return torch.cuda.memory_reserved(device)
    if device.type == "mps":
        return torch.mps.current_allocated_memory()
    return int(psutil.Process().memory_info().rss)


def _container_rest() -> list[int]:
    """What is left of a container's memory; its cached files give way."""
    try:
        most, used, stat = ((_CGROUP / f"memory.{name}").read_text() for name in ("max", "current", "stat"))
    except OSError:  # no container, or none of this kind
        return []
    cached = re.search(r"^inactive_file (\d+)$", stat, re.MULTILINE)
    return [] if most.strip() == "max" else [int(most) - int(used) + int(cached[1] if cached else 0)]


def show_bytes(count: float) -> str:
    """`1.9 GB`."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


@contextmanager
def memory_guard(size: tuple[int, int]) -> Iterator[None]:
    """Turn the many ways to run out of memory over a frame of `size` (width, height) into OutOfMemoryError."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # PyTorch's CPU allocator raises a plain RuntimeError; its words are all that tells it from others.
        known = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if known or "not enough memory" in str(error) or "allocate memory" in str(error):
            raise OutOfMemoryError(
                f"a frame of {size[0]}x{size[1]} does not fit into memory: choose a smaller size, a shallower layer or "
                f"a smaller --max-memory"
            ) from error
        raise
