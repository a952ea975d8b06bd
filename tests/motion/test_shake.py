"""The shaking of a camera."""

from __future__ import annotations

import numpy as np
import pytest

from zoomdream.motion.shake import shake_at, smooth_noise


def noise(phases: np.ndarray, seed: int = 3, name: str = "across") -> np.ndarray:
    return np.array([smooth_noise(seed, name, float(phase)) for phase in phases])


def test_it_begins_at_rest_and_stays_within_its_amplitude() -> None:
    assert shake_at(7, 0.0) == ((0, 0), 0)
    values = noise(np.arange(0, 200, 0.05))
    assert np.abs(values).max() <= 1
    assert values.std() > 0.15
    assert abs(values.mean()) < 0.1


def test_it_is_smooth() -> None:
    """A hundredth of a shake later it has come a small way, and its speed has hardly changed."""
    speed = np.diff(noise(np.arange(0, 50, 0.01))) / 0.01
    assert np.abs(speed).max() < 8
    assert np.abs(np.diff(speed)).max() < 1


@pytest.mark.parametrize("name", ["down", "angle"])
def test_directions_and_seeds_are_independent(name: str) -> None:
    phases = np.arange(0, 100, 0.1)
    one = noise(phases)
    assert abs(np.corrcoef(one, noise(phases, name=name))[0, 1]) < 0.3
    assert abs(np.corrcoef(one, noise(phases, seed=4))[0, 1]) < 0.3


def test_the_same_phase_gives_the_same_place() -> None:
    assert shake_at(5, 12.34) == shake_at(5, 12.34)
    assert shake_at(5, 12.34) != shake_at(6, 12.34)
