"""Blocks of a network with gradients of their own: convolutions, ReLUs, max pools and concatenations, frozen.

Autograd runs each operation's gradient by itself. Known as a block, a ReLU is part of the convolution before it, the
gradient of a convolution is another convolution whose sum with the gradients of the other branches costs no pass of its
own, no input is kept for the gradients of weights, and a map's gradient is overwritten where nothing else reads it.
What comes out is what autograd gives, except that float32 sums are rounded in another order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from zoomdream.networks.execution.convolutions import Pair, laid_out, zero_rows
from zoomdream.networks.execution.onednn import add_convolved, convolved, rectified


class Gradients:
    """The gradients of a block's values, by the values' numbers, while the way back runs."""

    def __init__(self) -> None:
        self._tensors: dict[int, Tensor] = {}
        self._shared: set[int] = set()

    def give(self, value: int, gradient: Tensor, *, shared: bool = False) -> None:
        """Add to a value's gradient. A tensor that something else reads is `shared`: it is never overwritten."""
        held = self._tensors.get(value)
        if held is None:
            self._tensors[value] = gradient
            if shared:
                self._shared.add(value)
        elif value in self._shared:
            self._tensors[value] = held + gradient
            self._shared.discard(value)
        else:
            held.add_(gradient)

    def take(self, value: int) -> tuple[Tensor | None, bool]:
        """A value's gradient, None where it has none, and whether it may be overwritten; it is forgotten here."""
        own = value not in self._shared
        self._shared.discard(value)
        return self._tensors.pop(value, None), own

    def own(self, value: int) -> Tensor | None:
        """A value's gradient where there is one that may be overwritten."""
        return None if value in self._shared else self._tensors.get(value)


@dataclass(frozen=True)
class Operation(ABC):
    """One operation of a block."""

    sources: tuple[int, ...]
    """The numbers of the values that it reads; the block's input is 0."""
    target: int
    """The number of the value that it gives."""

    @abstractmethod
    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The value, and what the way back needs."""

    @abstractmethod
    def backward(self, gradient: Tensor, own: bool, kept: Sequence[Tensor], gradients: Gradients) -> None:
        """Give each source its part of the value's gradient, which may be overwritten if it is this one's `own`."""


@dataclass(frozen=True)
class Convolution(Operation):
    """A convolution of stride 1 without gaps or groups, and a ReLU after it.

    Its sources are one map, or several side by side, which are never put together: each has its own part of the
    weights.
    """

    weights: tuple[Tensor, ...]
    bias: Tensor | None
    padding: Pair
    reversed: tuple[Tensor, ...]
    """Its weights as those of the convolutions that are its gradients."""
    rectified: bool
    masked: bool = True
    """Whether it applies the ReLU's mask to the gradient; False: what reads the value has done it."""

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """See `Operation`."""
        then = "relu" if self.rectified else "none"
        last = len(self.weights) - 1
        value = convolved(inputs[0], self.weights[0], self.bias, (1, 1), self.padding, "none" if last else then)
        for number in range(1, last + 1):
            add_convolved(value, inputs[number], self.weights[number], self.padding, then if number == last else "none")
        return value, (value,) if self.rectified and self.masked else ()

    def backward(self, gradient: Tensor, own: bool, kept: Sequence[Tensor], gradients: Gradients) -> None:
        """See `Operation`."""
        if kept:
            gradient = rectified(gradient, kept[0], own)
        rows, columns = self.weights[0].shape[-2:]
        padding = (rows - 1 - self.padding[0], columns - 1 - self.padding[1])
        for source, weight in zip(self.sources, self.reversed, strict=True):
            held = gradients.own(source)
            if held is None:
                gradients.give(source, convolved(gradient, weight, None, (1, 1), padding, "none"))
            else:
                add_convolved(held, gradient, weight, padding, "none")


@dataclass(frozen=True)
class FirstConvolution(Operation):
    """A picture's convolution, of any stride, and a ReLU after it."""

    weight: Tensor
    bias: Tensor | None
    stride: Pair
    padding: Pair
    phases: Tensor
    """From `phase_weights`."""
    rectified: bool
    masked: bool = True
    """As that of `Convolution`."""

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """See `Operation`."""
        then = "relu" if self.rectified else "none"
        value = convolved(inputs[0], self.weight, self.bias, self.stride, self.padding, then)
        size = inputs[0].new_empty((*inputs[0].shape[-2:], 0))  # an empty tensor: saved tensors are all autograd keeps
        return value, (size, value) if self.rectified and self.masked else (size,)

    def backward(self, gradient: Tensor, own: bool, kept: Sequence[Tensor], gradients: Gradients) -> None:
        """See `Operation`."""
        size = _pair(kept[0].shape[:2])
        extended, inner = _extended(gradient, self.weight, size, self.stride, self.padding)
        if len(kept) > 1:
            torch.ops.aten.threshold_backward.grad_input(gradient, kept[1], 0, grad_input=inner)
        else:
            inner.copy_(gradient)
        sums = convolved(extended, self.phases, None, (1, 1), (0, 0), "none")
        picture = laid_out(sums, self.weight.shape[1], size, self.stride, self.padding)
        gradients.give(self.sources[0], picture)


