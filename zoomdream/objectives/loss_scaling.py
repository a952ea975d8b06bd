"""Gradients with respect to a picture, also where the network's numbers are float16, which has none under 6e-8.

The gradient of a mean over a map is as small as the map is large, and would become 0 in float16. So it is computed in
float32 as far as the map, scaled to a largest value of 1 there, taken through the network, and scaled back in float32.
The scale is a number on the device: nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch

from zoomdream.networks import Tap

Values = Mapping[Tap, torch.Tensor]
"""What a network gave at some places, in its number format."""


def picture_gradients(
    values: Values, totals_of: Callable[[Values], Sequence[torch.Tensor | None]], picture: torch.Tensor
) -> list[torch.Tensor | None]:
    """The gradient of each total with respect to the picture that `values` were computed from; None for no total.

    Args:
        values: differentiable with respect to `picture`.
        totals_of: from values, perhaps in another number format, to scalars.
        picture: a float32 leaf.
    """
    if all(value.dtype != torch.float16 for value in values.values()):
        totals = totals_of(values)
        return [
            None if total is None else torch.autograd.grad(total, picture, retain_graph=k < len(totals) - 1)[0]
            for k, total in enumerate(totals)
        ]
    exact = {tap: value.detach().float().requires_grad_() for tap, value in values.items()}
    return [None if total is None else _scaled_gradient(total, values, exact, picture) for total in totals_of(exact)]


def _scaled_gradient(total: torch.Tensor, values: Values, exact: Values, picture: torch.Tensor) -> torch.Tensor:
    of_maps = torch.autograd.grad(total, list(exact.values()), retain_graph=True, materialize_grads=True)
    scale = torch.stack([gradient.abs().max() for gradient in of_maps]).max().clamp_min(1e-30).reciprocal()
    scaled = [(gradient * scale).half() for gradient in of_maps]
    (gradient,) = torch.autograd.grad(list(values.values()), picture, scaled, retain_graph=True)
    return gradient / scale
