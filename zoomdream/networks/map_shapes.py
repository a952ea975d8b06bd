"""The shapes of a network's maps by arithmetic, for the operations that most networks are made of.

PyTorch finds them too, on the meta device, and for every operation; but that loads its compiler, which takes seconds.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn

Shape = tuple[int, ...]

_PIXELWISE = (nn.ReLU, nn.ReLU6, nn.SiLU, nn.Hardswish, nn.GELU, nn.BatchNorm2d, nn.Dropout, nn.Identity)


class TooSmallError(ValueError):
    """A map has fewer pixels than the kernel that comes next."""


class UnknownOperationError(ValueError):
    """The network has an operation whose shape is not known here."""


def map_shapes(network: fx.GraphModule, size: tuple[int, int]) -> dict[fx.Node, Shape]:
    """The shape of every node's value for one frame of `size` (width, height).

    Raises TooSmallError, and UnknownOperationError where only PyTorch knows it.
    """
    shapes: dict[fx.Node, Shape] = {}
    for node in network.graph.nodes:
        if node.op == "placeholder":
            shapes[node] = (1, 3, size[1], size[0])
        elif node.op != "output":
            shapes[node] = _shape(node, network, shapes)
    return shapes


def output_shapes(network: fx.GraphModule, size: tuple[int, int]) -> list[Shape]:
    """The shapes of a network's outputs, which are a tuple, for one frame of `size` (width, height).

    Raises what `map_shapes` does.
    """
    shapes = map_shapes(network, size)
    (outputs,) = network.graph.output_node().args
    assert isinstance(outputs, tuple)
    return [shapes[node] for node in outputs if isinstance(node, fx.Node)]


def _shape(node: fx.Node, network: fx.GraphModule, shapes: dict[fx.Node, Shape]) -> Shape:
    sources = [shapes[source] for source in node.all_input_nodes]
    if node.op == "call_module" and len(sources) == 1:
        return _of_module(network.get_submodule(str(node.target)), sources[0])
    if node.target == "clone" or (node.target is F.relu and len(sources) == 1):
        return sources[0]
    if node.target in (operator.add, torch.add) and len(sources) == 2 and sources[0] == sources[1]:
        return sources[0]
    if node.target is torch.cat and len(node.args) == 2 and node.args[1] == 1:
        parts: Any = node.args[0]
        return _side_by_side([shapes[part] for part in parts])
    if node.target in (torch.flatten, "flatten") and _options(node) in ({1: 1}, {"start_dim": 1}):
        return _flat(sources[0])
    if node.target is F.adaptive_avg_pool2d and _options(node) in ({1: 1}, {1: (1, 1)}) and len(sources[0]) == 4:
        return (*sources[0][:2], 1, 1)
    if node.target == "mean" and _options(node) == {1: [2, 3]} and len(sources[0]) == 4:
        return sources[0][:2]
    raise UnknownOperationError(str(node.target))


def _options(node: fx.Node) -> dict[int | str, Any]:
    """What an operation is told beside its tensor, by place or by name."""
    options: dict[int | str, Any] = dict(enumerate(node.args[1:], 1))
    options.update(node.kwargs.items())
    return options


def _of_module(module: nn.Module, shape: Shape) -> Shape:
    if isinstance(module, _PIXELWISE):
        return shape
    if isinstance(module, nn.Linear) and len(shape) == 2:
        return (shape[0], module.out_features)
    if isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) == (1, -1):
        return _flat(shape)
    if len(shape) == 4:
        if isinstance(module, nn.Conv2d) and not isinstance(module.padding, str):
            return (shape[0], module.out_channels, *_sides(shape, module, module.dilation, ceil=False))
        if isinstance(module, nn.ZeroPad2d):
            left, right, top, bottom = module.padding
            return (*shape[:2], shape[2] + top + bottom, shape[3] + left + right)
        if isinstance(module, nn.MaxPool2d):
            return (*shape[:2], *_sides(shape, module, module.dilation, module.ceil_mode))
        if isinstance(module, nn.AvgPool2d):
            return (*shape[:2], *_sides(shape, module, 1, module.ceil_mode))
        if isinstance(module, nn.AdaptiveAvgPool2d) and all(_pair(module.output_size)):
            return (*shape[:2], *_pair(module.output_size))
    raise UnknownOperationError(type(module).__name__)


def _sides(shape: Shape, module: Any, dilation: Any, ceil: bool) -> list[int]:
    """Height and width of what a convolution or a pool makes of a map."""
    kernels, strides, paddings, dilations = map(_pair, (module.kernel_size, module.stride, module.padding, dilation))
    return list(map(_side, shape[2:], kernels, strides, paddings, dilations, (ceil, ceil)))


def _side(length: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool) -> int:
    steps = length + 2 * padding - dilation * (kernel - 1) - 1
    count = (steps + (stride - 1 if ceil else 0)) // stride + 1
    if ceil and (count - 1) * stride >= length + padding:
        count -= 1  # the last window would begin in the padding
    if count < 1:
        raise TooSmallError(f"{length} pixels for a kernel of {kernel}")
    return count


def _side_by_side(shapes: list[Shape]) -> Shape:
    if any(shape[2:] != shapes[0][2:] for shape in shapes):
        raise UnknownOperationError("cat of maps of several sizes")
    return (shapes[0][0], sum(shape[1] for shape in shapes), *shapes[0][2:])


def _flat(shape: Shape) -> Shape:
    return (shape[0], math.prod(shape[1:]))


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])
