"""What is known of a network's names without PyTorch says of no objective that it is fine where `verify` does not."""

from __future__ import annotations

import pytest

from zoomdream.errors import ZoomdreamError
from zoomdream.networks import blueprint
from zoomdream.objectives import parse, verify
from zoomdream.objectives.specs.known_names import is_known, name_mistake

NETWORK = "squeezenet1_1"


@pytest.mark.parametrize(
    "objective", ["fire8", "fire8:17", "features.12", "fire5:3@0.5/0.5", "class:castle", "class:7"]
)
def test_what_is_known_is_fine(objective: str) -> None:
    verify(blueprint(NETWORK), objective)
    assert not name_mistake([NETWORK], parse(objective))


@pytest.mark.parametrize("objective", ["fire99", "fire8:512", "class:no such thing", "class:1000", "class:house"])
def test_what_is_wrong_is_not_known(objective: str) -> None:
    assert not is_known([NETWORK], parse(objective))
    assert name_mistake([NETWORK], parse(objective))
    with pytest.raises(ZoomdreamError):
        verify(blueprint(NETWORK), objective)


def test_most_are_known_at_once() -> None:
    assert all(is_known([NETWORK], parse(each)) for each in ("fire8", "fire8:17", "class:castle"))
