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

Pair = tuple[int, int]
"""Down, across."""

FIRST_CHANNELS = 3
"""Of a picture; only a network's first layer has them."""

_VECTOR = 8  # float32 numbers in one of AVX2's registers
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
    if conv.in_channels == FIRST_CHANNELS and conv.stride != (1, 1) and conv.dilation == (1, 1):
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
        stride: Pair,
        padding: Pair,
    ) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.size, ctx.stride, ctx.padding = picture.shape[-2:], stride, padding
        return F.conv2d(picture, weight, bias, stride, padding)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (weight,) = ctx.saved_tensors
        return picture_gradient(gradient, weight, ctx.size, ctx.stride, ctx.padding), None, None, None, None


def picture_gradient(gradient: Tensor, weight: Tensor, size: Pair, stride: Pair, padding: Pair) -> Tensor:
    """The gradient of a convolution's input, Nx3xHxW for `size` (H, W), from that of its output, NxKxhxw.

    A pixel's place on the grid of strides, its phase, says which of the kernel's weights reach it. For all phases of
    one grid place together that is a convolution without strides (`phase_weights`), whose channels are then laid side
    by side. On AVX2 it takes half of the time of oneDNN's own gradient.
    """
    above, left = zero_rows(_pair(gradient.shape[-2:]), _pair(weight.shape[-2:]), size, stride, padding)
    sums = F.conv2d(F.pad(gradient, (*left, *above)), phase_weights(weight, stride))
    return laid_out(sums, weight.shape[1], size, stride, padding)


def phase_weights(weight: Tensor, stride: Pair) -> Tensor:
    """The weights of the convolution that gives the gradients of all phases, from KxCxhxw.

    Its channels are the phases' rows, their columns and the picture's channels, and zeros that fill the last of the
    processor's vectors.
    """
    count, channels, rows, columns = weight.shape
    tall, wide = _reach((rows, columns), stride)
    whole = F.pad(weight, (0, wide * stride[1] - columns, 0, tall * stride[0] - rows))
    split = whole.view(count, channels, tall, stride[0], wide, stride[1]).flip(2, 4)
    phases = split.permute(3, 5, 1, 0, 2, 4).reshape(-1, count, tall, wide)
    filled = F.pad(phases, (0, 0, 0, 0, 0, 0, 0, -len(phases) % _VECTOR))
    return filled.contiguous(memory_format=torch.channels_last)


def zero_rows(outputs: Pair, kernel: Pair, size: Pair, stride: Pair, padding: Pair) -> tuple[Pair, Pair]:
    """The rows above and below and the columns on the left and right by which the gradient of `outputs` is extended.

    The convolution that gives the phases pads nothing: oneDNN adds in another order for some kernels with even
    sides on some numbers of threads when it pads by itself.
    """
    tall, wide = _reach(kernel, stride)
    (above, below), (left, right) = (
        (reach - 1 - pad // step, (pad + length - 1) // step + 1 - have)
        for reach, pad, step, length, have in zip((tall, wide), padding, stride, size, outputs, strict=True)
    )
    return (above, below), (left, right)


def laid_out(sums: Tensor, channels: int, size: Pair, stride: Pair, padding: Pair) -> Tensor:
    """The picture Nx`channels`xHxW whose phases are the channels of `sums`, NxPxhxw; in the channels-last order."""
    count, _, rows, columns = sums.shape
    phases = sums[:, : stride[0] * stride[1] * channels].permute(0, 2, 3, 1)
    apart = phases.reshape(count, rows, columns, stride[0], stride[1], channels).transpose(2, 3)
    whole = apart.reshape(count, rows * stride[0], columns * stride[1], channels).permute(0, 3, 1, 2)
    top, left = padding[0] % stride[0], padding[1] % stride[1]
    picture = whole[..., top : top + size[0], left : left + size[1]]
    return picture.contiguous(memory_format=torch.channels_last)


def _reach(kernel: Pair, stride: Pair) -> Pair:
    """How many places of the grid of strides a kernel reaches over."""
    return -(-kernel[0] // stride[0]), -(-kernel[1] // stride[1])


def _pointwise(values: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    # One thread has PyTorch multiply matrices by MKL instead of oneDNN (`use_mkldnn` in aten/native/Convolution.cpp),
    # except where the kernel has gaps; one of 1x1 pixels may have them without a change.
    by_onednn = len(values) > 1 or values.numel() > _SMALL
    return F.conv2d(values, weight, bias, dilation=2 if by_onednn else 1)


def _pair(values: Any) -> Pair:
    first, second = values
    return int(first), int(second)