def _extended(gradient: Tensor, weight: Tensor, size: Pair, stride: Pair, padding: Pair) -> tuple[Tensor, Tensor]:
    """Memory for a gradient between the zeros of `zero_rows`, and its inner part, which is still to be written."""
    count, channels, *outputs = gradient.shape
    kernel = _pair(weight.shape[-2:])
    (above, below), (left, right) = zero_rows(_pair(outputs), kernel, size, stride, padding)
    shape = (count, channels, above + outputs[0] + below, left + outputs[1] + right)
    extended = torch.empty(shape, dtype=gradient.dtype, memory_format=torch.channels_last)
    rows, columns = slice(above, above + outputs[0]), slice(left, left + outputs[1])
    for border in (
        extended[:, :, :above],
        extended[:, :, rows.stop :],
        extended[..., :left],
        extended[..., columns.stop :],
    ):
        border.zero_()
    return extended, extended[:, :, rows, columns]


@dataclass(frozen=True)
class Rectifier(Operation):
    """A ReLU that is not part of a convolution."""

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """See `Operation`."""
        value = torch.relu(inputs[0])
        return value, (value,)

    def backward(self, gradient: Tensor, own: bool, kept: Sequence[Tensor], gradients: Gradients) -> None:
        """See `Operation`."""
        gradients.give(self.sources[0], rectified(gradient, kept[0], own))


@dataclass(frozen=True)
class MaxPool(Operation):
    """A max pool."""

    settings: tuple[Any, ...]
    """Kernel, stride, padding, dilation, and whether a window may begin beyond the border."""
    masks: bool = False
    """Whether it reads a ReLU whose gradient it masks: where a maximum is 0, so is its gradient. It is smaller here."""

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """See `Operation`."""
        value, indices = torch.ops.aten.max_pool2d_with_indices(inputs[0], *self.settings)
        size = inputs[0].new_empty((*inputs[0].shape[-2:], 0))
        return value, (size, indices, value) if self.masks else (size, indices)

    def backward(self, gradient: Tensor, own: bool, kept: Sequence[Tensor], gradients: Gradients) -> None:
        """See `Operation`."""
        size, indices = kept[:2]
        if self.masks:
            gradient = rectified(gradient, kept[2], own)
        shape = (*indices.shape[:2], *size.shape[:2])
        spread = torch.empty(shape, dtype=gradient.dtype, memory_format=torch.channels_last)
        torch.ops.aten.max_pool2d_with_indices_backward.grad_input(
            gradient,
            spread,
            *self.settings,
            indices,
            grad_input=spread,  # of its input only the shape is looked at
        )
        gradients.give(self.sources[0], spread)


@dataclass(frozen=True)
class Concatenation(Operation):
    """Maps side by side."""

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """See `Operation`."""
        return torch.cat(list(inputs), 1), tuple(tensor.new_empty(0, tensor.shape[1]) for tensor in inputs)

    def backward(self, gradient: Tensor, own: bool, kept: Sequence[Tensor], gradients: Gradients) -> None:
        """See `Operation`."""
        parts = torch.split(gradient, [part.shape[1] for part in kept], 1)
        for source, part in zip(self.sources, parts, strict=True):
            gradients.give(source, part, shared=True)


@dataclass(frozen=True)
class Copy(Operation):
    """A copy."""

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """See `Operation`."""
        return inputs[0].clone(), ()

    def backward(self, gradient: Tensor, own: bool, kept: Sequence[Tensor], gradients: Gradients) -> None:
        """See `Operation`."""
        gradients.give(self.sources[0], gradient, shared=not own)


class Block(nn.Module):
    """Operations from one value to one or more, differentiable once, with respect to the value alone."""

    def __init__(self, operations: Sequence[Operation], outputs: Sequence[int]) -> None:
        super().__init__()
        self.operations, self.outputs = tuple(operations), tuple(outputs)
        last = {source: operation.target for operation in operations for source in operation.sources}
        self._done = {
            operation.target: tuple(
                value for value, by in last.items() if by == operation.target and value not in outputs
            )
            for operation in operations
        }

    def forward(self, values: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The outputs; one alone is not in a tuple."""
        results: tuple[Tensor, ...] = _Block.apply(values, self)
        return results if len(results) > 1 else results[0]

    def run(self, values: Tensor) -> tuple[tuple[Tensor, ...], list[tuple[Tensor, ...]]]:
        """The outputs, and for each operation what its way back needs."""
        held, kept = {0: values}, []
        for operation in self.operations:
            held[operation.target], needed = operation.forward([held[source] for source in operation.sources])
            kept.append(needed)
            for value in self._done[operation.target]:
                del held[value]
        return tuple(held[value] for value in self.outputs), kept

    def run_back(self, of_outputs: Sequence[Tensor | None], kept: Sequence[Sequence[Tensor]]) -> Tensor | None:
        """The gradient of the block's input, from those of its outputs and what `run` kept."""
        gradients = Gradients()
        for value, gradient in zip(self.outputs, of_outputs, strict=True):
            if gradient is not None:
                gradients.give(value, gradient, shared=True)
        for operation, needed in zip(reversed(self.operations), reversed(kept), strict=True):
            gradient, own = gradients.take(operation.target)
            if gradient is not None:
                operation.backward(gradient, own, needed, gradients)
        return gradients.take(0)[0]


class _Block(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, block: Block) -> tuple[Tensor, ...]:
        results, kept = block.run(values)
        ctx.block, ctx.counts = block, [len(tensors) for tensors in kept]
        ctx.save_for_backward(*(tensor for tensors in kept for tensor in tensors))
        ctx.set_materialize_grads(False)
        return results

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *of_outputs: Tensor | None) -> tuple[Tensor | None, None]:
        saved = iter(ctx.saved_tensors)
        kept = [[next(saved) for _ in range(count)] for count in ctx.counts]
        return ctx.block.run_back(of_outputs, kept), None


def _pair(values: Sequence[int]) -> Pair:
    first, second = values
    return first, second
