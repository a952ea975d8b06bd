from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.support.memory_readings import SteadyMemory
from zoomdream import memory
from zoomdream.errors import OutOfMemoryError

CPU = torch.device("cpu")


def test_a_limit_counts_what_the_process_holds_already_in_steps(steady_memory: SteadyMemory) -> None:
    budgets = []
    for held in (2**27 - 1, 2**27, 2**27 + 1, 2**28):
        steady_memory.held = held
        budgets.append(10**10 - memory.memory_budget(10**10, CPU))
    assert budgets == [2**27, 2**27, 2**28, 2**28]


def test_without_a_limit_half_of_what_is_free_is_taken_and_no_more_than_a_share(steady_memory: SteadyMemory) -> None:
    steady_memory.free = 10**10
    with memory.memory_share(10**9):
        assert memory.memory_budget(None, CPU) == 10**9
        steady_memory.free = 10**9
        assert memory.memory_budget(None, CPU) == 5 * 10**8
    with memory.memory_share(None):
        assert memory.memory_budget(None, CPU) == 5 * 10**8
    steady_memory.free = 10**10
    assert memory.memory_budget(None, CPU) == 5 * 10**9


@pytest.fixture(scope="module")
def readings() -> dict[str, int]:
    """What `used_memory` says is held more than before, in bytes: with a tensor of 200 MB, with small ones, without."""
    # In a process of its own: in this one, what earlier tests left behind may be given back at any moment.
    code = (
        "import torch; from zoomdream.memory import used_memory\n"
        "cpu = torch.device('cpu'); before = used_memory(cpu)\n"
        "large = torch.ones(50_000_000); with_large = used_memory(cpu) - before; del large\n"
        "before = used_memory(cpu)\n"
        "small = [torch.ones(1000) for _ in range(50_000)]; last = torch.ones(1000)\n"
        "with_small = used_memory(cpu) - before; del small\n"
        "print(with_large, with_small, used_memory(cpu) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return dict(zip(("large", "small", "kept"), map(int, done.stdout.split()), strict=True))


def test_what_a_process_holds_is_what_it_has_written(readings: dict[str, int]) -> None:
    assert readings["large"] == pytest.approx(200_000_000, rel=0.3)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left as they are")
@pytest.mark.parametrize(("environment", "again"), [({}, False), ({"MALLOC_MMAP_MAX_": "65536"}, True)])
def test_freed_memory_is_kept_unless_the_environment_decides(environment: dict[str, str], again: bool) -> None:
    """Kept memory is written without a page fault; glibc's own way is one for each 4 KB of a large block."""
    code = (
        "import resource, torch; from zoomdream.memory import keep_freed_memory\n"
        "keep_freed_memory(); faults = [0]\n"
        "for _ in range(8):\n"
        "    torch.ones(20_000_000); faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)\n"
        "print(min(after - before for before, after in zip(faults, faults[1:])))"
    )
    usual = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_TUNABLES"))}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=usual | environment
    )
    assert (int(done.stdout) > 1000) is again


def test_half_of_what_is_free_without_a_limit(steady_memory: SteadyMemory) -> None:
    steady_memory.free = 6 * 10**9
    assert memory.memory_budget(None, CPU) == 3 * 10**9


def test_a_containers_limit_counts_without_its_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady_memory: SteadyMemory
) -> None:
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("300000000\n")
    (tmp_path / "memory.current").write_text("200000000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 50000000\nslab 3\n")
    assert memory.free_memory(CPU) == 150_000_000
    steady_memory.free = 140_000_000
    assert memory.free_memory(CPU) == 140_000_000
    (tmp_path / "memory.max").write_text("max\n")
    steady_memory.free = 6 * 10**9
    assert memory.free_memory(CPU) == 6 * 10**9


def test_bytes_for_people() -> None:
    assert [memory.format_bytes(count) for count in (1.91e9, 1e9, 123_456_789)] == ["2.0 GB", "1.0 GB", "130 MB"]


@pytest.mark.parametrize(
    "words",
    [
        "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried",
        "MPS backend out of memory (MPS allocated: 8.00 GB, other allocations: 1.00 GB, max allowed: 9.07 GB)",
        "CUDA error: out of memory",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
    ],
)
def test_running_out_of_memory_is_known_by_its_message(words: str) -> None:
    with (
        pytest.raises(OutOfMemoryError, match=r"a frame of 64x48 does not fit") as error,
        memory.memory_guard((64, 48)),
    ):
        raise RuntimeError(words)
    assert error.value.tiled


def test_other_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="size mismatch"), memory.memory_guard((64, 48)):
        raise RuntimeError("size mismatch")


def test_the_error_says_whether_a_lower_limit_would_help() -> None:
    with pytest.raises(OutOfMemoryError) as error, memory.memory_guard((64, 48), tiled=False):
        raise MemoryError
    assert not error.value.tiled


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what a C library keeps is its own affair")
def test_what_was_freed_is_not_held(readings: dict[str, int]) -> None:
    assert readings["small"] > 150_000_000
    assert readings["kept"] < 0.5 * readings["small"]
