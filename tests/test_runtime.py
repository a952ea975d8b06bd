from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2
import pytest
import torch

from zoomdream import runtime
from zoomdream.errors import UsageError
from zoomdream.runtime import (
    ENVIRONMENT,
    MOST_THREADS,
    automatic_threads,
    choose_device,
    choose_precision,
    count_not_finite,
    default_threads,
    repeatable,
    set_environment,
    use_threads,
)


def test_auto_is_the_best_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device("auto") == torch.device("cpu")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device("auto") == torch.device("mps")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto") == torch.device("cuda")
    assert choose_device("cuda:1") == torch.device("cuda:1")


def test_a_device_that_is_not_there_or_unknown_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match=r"no cuda device on this machine: choose .*cpu"):
        choose_device("cuda")
    with pytest.raises(UsageError, match="'tpu' is unknown"):
        choose_device("tpu")


@pytest.mark.parametrize(("native", "chosen"), [(True, torch.bfloat16), (False, torch.float32)])
def test_auto_precision_asks_the_processor(monkeypatch: pytest.MonkeyPatch, native: bool, chosen: torch.dtype) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": native}, raising=False)
    assert choose_precision("auto", torch.device("cpu")) == chosen


def test_precision_by_name() -> None:
    cpu = torch.device("cpu")
    assert choose_precision("float32", cpu) == torch.float32
    assert choose_precision("bfloat16", cpu) == torch.bfloat16
    assert choose_precision("auto", torch.device("mps")) == torch.float32
    with pytest.raises(UsageError, match="float16"):
        choose_precision("float16", cpu)


def test_on_a_gpu_the_same_numbers_come_again_and_float32_is_float32() -> None:
    cudnn = torch.backends.cudnn
    before = (cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32)
    with repeatable(torch.device("cpu")):
        assert (cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32) == before
    with repeatable(torch.device("cuda")):
        assert (cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32) == (True, False, False)
    assert (cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32) == before


def test_the_environment_is_set_and_a_users_own_value_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTORCH_ENABLE_MPS_FALLBACK", raising=False)
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    set_environment()
    assert os.environ["PYTORCH_ENABLE_MPS_FALLBACK"] == ENVIRONMENT["PYTORCH_ENABLE_MPS_FALLBACK"]
    assert os.environ["GOMP_SPINCOUNT"] == "7"


def test_a_users_own_wait_policy_is_not_overruled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    set_environment()
    assert "GOMP_SPINCOUNT" not in os.environ


def test_importing_zoomdream_sets_the_environment_before_torch() -> None:
    code = "import os, sys, zoomdream; print(*(os.environ.get(name) for name in sys.argv[1:]), 'torch' in sys.modules)"
    bare = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    command = [sys.executable, "-c", code, *ENVIRONMENT]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=bare).stdout
    assert printed.split() == [*ENVIRONMENT.values(), "False"]


def test_numbers_are_counted_as_they_are_after_the_conversion() -> None:
    largest = torch.finfo(torch.float32).max
    values = torch.tensor([1.0, largest, -largest, 1e39, float("nan"), float("inf")], dtype=torch.float64)
    assert count_not_finite(values) == 2
    assert count_not_finite(values, torch.float32) == 3
    assert count_not_finite(values, torch.bfloat16) == 5
    assert count_not_finite(values[:3]) == 0
    assert count_not_finite(torch.zeros(0)) == 0


