"""Objectives of every kind, and networks that suit their tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from zoomdream.networks import Network, load_network


@pytest.fixture
def fill_in(photos: Path, tmp_path: Path) -> Callable[[str], str]:
    """Puts real folders into one of `support.objectives.KINDS`."""
    np.save(tmp_path / "vector.npy", np.random.default_rng(0).normal(size=512))
    return lambda text: text.format(photos=photos, folder=tmp_path)


@pytest.fixture(scope="module")
def small() -> Network:
    """Random weights: no photo's statistics, and a gradient everywhere."""
    return load_network(random=3)
