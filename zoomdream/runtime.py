"""Where the network runs, in which precision, and the environment that PyTorch needs for it.

Importing this module does not import torch: the environment must be set before.
"""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from zoomdream.errors import UsageError

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bfloat16"]
PRECISIONS = get_args(Precision)

ENVIRONMENT: Mapping[str, str] = {
    # PyTorch's threads spin while they wait for one another. As soon as anything else runs, the encoder for one, that
    # steals the core they wait for: a step of 15 ms can take a second. With a short spin it takes 15 ms alone and about
    # 40 ms beside other work.
    "GOMP_SPINCOUNT": "4000",
    # What PyTorch has not written for Apple's Metal yet runs on the CPU instead of failing.
    "PYTORCH_ENABLE_MPS_FALLBACK": "1",
}
"""Variables that PyTorch and its OpenMP read when they are loaded, and the values that suit a dream."""


def set_environment() -> None:
    """Set `ENVIRONMENT`, except for variables that are set already. `import zoomdream` does it.

    It has no effect on a torch that was imported before.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


_KEPT = 2**28  # 268 MB: all that a frame of 1280x720 frees at a time, but the largest maps
_LARGEST_KEPT = 2**25  # 34 MB, the most that glibc allows: larger blocks are always the system's
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt's parameters, from glibc's malloc.h
_OWN_SETTINGS = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def keep_freed_memory() -> bool:
    """Let this process keep memory that it frees for its next tensors; whether that is possible here.

    A frame allocates the same tensors over and over. Returned to the system between them, each of their pages is a
    fault and zeroed anew: a tenth of a network's step and a third of the work around it, on a virtual machine. Only
    glibc is asked, and not where the user has settings of their own; `memory.used_memory` returns what is kept.
    """
    if os.name != "posix" or any(name in os.environ for name in _OWN_SETTINGS):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or platform.libc_ver()[0] != "glibc":
        return False
    return bool(mallopt(_TRIM_THRESHOLD, _KEPT)) and bool(mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT))


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" is the first of CUDA, Apple's Metal and the CPU that this machine has.

    Raises UsageError when the device is unknown or not on this machine.
    """
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    usable = [backend for backend, is_available in available.items() if is_available]
    if name == "auto":
        return torch.device(usable[0])
    backend = name.split(":")[0]
    if backend not in available:
        raise UsageError(f"device {name!r} is unknown: choose auto, cpu, cuda or mps")
    if backend not in usable:
        raise UsageError(f"there is no {backend} device on this machine: choose {' or '.join(usable)}, or auto")
    return torch.device(name)


def use_threads(count: int | None) -> int:
    """Let PyTorch compute with that many threads from now on; None: leave it as it is. Returns how many it uses.

    Raises UsageError for less than 1.
    """
    import torch

    if count is not None:
        if count < 1:
            raise UsageError(f"{count} threads: at least 1 is needed")
        torch.set_num_threads(count)
    return torch.get_num_threads()


def processor(device: torch.device) -> str:
    """What computes on a device, by what decides how it rounds: `cpu AVX2`, or a GPU's name."""
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return f"mps {platform.processor()}"
    return f"cpu {torch.backends.cpu.get_cpu_capability()}"


def processor_model() -> str:
    """The name of this machine's processor; empty where the system does not say."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


@contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """Within the block cuDNN gives the same numbers each time, and float32 is not rounded to TensorFloat-32.

    An ascent multiplies any rounding by about 20 a step, so sums in another order would give another film. Some
    operations have no repeatable form on a GPU: the gradients of `grid_sample` and of adaptive pooling.
    """
    import torch

    if device.type != "cuda":
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """The number format of the network; "auto" is bfloat16 where the hardware multiplies it faster, else float32.

    Frames, gradients and everything outside the network stay float32. Raises UsageError for an unknown name.
    """
    import torch

    if name not in PRECISIONS:
        raise UsageError(f"precision {name!r} is unknown: choose {', '.join(PRECISIONS)}")
    if name == "auto":
        return torch.bfloat16 if _multiplies_bfloat16(device) else torch.float32
    return torch.bfloat16 if name == "bfloat16" else torch.float32


def count_not_finite(values: torch.Tensor, dtype: torch.dtype | None = None) -> int:
    """How many of these numbers are NaN or infinite once they are converted to `dtype`; None: as they are.

    The one check of numbers that a user brings. It belongs after their last conversion: 1e39 is infinite in float32.
    """
    import torch

    if not values.numel():
        return 0
    dtype = dtype or values.dtype
    # NaN wins in both, and rounding keeps an order: where the ends are finite, all between them are.
    if all(torch.isfinite(end.to(dtype)) for end in torch.aminmax(values.detach())):
        return 0
    return int((~torch.isfinite(values.detach().to(dtype))).sum())


def _multiplies_bfloat16(device: torch.device) -> bool:
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)  # Ampere brought bfloat16 tensor cores
    if device.type == "cpu":
        # Newer than the oldest PyTorch that we run on.
        capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
        return bool(capabilities.get("avx512_bf16", False))
    return False
