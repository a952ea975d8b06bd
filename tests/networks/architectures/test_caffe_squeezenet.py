"""The weights of the embedded network: the file, and what it sees in real photos."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from tests.support.networks import random_state
from zoomdream.errors import WeightsError
from zoomdream.networks import Network
from zoomdream.networks.architectures.caffe_squeezenet import read_arrays, read_embedded, to_torchvision

NAME = "squeezenet1_1"


def test_embedded_kernels_are_turned_to_oihw_and_rgb() -> None:
    kernel = np.arange(3 * 3 * 3 * 2, dtype=np.float32).reshape(3, 3, 3, 2)
    state = to_torchvision({"conv1": (kernel, np.array([5, 6], np.float32))})
    assert list(state) == ["features.0.weight", "features.0.bias"]
    weight = state["features.0.weight"]
    assert weight.shape == (2, 3, 3, 3)
    # Output channel 1, input channel red (the file's last), row 0, column 2.
    assert weight[1, 0, 0, 2] == kernel[0, 2, 2, 1]
    assert weight[0, 2, 1, 0] == kernel[1, 0, 0, 0]
    assert state["features.0.bias"].tolist() == [5, 6]


def test_embedded_names_are_torchvisions() -> None:
    assert set(read_embedded()) == set(random_state())


class _RunsCode:
    def __init__(self, function: Callable[..., object], argument: str) -> None:
        self.call = (function, (argument,))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return self.call


@pytest.mark.parametrize("function", [eval, getattr, np.fromfile, np.load, __import__])
def test_the_unpickler_admits_arrays_alone(function: Callable[..., object]) -> None:
    with pytest.raises(WeightsError, match="holds code"):
        read_arrays(pickle.dumps(_RunsCode(function, "1")))


def test_the_unpickler_reads_arrays() -> None:
    arrays = {"conv1": [np.eye(3, dtype=np.float32), np.zeros(2, np.float32)]}
    read = read_arrays(pickle.dumps(arrays, protocol=3))
    assert np.array_equal(read["conv1"][0], np.eye(3))


def read_photo(path: Path) -> Tensor:
    pixels = np.asarray(Image.open(path).convert("RGB").resize((227, 227), Image.Resampling.BICUBIC))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255


def test_the_embedded_network_sees_an_espresso(network: Network, photos: Path) -> None:
    probabilities = network.logits(read_photo(photos / "coffee.png")).softmax(1)[0]
    assert network.categories[int(probabilities.argmax())] == "espresso"
    assert probabilities[967] > 0.95


def test_the_embedded_network_sees_a_cat(network: Network, photos: Path) -> None:
    top = network.logits(read_photo(photos / "chelsea.png"))[0].topk(3).indices
    assert {network.categories[int(index)] for index in top} == {"tabby", "tiger cat", "Egyptian cat"}
