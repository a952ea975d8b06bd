"""The memory that a gradient takes, found on the meta device, where tensors have sizes and no content."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

# What a process holds beyond its tensors, as measured on Linux: glibc keeps free blocks under 32 MiB that nothing fits
# into, from nothing (VGG) to 0.4 of the tensors (Swin, ConvNeXt, MobileNetV3). Kernels' workspace is small beside it.
_SLACK = 1.35
_WORKSPACE = 32 * 2**20


def gradient_bytes(forward: Callable[[Tensor], Iterable[Tensor]], size: tuple[int, int]) -> int:
    """The memory in bytes that a process takes for one gradient of layers' mean squares with respect to a frame.

    `forward` and `size` are `peak_tensor_bytes`'s. The estimate is too large rather than too small, by less than a
    factor of two.
    """
    return round(_SLACK * peak_tensor_bytes(forward, size)) + _WORKSPACE


def peak_tensor_bytes(forward: Callable[[Tensor], Iterable[Tensor]], size: tuple[int, int]) -> int:
    """The most bytes that the tensors of such a gradient hold at one time, for a frame of `size` (width, height).

    `forward` gives the layers' maps for a frame on the meta device, 1x3xHxW float32.
    """
    width, height = size
    frame = torch.empty(1, 3, height, width, device="meta", requires_grad=True)
    live = _LiveBytes()
    with torch.enable_grad(), live:
        score = torch.stack([activation.float().square().mean() for activation in forward(frame)]).sum()
        torch.autograd.grad(score, frame)
    return live.peak


class _LiveBytes(TorchDispatchMode):
    """Counts the bytes of what operations return until it is freed; `peak` is the most at any time."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak = 0
        self._sizes: dict[int, int] = {}

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self._count(leaf.untyped_storage())
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        """Each storage once, however many tensors are views of it."""
        key = storage._cdata
        if key not in self._sizes:
            self._sizes[key] = storage.nbytes()
            weakref.finalize(storage, self._sizes.pop, key).atexit = False
            self.peak = max(self.peak, sum(self._sizes.values()))
