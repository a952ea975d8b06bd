"""Channels, strides, receptive fields and cost of a network's maps, found on the meta device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from zoomdream.networks.architectures.torchvision_parts import is_window_attention
from zoomdream.networks.graph import Trace, module_of

if TYPE_CHECKING:
    from torch.utils.flop_counter import FlopCounterMode

# Sides of two inputs: a map's growth from one to the other gives its stride exactly, whatever the padding.
_SIDES = (512, 1024)
_KERNELS = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
# Floating-point operations of SqueezeNet 1.1 up to fire8 for one frame of 512x512, forward. A gradient step takes twice
# as many: the way back to the image multiplies each kernel once more.
_UNIT = 2_507_732_352

Extent = tuple[int, int]


@dataclass(frozen=True)
class Geometry:
    """The geometry of a map of features."""

    channels: int
    stride: int
    """Distance between neighbours, in pixels of the input."""
    receptive_field: int | None
    """Side in pixels of the input of the square that one place depends on; None: all of the input."""
    gated: bool
    """Whether an average of the whole input multiplies it, as in squeeze-and-excitation."""
    cost: float
    """The arithmetic up to it; that of SqueezeNet 1.1 up to fire8 is 1."""


def measure(trace: Trace) -> dict[fx.Node, Geometry]:
    """The geometry of every node that is a map and grows with the input."""
    small, large = (_record(trace, side) for side in _SIDES)
    maps = [node for node, shape in small.shapes.items() if len(shape) == 4]
    rows = {node: 1 if node in trace.nhwc else 2 for node in maps}
    growth = {node: large.shapes[node][rows[node]] - small.shapes[node][rows[node]] for node in maps}
    strides = {node: (_SIDES[1] - _SIDES[0]) // growth[node] if growth[node] > 0 else None for node in maps}
    fields = _receptive_fields(trace, strides)
    gated = _gated(trace, strides)
    operations = _operations_up_to(small.operations)
    return {
        node: Geometry(
            small.shapes[node][3 if node in trace.nhwc else 1],
            stride,
            _side(fields[node]),
            node in gated,
            round(operations[node] / _UNIT, 4),
        )
        for node, stride in strides.items()
        if stride is not None
    }


class _Recorder(fx.Interpreter):
    """Runs the graph on the meta device, where tensors have shapes and no content."""

    def __init__(self, trace: Trace, counter: FlopCounterMode) -> None:
        super().__init__(trace.blueprint, graph=trace.graph)
        self.shapes: dict[fx.Node, tuple[int, ...]] = {}
        self.operations: dict[fx.Node, int] = {}
        self._counter = counter

    def run_node(self, n: fx.Node) -> Any:
        before = self._counter.get_total_flops()
        result = super().run_node(n)
        self.operations[n] = self._counter.get_total_flops() - before
        if isinstance(result, Tensor):
            self.shapes[n] = tuple(result.shape)
        return result


def _record(trace: Trace, side: int) -> _Recorder:
    from torch.utils.flop_counter import FlopCounterMode  # loads PyTorch's compiler, which described networks need not

    with FlopCounterMode(display=False) as counter:
        recorder = _Recorder(trace, counter)
        recorder.run(torch.empty(1, 3, side, side, device="meta"))
    return recorder


def _operations_up_to(operations: dict[fx.Node, int]) -> dict[fx.Node, int]:
    """The operations of each node and of all nodes that it depends on, which are those that a graph cut there runs."""
    needs: dict[fx.Node, set[fx.Node]] = {}
    for node, own in operations.items():
        needs[node] = set[fx.Node]().union(*(needs[source] for source in node.all_input_nodes))
        if own:
            needs[node].add(node)
    return {node: sum(operations[needed] for needed in nodes) for node, nodes in needs.items()}


def _receptive_fields(trace: Trace, strides: dict[fx.Node, int | None]) -> dict[fx.Node, Extent | None]:
    """Height and width of each node's receptive field; None: all of the input. Maps of a fixed size are left out.

    A kernel of k adds (k - 1) * dilation * the stride of its input; where branches meet, the largest counts (Araujo et
    al. 2019, distill.pub/2019/computing-receptive-fields).
    """
    fields: dict[fx.Node, Extent | None] = {}
    for node in trace.graph.nodes:
        sources = [source for source in node.all_input_nodes if source in fields]
        bounded = [extent for source in sources if (extent := fields[source]) is not None]
        if node.op == "placeholder":
            fields[node] = (1, 1)
        elif not sources or strides.get(node, 1) is None:
            continue
        elif is_window_attention(node.target) or len(bounded) < len(sources):
            fields[node] = None
        else:
            step = strides.get(sources[0]) or 0
            height, width = _kernel(node, trace.blueprint)
            fields[node] = (
                max(h for h, _ in bounded) + (height - 1) * step,
                max(w for _, w in bounded) + (width - 1) * step,
            )
    return fields


def _gated(trace: Trace, strides: dict[fx.Node, int | None]) -> set[fx.Node]:
    """Maps that depend on a summary of the whole picture: on a map of a fixed size, while they grow with the input."""
    of_picture, summaries, gated = set[fx.Node](), set[fx.Node](), set[fx.Node]()
    for node in trace.graph.nodes:
        sources = set(node.all_input_nodes)
        if node.op == "placeholder" or sources & of_picture:
            of_picture.add(node)
        if sources & gated or (sources & summaries and strides.get(node)):
            gated.add(node)
        elif sources & summaries or (sources & of_picture and strides.get(node, 1) is None):
            summaries.add(node)
    return gated


def _kernel(node: fx.Node, modules: nn.Module) -> Extent:
    """Height and width of a node's kernel, dilation included; 1x1 for everything that works pixel by pixel."""
    module = module_of(node, modules)
    if isinstance(module, _KERNELS):
        size, dilation = _pair(module.kernel_size), _pair(getattr(module, "dilation", 1))
    elif node.target in (F.max_pool2d, F.avg_pool2d):
        size, dilation = _pair(node.kwargs["kernel_size"] if "kernel_size" in node.kwargs else node.args[1]), (1, 1)
    else:
        return 1, 1
    return (size[0] - 1) * dilation[0] + 1, (size[1] - 1) * dilation[1] + 1


def _side(extent: Extent | None) -> int | None:
    return None if extent is None else max(extent)


def _pair(value: Any) -> Extent:
    return (value, value) if isinstance(value, int) else (value[0], value[1])
