"""Where the network runs, in which precision, and the environment that PyTorch needs for it.

Importing this module does not import torch: the environment must be set before.
"""

from __future__ import annotations

import functools
import math
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from zoomdream.errors import UsageError

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]
PRECISIONS = get_args(Precision)
Threads = int | Literal["auto"]
"""A number of threads; "auto": see `automatic_threads`."""

MOST_THREADS = 1024
"""More are a typing error, and no system gives them to one program."""

CACHE = "ZOOMDREAM_CACHE"
"""The environment variable that names another folder for what is kept from run to run."""

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux says how much of its processors a container may use."""
OWN_CGROUP = Path("/proc/self/cgroup")
"""Where Linux says in which group this process is."""
CPUS = Path("/sys/devices/system/cpu")
"""Where Linux says which of its processors are one core's hyperthreads."""

ENVIRONMENT: Mapping[str, str] = {
    # PyTorch's threads spin while they wait for one another. As soon as anything else runs, the encoder for one, that
    # takes the core from the thread that is waited for. Measured with two threads on two cores that 20 to 30 processes
    # wanted, medians: a step of 0.1 s of processor time took 4 to 6 s as libgomp spins (300000), 1.6 s with 20000, 0.77
    # with 4000, 0.1 to 0.3 with 1000, 400 or 0, and 0.56 s on one thread; three frames of a film 28 s with 4000, 10.7
    # with 1000, 9.2 with 0, 22 on one thread. A longer spin is better only where the machine is quiet.
    "GOMP_SPINCOUNT": "1000",
    # What PyTorch has not written for Apple's Metal yet runs on the CPU instead of failing.
    "PYTORCH_ENABLE_MPS_FALLBACK": "1",
}
"""Variables that PyTorch and its OpenMP read when they are loaded, and the values that suit a dream."""


def cache_folder(name: str) -> Path:
    """This user's folder of a name for what is kept from run to run, in `CACHE` where that is set. It may not exist."""
    import platformdirs

    folder = os.environ.get(CACHE)
    return (Path(folder) if folder else platformdirs.user_cache_path("zoomdream", appauthor=False)) / name


def set_environment() -> None:
    """Set `ENVIRONMENT`, except for variables that are set already. `import zoomdream` does it.

    GOMP_SPINCOUNT stays unset where OMP_WAIT_POLICY is set, over which it would win. It has no effect on a torch that
    was imported before.
    """
    for name, value in ENVIRONMENT.items():
        if name != "GOMP_SPINCOUNT" or "OMP_WAIT_POLICY" not in os.environ:
            os.environ.setdefault(name, value)


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


def use_threads(count: Threads | None) -> int:
    """Let PyTorch and OpenCV compute with that many threads from now on. Returns how many PyTorch uses.

    "auto": as many as `automatic_threads` says; None: all stays as it is. Raises UsageError for less than 1 and more
    than `MOST_THREADS`.
    """
    import torch

    if count is not None:
        import cv2

        automatic = automatic_threads()  # asked before PyTorch is told a number
        chosen = automatic if count == "auto" else count
        if not 1 <= chosen <= MOST_THREADS:
            raise UsageError(f"{chosen} threads: from 1 to {MOST_THREADS} can compute")
        torch.set_num_threads(chosen)
        cv2.setNumThreads(chosen)
    return torch.get_num_threads()


def automatic_threads() -> int:
    """How many threads compute where nobody says it: one for each core that this process may use.

    Hyperthreads of a core share what computes. It does not depend on how busy the machine is: the number of threads is
    part of a film. OMP_NUM_THREADS, where it is set, is the number.
    """
    default = default_threads()
    return default if "OMP_NUM_THREADS" in os.environ else min(default, usable_cores())


def usable_cores() -> int:
    """How many of the machine's cores this process may use: its affinity says so, and its container's quota."""
    if hasattr(os, "sched_getaffinity"):
        cores = _distinct_cores(os.sched_getaffinity(0))
    else:
        import psutil

        cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min([cores, *(math.floor(quota + 0.5) for quota in _quotas())]))


@functools.cache
def default_threads() -> int:
    """How many threads PyTorch takes by itself: as many as it uses when this, or `use_threads`, is called first."""
    import torch

    return torch.get_num_threads()


def _distinct_cores(numbers: Iterable[int]) -> int:
    """How many cores these processors are: hyperthreads of one core count once."""
    siblings = set()
    for number in numbers:
        try:
            siblings.add((CPUS / f"cpu{number}/topology/thread_siblings_list").read_text())
        except OSError:  # the system does not say: a core of its own
            siblings.add(str(number))
    return len(siblings)


def _quotas() -> list[float]:
    """How many cores' time the control groups of this process may use, where they are limited (both versions)."""
    quotas = []
    for folder in _control_groups():
        with suppress(OSError, ValueError):  # no such file, or "max": no limit
            quota, period = (folder / "cpu.max").read_text().split()
            quotas.append(int(quota) / int(period))
        with suppress(OSError, ValueError):
            quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
            if int(quota) > 0:
                quotas.append(int(quota) / int(period))
    return quotas


def _control_groups() -> Iterator[Path]:
    """The folders of the groups that limit this process's processor time: its own, and those that hold it."""
    with suppress(OSError):  # another system than Linux
        for line in OWN_CGROUP.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "cpu" not in controllers.split(","):
                continue
            root = CGROUP / "cpu" if controllers else CGROUP
            folder = root / path.strip("/")
            yield from (folder, *folder.parents[: len(folder.parts) - len(root.parts)])


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

    float16 is for GPUs without bfloat16, and never chosen by itself: an activation over 65504 becomes infinite in it.
    Frames, gradients and everything outside the network stay float32. Raises UsageError for an unknown name.
    """
    import torch

    if name not in PRECISIONS:
        raise UsageError(f"precision {name!r} is unknown: choose {', '.join(PRECISIONS)}")
    if name == "auto":
        return torch.bfloat16 if _multiplies_bfloat16(device) else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[name]


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
