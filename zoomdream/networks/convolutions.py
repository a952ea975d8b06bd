"""Convolutions on a CPU that give the same bits on any number of threads.

PyTorch and oneDNN choose how to compute two kinds of convolution by the number of threads, and with that the order in
which products are added up. An ascent multiplies any rounding by about 20 a step, so it would be another film.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

_FIRST_CHANNELS = 3  # of a picture; only a network's first layer has them
_SMALL = 20480  # values, up to which PyTorch does not use oneDNN for one picture, whatever the threads are


def fix_order(model: nn.Module) -> None:
    """Replace the convolutions whose bits depend on the number of threads, in place.

    These are all of 1x1, and the gradient of a first layer that makes strides. Further convolutions that make strides,
    with kernels larger than 1x1, stay as they are: of some sizes, their gradients still depend on the threads.
    """
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d) and (replacement := _replacement(child)) is not None:
                setattr(parent, name, replacement)


def _replacement(conv: nn.Conv2d) -> nn.Module | None:
    if isinstance(conv.padding, str) or conv.padding_mode != "zeros" or conv.groups != 1:
        return None
    if conv.kernel_size == (1, 1) and conv.stride == (1, 1) and conv.padding == (0, 0):
        return PointwiseConvolution(conv)
    if conv.in_channels == _FIRST_CHANNELS and conv.stride != (1, 1) and conv.dilation == (1, 1):
        return FirstConvolution(conv)
    return None


class PointwiseConvolution(nn.Module):
    """A 1x1 convolution with the weights of another."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight, self.bias = conv.weight, conv.bias

    def forward(self, values: Tensor) -> Tensor:
        """NxCxHxW to NxKxHxW."""
        return _pointwise(values, self.weight, self.bias)


class FirstConvolution(nn.Module):
    """A convolution of a picture that makes strides, with the weights of another; its gradient is only the picture's.

    oneDNN cuts the sums of its own gradient differently for some pairs of size and number of threads: of SqueezeNet's,
    for a third of all sizes when 1, 2, 3, 4 and 8 threads are compared.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight, self.bias = conv.weight, conv.bias
        self.stride, self.padding = _pair(conv.stride), _pair(conv.padding)

    def forward(self, picture: Tensor) -> Tensor:
        """Nx3xHxW to NxKxhxw."""
        if picture.dtype != torch.float32:  # the sums of the gradient need float32's digits
            return F.conv2d(picture, self.weight, self.bias, self.stride, self.padding)
        result: Tensor = _Strided.apply(picture, self.weight, self.bias, self.stride, self.padding)
        return result


class _Strided(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        picture: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
    ) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.size, ctx.stride, ctx.padding = picture.shape[-2:], stride, padding
        return F.conv2d(picture, weight, bias, stride, padding)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (weight,) = ctx.saved_tensors
        return picture_gradient(gradient, weight, ctx.size, ctx.stride, ctx.padding), None, None, None, None


def picture_gradient(
    gradient: Tensor, weight: Tensor, size: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int]
) -> Tensor:
    """The gradient of a convolution's input, Nx3xHxW in the channels-last order, from that of its output, NxKxhxw.

    All products of one place of the output are one 1x1 convolution; they are then added up in the picture, first along
    the columns, then along the rows. On one thread it takes as long as oneDNN's own gradient or less.
    """
    count, channels, rows, columns = weight.shape
    height, width = (length + 2 * pad for length, pad in zip(size, padding, strict=True))
    flat = weight.permute(2, 3, 1, 0).reshape(rows * columns * channels, count, 1, 1)
    products = _pointwise(gradient, flat, None).permute(0, 2, 3, 1)
    tall = _laid(products, 1, rows, stride[0], height)
    whole = _laid(tall, 2, columns, stride[1], width)
    inner = whole[:, padding[0] : padding[0] + size[0], padding[1] : padding[1] + size[1]]
    return inner.permute(0, 3, 1, 2)


def _laid(products: Tensor, dim: int, taps: int, stride: int, length: int) -> Tensor:
    """Add up the channels of each tap along one dimension of NxHxWxC, which grows to `length`."""
    shape = list(products.shape)
    channels, reach = shape[-1] // taps, (shape[dim] - 1) * stride + 1
    shape[dim], shape[-1] = length, channels
    out = products.new_zeros(shape)
    for tap in range(taps):
        places: list[slice] = [slice(None)] * dim + [slice(tap, tap + reach, stride)]
        out[tuple(places)] += products[..., tap * channels : (tap + 1) * channels]
    return out


def _pointwise(values: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    # One thread has PyTorch multiply matrices by MKL instead of oneDNN (`use_mkldnn` in aten/native/Convolution.cpp),
    # except where the kernel has gaps; one of 1x1 pixels may have them without a change.
    by_onednn = len(values) > 1 or values.numel() > _SMALL
    return F.conv2d(values, weight, bias, dilation=2 if by_onednn else 1)


def _pair(values: Any) -> tuple[int, int]:
    first, second = values
    return int(first), int(second)
