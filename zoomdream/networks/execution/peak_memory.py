"""The memory that a gradient takes: exact on the meta device, where tensors have sizes and no content; or a bound."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from zoomdream.networks.map_shapes import UnknownOperationError, map_shapes

# What a process holds beyond its tensors, as measured on Linux: glibc keeps free blocks under 32 MiB that nothing fits
# into, from nothing (VGG) to 0.4 of the tensors (Swin, ConvNeXt, MobileNetV3). Kernels' workspace is small beside it.
_SLACK = 1.35
_WORKSPACE = 32 * 2**20


def gradient_bytes(
    forward: Callable[[Tensor], Iterable[Tensor]], size: tuple[int, int], device: torch.device | str = "meta"
) -> int:
    """The memory in bytes that a process takes for one gradient of layers' mean squares with respect to a frame.

    The arguments are `peak_tensor_bytes`'s. The estimate is too large rather than too small, by less than a
    factor of two.
    """
    return process_bytes(peak_tensor_bytes(forward, size, device))


def process_bytes(tensors: float) -> int:
    """The memory in bytes that a process takes for a gradient whose tensors hold so many at one time."""
    return round(_SLACK * tensors) + _WORKSPACE


def most_tensor_bytes(network: fx.GraphModule, size: tuple[int, int]) -> int:
    """A bound, by arithmetic, of what `peak_tensor_bytes` gives for a network cut at its outputs, in float32.

    At no time is there more than every map, and the gradient of every map for each of its readers, and their sums.
    Raises what `map_shapes` does, also where there is a matrix: its numbers count, and are no map's.
    """
    numbers = {node: math.prod(shape) for node, shape in map_shapes(network, size).items()}
    count = 8 * 3 * size[0] * size[1]  # the frame, normalised, and its gradient
    for node, own in numbers.items():
        module = network.get_submodule(str(node.target)) if node.op == "call_module" else None
        if isinstance(module, nn.Linear):
            raise UnknownOperationError("Linear")
        count += own * (3 if isinstance(module, nn.MaxPool2d) else 1)  # it keeps the place of each maximum, in 8 bytes
        count += 2 * sum(numbers[source] for source in node.all_input_nodes)
    count += 6 * sum(numbers[node] for node in network.graph.output_node().all_input_nodes)  # squares and their means
    return 4 * count


def peak_tensor_bytes(
    forward: Callable[[Tensor], Iterable[Tensor]], size: tuple[int, int], device: torch.device | str = "meta"
) -> int:
    """The most bytes that the tensors of such a gradient hold at one time, for a frame of `size` (width, height).

    `forward` gives the layers' maps for a frame on the device, 1x3xHxW float32. The meta device computes nothing, but
    loads PyTorch's compiler, which takes seconds; on the CPU the gradient of a gray frame is computed.
    """
    width, height = size
    frame = torch.full((1, 3, height, width), 0.5, device=device, requires_grad=True)
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

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No, which spares the import of PyTorch's compiler: nothing is compiled here that could compile this."""
        return False

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
