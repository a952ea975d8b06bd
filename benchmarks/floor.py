"""What nothing that computes the same can go below: the convolutions alone, and the machine's matrix product."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoomdream.images.frame import Size
from zoomdream.networks.loading import blueprint


@dataclass(frozen=True)
class Convolution:
    """One convolution of a network that has been cut at a layer."""

    shape: tuple[int, ...]
    """Of its input: 1xchannelsxheightxwidth."""
    kernels: tuple[int, ...]
    """Of its weights."""
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int

    @property
    def outputs(self) -> tuple[int, int]:
        """Height and width of its output."""
        return tuple(  # type: ignore[return-value]
            (self.shape[2 + k] + 2 * self.padding[k] - self.dilation[k] * (self.kernels[2 + k] - 1) - 1)
            // self.stride[k]
            + 1
            for k in range(2)
        )

    @property
    def flop(self) -> float:
        """Floating point operations of its forward pass and of the gradient of its input."""
        per_place = self.kernels[0] * self.kernels[1] * self.kernels[2] * self.kernels[3]
        return 2 * 2.0 * per_place * self.outputs[0] * self.outputs[1]


def convolutions_of(name: str, layers: Iterable[str], size: Size) -> list[Convolution]:
    """The convolutions that layers of a network need for a frame of `size` (width, height), as the network runs them.

    They are found by hooks on the network without its weights, cut after the deepest layer, on the meta device.
    """
    found: list[Convolution] = []

    def add(module: nn.Module, inputs: tuple[Tensor, ...], _: Tensor) -> None:
        assert isinstance(module, nn.Conv2d)
        assert not isinstance(module.padding, str)
        stride, padding, dilation = ((pair[0], pair[1]) for pair in (module.stride, module.padding, module.dilation))
        shapes = tuple(inputs[0].shape), tuple(module.weight.shape)
        found.append(Convolution(*shapes, stride, padding, dilation, module.groups))

    subgraph = blueprint(name).subgraph(list(layers))
    hooks = [m.register_forward_hook(add) for m in subgraph.modules() if isinstance(m, nn.Conv2d)]
    subgraph(torch.empty(1, 3, size[1], size[0], device="meta"))
    for hook in hooks:
        hook.remove()
    return found


def convolutions_alone(convolutions: Iterable[Convolution], dtype: torch.dtype) -> Callable[[], None]:
    """Each convolution forward and its input's gradient, on random values in the channels-last order of memory.

    Where two ways are known, the one that is faster here and now is taken, so that the floor is no higher than it need
    be. For a 1x1 kernel one thread gets PyTorch's slower way unless the kernel has gaps, which do not change it; and a
    picture's gradient may be one matrix product whose columns are folded.
    """
    calls = [_fastest(_ways(convolution, dtype)) for convolution in convolutions]

    def all_of_them() -> None:
        for call in calls:
            call()

    return all_of_them


def matrix_product(side: int, dtype: torch.dtype) -> Callable[[], object]:
    """A square matrix product, large enough to be the fastest thing that the machine can do; 2 side^3 operations."""
    left, right = (torch.rand(side, side).to(dtype) for _ in range(2))
    return lambda: left @ right


def _ways(convolution: Convolution, dtype: torch.dtype) -> list[Callable[[], None]]:
    ways = [_both_passes(convolution, convolution.dilation, dtype)]
    if convolution.kernels[2:] == (1, 1):
        ways.append(_both_passes(convolution, (2, 2), dtype))
    if convolution.shape[1] == 3 and dtype == torch.float32 and convolution.groups == 1:
        ways.append(_folded(convolution))
    return ways


def _both_passes(convolution: Convolution, dilation: tuple[int, int], dtype: torch.dtype) -> Callable[[], None]:
    values, weight, bias, gradient = _tensors(convolution, dtype)
    how = (list(convolution.stride), list(convolution.padding), list(dilation), False, [0, 0], convolution.groups)

    def run() -> None:
        torch.ops.aten.convolution(values, weight, bias, *how)
        torch.ops.aten.convolution_backward(gradient, values, weight, None, *how, [True, False, False])

    return run


def _folded(convolution: Convolution) -> Callable[[], None]:
    values, weight, bias, gradient = _tensors(convolution, torch.float32)
    c = convolution
    flat = weight.permute(1, 2, 3, 0).reshape(-1, c.kernels[0]).contiguous()
    columns = gradient.contiguous().view(c.kernels[0], -1)

    def run() -> None:
        F.conv2d(values, weight, bias, c.stride, c.padding, c.dilation)
        F.fold((flat @ columns)[None], c.shape[2:], c.kernels[2:], c.dilation, c.padding, c.stride)

    return run


def _tensors(convolution: Convolution, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Its input, weights, bias, and the gradient of its output."""
    shapes = convolution.shape, convolution.kernels, (1, convolution.kernels[0], *convolution.outputs)
    values, weight, gradient = (torch.randn(shape).to(dtype, memory_format=torch.channels_last) for shape in shapes)
    return values, weight, torch.randn(convolution.kernels[0]).to(dtype), gradient


def _fastest(ways: list[Callable[[], None]]) -> Callable[[], None]:
    """The one with the shortest of three runs, after one that does not count."""
    if len(ways) == 1:
        return ways[0]
    shortest = [float("inf")] * len(ways)
    for number in range(4):
        for index, way in enumerate(ways):
            began = time.perf_counter()
            way()
            if number:
                shortest[index] = min(shortest[index], time.perf_counter() - began)
    return ways[shortest.index(min(shortest))]
