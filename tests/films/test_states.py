"""States as tensors: what a film goes on with."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch

from zoomdream.films.states import State, VideoState, ZoomState, state_from
from zoomdream.images.colors.color import palette_of
from zoomdream.images.frame import Frame

CPU = torch.device("cpu")


def picture(number: int) -> Frame:
    return torch.rand(1, 3, 8, 12, generator=torch.Generator().manual_seed(number))


def states(momentum: Frame | None) -> Mapping[str, State]:
    camera = torch.eye(3, dtype=torch.float64)
    return {
        "zoom": ZoomState(3, picture(0), palette_of(picture(1)), momentum),
        "video": VideoState(3, picture(0), picture(1), camera, momentum),
    }


@pytest.mark.parametrize("name", ["zoom", "video"])
@pytest.mark.parametrize("momentum", [None, picture(2) - 0.5], ids=["every frame", "amortized"])
def test_a_state_comes_back_from_its_tensors(name: str, momentum: Frame | None) -> None:
    state = states(momentum)[name]
    tensors = state.tensors()
    again = state_from(state.kind, state.index, tensors, CPU)
    assert type(again) is type(state)
    assert again.index == 3
    assert ("momentum" in tensors) == (momentum is not None) == (again.momentum is not None)
    assert again.tensors().keys() == tensors.keys()
    assert all(torch.equal(tensors[name], tensor) for name, tensor in again.tensors().items())


@pytest.mark.parametrize("name", ["zoom", "video"])
def test_a_tensor_that_is_missing_is_an_error(name: str) -> None:
    state = states(None)[name]
    for missing in state.tensors():
        rest = {key: tensor for key, tensor in state.tensors().items() if key != missing}
        with pytest.raises(KeyError):
            state_from(state.kind, 3, rest, CPU)
