"""Networks without a classifier, as some packages carry them: the features of a network of torchvision, nothing after.

Their layers have torchvision's names. The packages' code is never imported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor, nn

from zoomdream.networks.registry import TRUNKS


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
