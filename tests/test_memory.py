from __future__ import annotations

from pathlib import Path

import pytest
import torch

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


def test_a_limit_counts_what_the_process_holds_already() -> None:
    before = memory.memory_budget(10**10, CPU)
    held = torch.ones(50_000_000)  # 200 MB
    after = memory.memory_budget(10**10, CPU)
    assert before - after == pytest.approx(held.nbytes, abs=2**27)  # it is counted in steps
    assert 0 <= 10**10 - memory.used_memory(CPU) - after <= 2**27


def test_half_of_what_is_free_without_a_limit() -> None:
    assert memory.memory_budget(None, CPU) == pytest.approx(memory.free_memory(CPU) / 2, rel=0.2)


def test_a_containers_limit_counts_without_its_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    everything = memory.free_memory(CPU)
    (tmp_path / "memory.max").write_text("300000000\n")
    (tmp_path / "memory.current").write_text("200000000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 50000000\nslab 3\n")
    assert memory.free_memory(CPU) == 150_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_memory(CPU) == pytest.approx(everything, rel=0.2)


def test_bytes_for_people() -> None:
    assert [memory.show_bytes(count) for count in (1.94e9, 123_456_789)] == ["1.9 GB", "123 MB"]
