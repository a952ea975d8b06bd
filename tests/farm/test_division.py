"""A machine divided among workers."""

from __future__ import annotations

import pytest

from zoomdream.farm import division
from zoomdream.farm.division import VISIBLE_GPUS, Division, divide, visible_gpus
from zoomdream.farm.tasks import RenderTask

GB = 10**9
TASK = RenderTask("a", "quickstart", "/out/a.mp4")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight cores, 40 GB of free memory, no GPU."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv(VISIBLE_GPUS, raising=False)
    monkeypatch.setattr(division, "usable_cores", lambda: 8)
    monkeypatch.setattr(division, "free_main_memory", lambda: 40 * GB)
    monkeypatch.setattr(division, "visible_gpus", lambda: ())


@pytest.mark.parametrize(
    ("films", "jobs", "workers", "threads"),
    [
        (20, None, 8, 1),
        (8, None, 8, 1),
        (3, None, 3, 2),
        (1, None, 1, 8),
        (0, None, 1, 8),
        (20, 2, 2, 4),
        (20, 16, 16, 1),
        (3, 16, 3, 2),
    ],
)
def test_cores_are_divided(films: int, jobs: int | None, workers: int, threads: int) -> None:
    divided = divide(films, jobs=jobs)
    assert (divided.workers, divided.threads) == (workers, threads)


def test_memory_is_divided() -> None:
    assert divide(20, jobs=4).memory_share == 5 * GB  # a fourth of the half of what is free
    assert divide(20, jobs=4).max_memory is None
    limited = divide(20, jobs=4, max_memory=10 * GB)
    assert (limited.max_memory, limited.memory_share) == (2_500_000_000, None)


def test_no_more_workers_than_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert divide(20, max_memory=3 * GB).workers == 3
    monkeypatch.setattr(division, "free_main_memory", lambda: GB)
    assert divide(20).workers == 1
    assert divide(20, jobs=2).workers == 2, "who says a number gets it"


def test_omp_num_threads_is_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert divide(20, jobs=2).threads == 3


def test_a_task_gets_its_share() -> None:
    shared = Division(2, 4, memory_share=5).share(TASK)
    assert (shared.default_threads, shared.threads, shared.max_memory, shared.memory_share) == (4, None, None, 5)
    assert Division(2, 4, max_memory=7).share(TASK).max_memory == 7


@pytest.mark.parametrize(("jobs", "gpus"), [(None, ("0", "1", "2")), (2, ("0", "1")), (9, ("0", "1", "2"))])
def test_a_worker_for_each_gpu(jobs: int | None, gpus: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(division, "visible_gpus", lambda: ("0", "1", "2"))
    divided = divide(20, jobs=jobs)
    assert (divided.workers, divided.gpus, divided.memory_share) == (len(gpus), gpus, None)
    assert divide(20, jobs=jobs, device="cpu").gpus == ()


@pytest.mark.parametrize(
    ("variable", "count", "names"),
    [
        (None, 3, ("0", "1", "2")),
        (None, 0, ()),
        ("2,0", 2, ("2", "0")),
        ("GPU-8f1, MIG-77a", 2, ("GPU-8f1", "MIG-77a")),
        ("0,9,1", 1, ("0",)),  # CUDA stops at the first that is not there
        ("", 3, ()),
        ("-1", 3, ()),
    ],
)
def test_the_gpus_that_may_be_used(variable: str | None, count: int, names: tuple[str, ...]) -> None:
    environment = {} if variable is None else {VISIBLE_GPUS: variable}
    assert visible_gpus(environment, lambda: count) == names
