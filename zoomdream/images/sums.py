"""Sums over whole tensors whose bits do not depend on the number of threads.

`Tensor.sum()` and `mean()` give each thread a part and add up the parts, so that two threads round differently from
one; an ascent multiplies any rounding by about 20 a step. A sum along one dimension is different: PyTorch gives each
thread some of the results, and computes each result in one order.
"""

from __future__ import annotations

import torch

_SERIAL = 16384  # values that one thread adds up; PyTorch divides from 32768 on


def total(values: torch.Tensor) -> torch.Tensor:
    """The sum of all values, a scalar; differentiable. One dimension after the other, the innermost in memory first."""
    while values.dim() > 1:
        # Not into one result: that would be divided among threads. Dimensions of 1 are only taken away.
        dims = [dim for dim in range(values.dim()) if values.shape[dim] > 1] or [0]
        values = values.flatten() if len(dims) == 1 else values.sum(min(dims, key=values.stride))
    if values.numel() <= _SERIAL:
        return values.sum()
    return total(torch.stack([part.sum() for part in torch.split(values, _SERIAL)]))


def mean(values: torch.Tensor) -> torch.Tensor:
    """The mean of all values, a scalar; differentiable."""
    return total(values) / values.numel()


def standard_deviation(values: torch.Tensor) -> torch.Tensor:
    """The standard deviation of all values (with Bessel's correction, as `Tensor.std`), a scalar."""
    return (total((values - mean(values)).square()) / (values.numel() - 1)).sqrt()
