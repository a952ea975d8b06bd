"""oneDNN's convolutions with what follows them, by PyTorch's own operators of its compiler, and the ReLU's gradient.

They give the same bits on any number of threads for convolutions of stride 1.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from zoomdream.networks.execution.convolutions import Pair

_ONE = [1, 1]
_SIDE = 8  # of the picture on which the operators are tried


@cache
def available() -> bool:
    """Whether this PyTorch has the operators, with the arguments that are given here: they are no public interface."""
    if not torch.backends.mkldnn.is_available():
        return False
    values, weight = torch.ones(1, 1, _SIDE, _SIDE), torch.ones(1, 1, 1, 1)
    try:
        total = convolved(values, weight, None, (1, 1), (0, 0), "relu")
        add_convolved(total, values, weight, (0, 0), "relu")
        add_convolved(total, values, weight, (0, 0), "none")
    except (AttributeError, RuntimeError, TypeError):  # no operator of that name, or one with other arguments
        return False
    return bool(total.eq(3).all())


def convolved(values: Tensor, weight: Tensor, bias: Tensor | None, stride: Pair, padding: Pair, then: str) -> Tensor:
    """A convolution; `then` is what becomes of each sum, "relu" or "none"."""
    result: Tensor = torch.ops.mkldnn._convolution_pointwise(
        values, weight, bias, list(padding), list(stride), _ONE, 1, then, [], ""
    )
    return result


def add_convolved(total: Tensor, values: Tensor, weight: Tensor, padding: Pair, then: str) -> None:
    """Add a convolution of stride 1 to `total`, in place; `then` is what becomes of each sum, "relu" or "none"."""
    following = None if then == "none" else then
    torch.ops.mkldnn._convolution_pointwise_.binary(
        total, values, weight, None, list(padding), _ONE, _ONE, 1, "add", 1.0, following, [], ""
    )


def rectified(gradient: Tensor, value: Tensor, own: bool) -> Tensor:
    """The gradient before a ReLU that gave `value`, in the same memory if that is one's `own`."""
    if own:
        torch.ops.aten.threshold_backward.grad_input(gradient, value, 0, grad_input=gradient)
        return gradient
    result: Tensor = torch.ops.aten.threshold_backward(gradient, value, 0)
    return result
