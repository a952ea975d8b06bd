from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from zoomdream.errors import UsageError
from zoomdream.runtime import (
    ENVIRONMENT,
    choose_device,
    choose_precision,
    count_not_finite,
    keep_freed_memory,
    repeatable,
    set_environment,
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


FAULTS = """
import resource, sys
import numpy as np
from zoomdream.runtime import keep_freed_memory
keep_freed_memory()
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [np.ones(2**20) for _ in range(8)]
    del blocks
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not keep_freed_memory(), reason="another C library than glibc, or settings of the user's own")
def test_freed_memory_is_kept_for_the_next_tensors_unless_the_user_has_settings() -> None:
    """By page faults: 67 MB are 16,384 pages of 4 kB."""

    def faults(**environment: str) -> int:
        command = [sys.executable, "-c", FAULTS]
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert faults() < 100
    assert faults(MALLOC_TRIM_THRESHOLD_="1000000") > 10 * max(1, faults())


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
