from __future__ import annotations

import pytest

from zoomdream import errors
from zoomdream.errors import OutOfMemoryError, UnknownNameError, nearest


@pytest.mark.parametrize(
    ("name", "allowed", "ending"),
    [
        ("fire44", ["fire4", "conv1"], "; did you mean fire4?"),
        ("FIRE4", ["fire4"], "; did you mean fire4?"),
        ("xyz", ["a", "b"], "; known: a, b"),
        ("xyz", [f"n{k}" for k in range(14)], "; known: " + ", ".join(f"n{k}" for k in range(12)) + " and 2 more"),
        ("xyz", [], ""),
    ],
)
def test_the_nearest_names_end_a_message(name: str, allowed: list[str], ending: str) -> None:
    assert nearest(name, allowed) == ending


def test_errors_carry_the_facts_that_a_way_out_needs() -> None:
    assert OutOfMemoryError("too large", needed=10**9).needed == 10**9
    assert OutOfMemoryError("too large", tiled=True).needed is None
    error = UnknownNameError("no layer fire44", kind="layer", network="squeezenet1_1")
    assert (str(error), error.kind, error.network) == ("no layer fire44", "layer", "squeezenet1_1")


def test_every_error_has_one_base_and_a_docstring() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) > 10
    assert all(issubclass(kind, errors.ZoomdreamError) and kind.__doc__ for kind in kinds)
