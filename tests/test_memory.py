from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from memory_readings import SteadyMemory

from zoomdream import memory
from zoomdream.errors import UsageError

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("text", "count"),
    [("6GB", 6 * 10**9), ("1.5 g", 15 * 10**8), ("800MB", 8 * 10**8), ("4GiB", 4 * 2**30), ("512MiB", 2**29)],
)
def test_amounts(text: str, count: int) -> None:
    assert memory.parse_memory(text) == count


@pytest.mark.parametrize("text", ["", "6", "much", "-6GB", "6TB", "10KB", "1,5GB", "nanGB"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(UsageError, match="write 6GB, 800MB or 4GiB"):
        memory.parse_memory(text)


def test_a_limit_counts_what_the_process_holds_already_in_steps(steady_memory: SteadyMemory) -> None:
    budgets = []
    for held in (2**27 - 1, 2**27, 2**27 + 1, 2**28):
        steady_memory.held = held
        budgets.append(10**10 - memory.memory_budget(10**10, CPU))
    assert budgets == [2**27, 2**27, 2**28, 2**28]


def test_what_a_process_holds_is_what_it_has_written() -> None:
    # In a process of its own: in this one, what earlier tests left behind may be given back at any moment.
    code = (
        "import torch; from zoomdream.memory import used_memory\n"
        "before = used_memory(torch.device('cpu')); held = torch.ones(50_000_000)\n"
        "print(used_memory(torch.device('cpu')) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == pytest.approx(200_000_000, rel=0.1)


def test_half_of_what_is_free_without_a_limit(steady_memory: SteadyMemory) -> None:
    steady_memory.free = 6 * 10**9
    assert memory.memory_budget(None, CPU) == 3 * 10**9


def test_a_containers_limit_counts_without_its_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steady_memory: SteadyMemory
) -> None:
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
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
    assert [memory.show_bytes(count) for count in (1.94e9, 123_456_789)] == ["1.9 GB", "123 MB"]
