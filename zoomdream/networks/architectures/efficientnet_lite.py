"""EfficientNet-Lite 0 to 2, which torchvision does not have: EfficientNets without gates and with ReLU6.

From the paper (arXiv:1905.11946) and tensorflow/tpu's `efficientnet_lite_builder.py`. The packages that carry the
weights (`registry`) carry no code for them.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

# 0..255 minus 127, divided by 128.
MEAN = (127 / 255, 127 / 255, 127 / 255)
STD = (128 / 255, 128 / 255, 128 / 255)

_STEM, _HEAD = 32, 1280
_EPSILON = 1e-3
# The seven stages: kernel, stride of the first block, and how many times wider a block is inside.
_STAGES = ((3, 1, 1), (3, 2, 6), (5, 2, 6), (3, 2, 6), (5, 1, 6), (5, 2, 6), (3, 1, 6))


@dataclass(frozen=True)
class Variant:
    """The numbers in which the three networks differ.

    They are Lite0's, times the paper's factors of width (1, 1, 1.1), to multiples of 8, and of depth (1, 1.1, 1.2),
    rounded up; the first and the last stage keep their one block.
    """

    channels: tuple[int, ...]
    """Of each stage."""
    blocks: tuple[int, ...]
    """Of each stage."""
    resolution: int
    """Side in pixels of the pictures that it was trained on."""


VARIANTS: Mapping[str, Variant] = {
    "efficientnet_lite0": Variant((16, 24, 40, 80, 112, 192, 320), (1, 2, 2, 3, 3, 4, 1), 224),
    "efficientnet_lite1": Variant((16, 24, 40, 80, 112, 192, 320), (1, 3, 3, 4, 4, 5, 1), 240),
    "efficientnet_lite2": Variant((16, 24, 48, 88, 120, 208, 352), (1, 3, 3, 4, 4, 5, 1), 260),
}


def build(name: str, classes: int) -> nn.Module:
    """The network: `stem`, `block1_1` to `block7_1` (stage, then block), `head` and `classifier`."""
    variant = VARIANTS[name]
    size = variant.resolution
    layers: OrderedDict[str, nn.Module] = OrderedDict(stem=Convolution(3, _STEM, 3, size, stride=2))
    inputs, size = _STEM, _strided(size, 2)
    for labels, channels, (kernel, stride, expansion) in zip(_labels(variant), variant.channels, _STAGES, strict=True):
        for label in labels:
            layers[label] = Block(inputs, inputs * expansion, channels, kernel, size, stride)
            inputs, size, stride = channels, _strided(size, stride), 1
    layers["head"] = Convolution(inputs, _HEAD, 1, size)
    layers["pool"] = nn.AdaptiveAvgPool2d(1)
    layers["flatten"] = nn.Flatten()
    layers["classifier"] = nn.Linear(_HEAD, classes)
    return nn.Sequential(layers)


def _labels(variant: Variant) -> Iterator[list[str]]:
    for stage, blocks in enumerate(variant.blocks, start=1):
        yield [f"block{stage}_{block}" for block in range(1, blocks + 1)]


class Block(nn.Module):
    """An inverted bottleneck (arXiv:1801.04381): widened, each channel filtered by itself, projected.

    Its input is added where it has the output's shape. `size` is the input's side at the resolution of training.
    """

    def __init__(self, inputs: int, inner: int, outputs: int, kernel: int, size: int, stride: int) -> None:
        super().__init__()
        self.expand = Convolution(inputs, inner, 1, size) if inner > inputs else None
        self.depthwise = Convolution(inner, inner, kernel, size, stride=stride, groups=inner)
        self.project = Convolution(inner, outputs, 1, _strided(size, stride), rectified=False)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """From Nxinputsxhxw to Nxoutputsx(h / stride)x(w / stride)."""
        inner = x if self.expand is None else self.expand(x)
        result: Tensor = self.project(self.depthwise(inner))
        return result + x if self.adds else result


class Convolution(nn.Sequential):
    """A convolution, its batch norm, and ReLU6 if it is `rectified`.

    Padded as TensorFlow's SAME pads a map of `size`, whatever the size is that it runs on: where that is even, a kernel
    with a stride looks further to the right and down. So the weights see what they were trained on, and a part of a
    picture, cut out at a multiple of the stride, has the whole picture's pixels.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        size: int,
        *,
        stride: int = 1,
        groups: int = 1,
        rectified: bool = True,
    ) -> None:
        missing = max((_strided(size, stride) - 1) * stride + kernel - size, 0)
        before, after = missing // 2, missing - missing // 2
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        if before != after:
            layers["pad"] = nn.ZeroPad2d((before, after, before, after))
        padding = before if before == after else 0
        layers["conv"] = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        layers["norm"] = nn.BatchNorm2d(outputs, _EPSILON)
        if rectified:
            layers["relu"] = nn.ReLU6(inplace=True)
        super().__init__(layers)


def _strided(size: int, stride: int) -> int:
    """SAME: rounded up."""
    return -(-size // stride)


_OUTER = {
    "_conv_stem": "stem.conv",
    "_bn0": "stem.norm",
    "_conv_head": "head.conv",
    "_bn1": "head.norm",
    "_fc": "classifier",
}
_INNER = {
    "_expand_conv": "expand.conv",
    "_bn0": "expand.norm",
    "_depthwise_conv": "depthwise.conv",
    "_bn1": "depthwise.norm",
    "_project_conv": "project.conv",
    "_bn2": "project.norm",
}


def present_names(name: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state under this module's names: published files count the blocks through and call them `_blocks.0`."""
    blocks = [label for labels in _labels(VARIANTS[name]) for label in labels]
    return {_present_name(key, blocks): value for key, value in state.items()}


def _present_name(key: str, blocks: list[str]) -> str:
    match = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", key)
    if match and int(match[1]) < len(blocks) and match[2] in _INNER:
        return f"{blocks[int(match[1])]}.{_INNER[match[2]]}.{match[3]}"
    module, _, parameter = key.rpartition(".")
    return f"{_OUTER.get(module, module)}.{parameter}"
