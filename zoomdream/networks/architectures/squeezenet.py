"""SqueezeNet 1.0 and 1.1 (arXiv:1602.07360), module for module as torchvision has them.

A network of our own, because it is the one in the box: `import torchvision` takes seconds, most of them for PyTorch's
compiler, which nothing here uses. Its weights' names and its layers' paths are torchvision's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

# A number: a Fire module, squeezed to so many channels and expanded to four times as many on either branch; "pool".
_BODIES: Mapping[str, tuple[int | str, ...]] = {
    "squeezenet1_0": ("pool", 16, 16, 32, "pool", 32, 48, 48, 64, "pool", 64),
    "squeezenet1_1": ("pool", 16, 16, "pool", 32, 32, "pool", 48, 48, 64, 64),
}
_FIRST = {"squeezenet1_0": (96, 7), "squeezenet1_1": (64, 3)}  # channels and kernel of the first convolution

VARIANTS = tuple(_BODIES)
"""The names that `build` takes."""


def build(name: str, classes: int) -> nn.Module:
    """The network, `features` and `classifier`, with random weights."""
    return SqueezeNet(name, classes)


class Fire(nn.Module):
    """A convolution to few channels, then two branches of which one sees the neighbours, side by side."""

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, kernel_size=1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, kernel_size=1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, kernel_size=3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """From Nxinputsxhxw to Nx(2 * expanded)xhxw."""
        x = self.squeeze_activation(self.squeeze(x))
        return torch.cat(
            [self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))], 1
        )


class SqueezeNet(nn.Module):
    """The features, and a classifier that averages a map for each class."""

    def __init__(self, name: str, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(*_features(name))
        last = nn.Conv2d(512, classes, kernel_size=1)
        self.classifier = nn.Sequential(nn.Dropout(), last, nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1)))

    def forward(self, x: Tensor) -> Tensor:
        """From Nx3xHxW to the class scores, Nxclasses."""
        return torch.flatten(self.classifier(self.features(x)), 1)


def _features(name: str) -> Iterator[nn.Module]:
    channels, kernel = _FIRST[name]
    yield nn.Conv2d(3, channels, kernel, stride=2)
    yield nn.ReLU(inplace=True)
    for part in _BODIES[name]:
        if isinstance(part, int):
            yield Fire(channels, part, 4 * part)
            channels = 8 * part
        else:
            yield nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