@pytest.fixture
def threads() -> Iterator[None]:
    """Puts the numbers of threads back."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    yield
    torch.set_num_threads(before[0])
    cv2.setNumThreads(before[1])


@pytest.mark.usefixtures("threads")
def test_pytorch_and_opencv_take_the_same_number_of_threads() -> None:
    assert use_threads(3) == 3
    assert (torch.get_num_threads(), cv2.getNumThreads()) == (3, 3)
    assert use_threads(None) == 3
    assert use_threads("auto") == automatic_threads()
    assert torch.get_num_threads() == cv2.getNumThreads() == automatic_threads()


@pytest.mark.parametrize("count", [0, -1, MOST_THREADS + 1])
def test_numbers_of_threads_that_cannot_be(count: int) -> None:
    before = torch.get_num_threads()
    with pytest.raises(UsageError, match=f"^{count} threads: from 1 to 1024 can compute"):
        use_threads(count)
    assert torch.get_num_threads() == before


class Machine:
    """What Linux says of a machine and of this process's place on it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.groups = folder / "cgroup"
        self._own, self._cpus, self._monkeypatch = folder / "own", folder / "cpu", monkeypatch
        monkeypatch.setattr(runtime, "CGROUP", self.groups)
        monkeypatch.setattr(runtime, "OWN_CGROUP", self._own)
        monkeypatch.setattr(runtime, "CPUS", self._cpus)
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        monkeypatch.setattr(runtime, "default_threads", lambda: 64)
        self.group("0::/")

    def may_use(self, *processors: int, threads_a_core: int = 1) -> None:
        """This process may use these processors; a core's hyperthreads have numbers that follow one another."""
        for number in processors:
            topology = self._cpus / f"cpu{number}" / "topology"
            topology.mkdir(parents=True)
            (topology / "thread_siblings_list").write_text(f"{number // threads_a_core}")
        self._monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(processors), raising=False)

    def group(self, line: str) -> None:
        """This process is in that control group."""
        self._own.write_text(f"9:memory:/\n{line}\n")

    def limit(self, file: str, text: str) -> None:
        """A control group's file says so."""
        path = self.groups / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine on which PyTorch alone would take 64 threads."""
    return Machine(tmp_path, monkeypatch)


def test_threads_are_as_many_as_cores_that_may_be_used(machine: Machine) -> None:
    machine.may_use(*range(64))
    assert automatic_threads() == 64
    machine.limit("cpu.max", "max 100000")
    assert automatic_threads() == 64


def test_hyperthreads_of_a_core_count_once(machine: Machine) -> None:
    machine.may_use(0, 1, 2, 3, 6, threads_a_core=2)
    assert automatic_threads() == 3


def test_processors_of_which_the_system_says_nothing_are_cores(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert automatic_threads() == 3


@pytest.mark.parametrize(("quota", "threads"), [(200_000, 2), (150_000, 2), (140_000, 1), (10_000, 1), (9_900_000, 64)])
def test_a_containers_quota_is_no_more_threads(machine: Machine, quota: int, threads: int) -> None:
    machine.may_use(*range(64))
    machine.limit("cpu.max", f"{quota} 100000")
    assert automatic_threads() == threads


@pytest.mark.parametrize("limited", ["cpu.max", "user.slice/cpu.max", "user.slice/film.scope/cpu.max"])
def test_a_quota_of_any_group_that_holds_this_process_counts(machine: Machine, limited: str) -> None:
    machine.may_use(*range(64))
    machine.group("0::/user.slice/film.scope")
    machine.limit("other.slice/cpu.max", "100000 100000")
    machine.limit(limited, "300000 100000")
    assert automatic_threads() == 3


@pytest.mark.parametrize(("quota", "threads"), [(400_000, 4), (-1, 64)])
def test_a_quota_of_the_first_version_of_control_groups(machine: Machine, quota: int, threads: int) -> None:
    machine.may_use(*range(64))
    machine.group("3:cpu,cpuacct:/docker/4711")
    machine.limit("cpu/cpu.cfs_quota_us", str(quota))
    machine.limit("cpu/cpu.cfs_period_us", "100000")
    assert automatic_threads() == threads


def test_a_users_own_number_is_taken(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.may_use(0, 1)
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    assert automatic_threads() == 64


@pytest.mark.usefixtures("threads")
def test_the_automatic_number_is_the_same_after_another_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "default_threads", cache(default_threads.__wrapped__))  # as in a new process
    before = torch.get_num_threads()
    use_threads(before + 2)
    assert runtime.default_threads() == before
