"""Which operations of a cut network become a block with a gradient of its own."""

from __future__ import annotations

import operator
import platform
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from zoomdream.networks.execution import convolutions, onednn
from zoomdream.networks.execution.block_gradients import (
    Block,
    Concatenation,
    Convolution,
    Copy,
    FirstConvolution,
    MaxPool,
    Operation,
    Rectifier,
)
from zoomdream.networks.execution.convolutions import FIRST_CHANNELS, Pair, PointwiseConvolution
from zoomdream.networks.graph import module_of

_CONVOLUTIONS = (nn.Conv2d, PointwiseConvolution, convolutions.FirstConvolution)
_X86 = ("x86_64", "AMD64", "x86")


def usable(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether blocks run here: in float32 on a CPU for which PyTorch has oneDNN's own convolutions."""
    # On ARM oneDNN calls another library, whose sums were not compared on several numbers of threads.
    on_x86 = device.type == "cpu" and platform.machine() in _X86
    return on_x86 and dtype == torch.float32 and onednn.available()


def joined(module: fx.GraphModule, reversed_weights: MutableMapping[str, Tensor]) -> fx.GraphModule:
    """The same network, from a normalised frame to a tuple of values, with its operations in blocks where they can be.

    A block ends where one value is all that is still needed, so that autograd frees what it kept, block by block.
    `reversed_weights` are those of the gradients, by the path of the convolution; what is missing is added.
    """
    graph = fx.Graph()
    graph.output(graph.graph_copy(module.graph, {}))
    root = nn.Module()
    root.network = module
    for node in graph.nodes:
        if node.op in ("call_module", "get_attr"):
            node.target = f"network.{node.target}"
    _pool_before_concatenating(graph, root)
    for index, group in enumerate(list(_groups(graph, root))):
        block = _block(group, root, reversed_weights)
        if block is not None:
            root.add_module(f"block{index}", block)
            _replace(graph, group, f"block{index}")
    return fx.GraphModule(root, graph)


def _pool_before_concatenating(graph: fx.Graph, root: nn.Module) -> None:
    """Pool the parts of a concatenation that only a pool reads: what is put together then is smaller."""
    for pool in list(graph.nodes):
        (*sources,) = pool.all_input_nodes
        if not isinstance(module_of(pool, root), nn.MaxPool2d) or not (parts := _parts(sources[0])):
            continue
        with graph.inserting_before(pool):
            pooled = [graph.call_module(str(pool.target), (part,)) for part in parts]
            joined = graph.call_function(torch.cat, (pooled, 1))
        pool.replace_all_uses_with(joined)
        graph.erase_node(pool)
        graph.erase_node(sources[0])


def _parts(node: fx.Node) -> list[fx.Node]:
    """The maps that a node puts side by side for one reader; none where it does something else."""
    if node.target is not torch.cat or node.args[1:] not in ((), (1,)) or node.kwargs not in ({}, {"dim": 1}):
        return []
    parts = list(node.args[0])  # type: ignore[arg-type]
    return parts if len(node.users) == 1 and len(set(parts)) == len(parts) else []


def _groups(graph: fx.Graph, root: nn.Module) -> Iterator[list[fx.Node]]:
    """Runs of nodes after each of which one value, at most, is still read by other nodes."""
    nodes = [node for node in graph.nodes if node.op not in ("placeholder", "output")]
    place = {node: index for index, node in enumerate(nodes)}
    last = {node: max((place[user] for user in node.users if user in place), default=-1) for node in nodes}
    group: list[fx.Node] = []
    for index, node in enumerate(nodes):
        group.append(node)
        live = [other for other in nodes[: index + 1] if last[other] > index]
        if len(live) > 1 or any(_waits(value, root) for value in live):
            continue
        yield group
        group = []
    if group:
        yield group


def _waits(value: fx.Node, root: nn.Module) -> bool:
    """Whether what reads a value is better in the same block: a ReLU, the only reader of several parts, a pool."""
    module = module_of(value, root)
    if isinstance(module, _CONVOLUTIONS) and any(_is_relu(user, root) for user in value.users):
        return True
    if any(isinstance(module_of(user, root), nn.MaxPool2d) for user in value.users):
        return True
    return bool(_parts(value)) and any(isinstance(module_of(user, root), _CONVOLUTIONS) for user in value.users)


def _block(group: Sequence[fx.Node], root: nn.Module, reversed_weights: MutableMapping[str, Tensor]) -> Block | None:
    """A block for these nodes; None where one of them is no operation that a block has."""
    inputs = {source for node in group for source in node.all_input_nodes} - set(group)
    if len(inputs) != 1 or not any(isinstance(module_of(node, root), _CONVOLUTIONS) for node in group):
        return None
    numbers = {inputs.pop(): 0}
    operations: list[Operation] = []
    for node in group:
        if node in numbers or _parts_for_convolution(node, group, root):
            continue  # a ReLU that became part of the convolution before it, or maps that stay apart
        relu = _relu_after(node, root)
        numbers[node] = len(numbers)
        operation = _operation(node, group, root, numbers, relu is not None, reversed_weights)
        if operation is None:
            return None
        if relu is not None:
            numbers[relu] = numbers[node]
        operations.append(operation)
    outputs = list(dict.fromkeys(numbers[node] for node in _read_outside(group)))
    return Block(_masked_by_pools(operations, outputs), outputs)


def _parts_for_convolution(node: fx.Node, group: Sequence[fx.Node], root: nn.Module) -> list[fx.Node]:
    """The maps that are put side by side for one convolution of the same block, which reads them as well apart."""
    parts = _parts(node)
    if not parts or None in [_channels(part, root) for part in parts]:
        return []
    (user,) = node.users
    conv = module_of(user, root)
    return parts if user in group and isinstance(conv, _CONVOLUTIONS) and _geometry(conv)[0] == (1, 1) else []


def _channels(node: fx.Node, root: nn.Module) -> int | None:
    """How many channels a map has, where the graph says it."""
    module = module_of(node, root)
    if isinstance(module, _CONVOLUTIONS):
        assert isinstance(module.weight, Tensor)
        return len(module.weight)
    if _is_relu(node, root) or isinstance(module, nn.MaxPool2d):
        return _channels(node.all_input_nodes[0], root)
    return None


def _masked_by_pools(operations: Sequence[Operation], outputs: Sequence[int]) -> list[Operation]:
    """Leave the masks of the ReLUs that only pools read to these: their maps are smaller."""
    readers: dict[int, list[Operation]] = {}
    for operation in operations:
        for source in operation.sources:
            readers.setdefault(source, []).append(operation)
    left = {
        operation.target
        for operation in operations
        if isinstance(operation, Convolution | FirstConvolution)
        and operation.rectified
        and operation.target not in outputs
        and all(isinstance(reader, MaxPool) for reader in readers[operation.target])
    }
    return [
        replace(operation, masks=True)
        if isinstance(operation, MaxPool) and operation.sources[0] in left
        else replace(operation, masked=False)
        if isinstance(operation, Convolution | FirstConvolution) and operation.target in left
        else operation
        for operation in operations
    ]


def _read_outside(group: Sequence[fx.Node]) -> list[fx.Node]:
    return [node for node in group if set(node.users) - set(group)]


def _is_relu(node: fx.Node, root: nn.Module) -> bool:
    return node.target is F.relu or isinstance(module_of(node, root), nn.ReLU)


def _relu_after(node: fx.Node, root: nn.Module) -> fx.Node | None:
    """The ReLU that alone reads a convolution."""
    if isinstance(module_of(node, root), _CONVOLUTIONS) and len(node.users) == 1:
        (user,) = node.users
        return user if _is_relu(user, root) else None
    return None


def _operation(
    node: fx.Node,
    group: Sequence[fx.Node],
    root: nn.Module,
    numbers: Mapping[fx.Node, int],
    rectified: bool,
    reversed_weights: MutableMapping[str, Tensor],
) -> Operation | None:
    module = module_of(node, root)
    target = numbers[node]
    parts = _parts_for_convolution(node.all_input_nodes[0], group, root) if isinstance(module, _CONVOLUTIONS) else []
    sources = tuple(numbers[source] for source in parts or node.all_input_nodes)
    if isinstance(module, _CONVOLUTIONS):
        widths = [width for part in parts if (width := _channels(part, root)) is not None]
        return _convolution(str(node.target), module, sources, widths, target, rectified, reversed_weights)
    if _is_relu(node, root):
        return Rectifier(sources, target)
    if isinstance(module, nn.MaxPool2d):
        settings = (module.kernel_size, module.stride, module.padding, module.dilation)
        return MaxPool(sources, target, (*map(_both, settings), module.ceil_mode))
    if node.target is torch.cat and node.args[1:] in ((), (1,)) and node.kwargs in ({}, {"dim": 1}):
        return Concatenation(sources, target)
    if node.op == "call_method" and node.target == "clone":
        return Copy(sources, target)
    return None


def _convolution(
    path: str,
    conv: nn.Module,
    sources: tuple[int, ...],
    widths: Sequence[int],
    target: int,
    rectified: bool,
    reversed_weights: MutableMapping[str, Tensor],
) -> Operation | None:
    """`widths` are the channels of the maps that it reads side by side; none for a single one."""
    weight, bias = conv.weight, conv.bias
    assert isinstance(weight, Tensor)
    assert bias is None or isinstance(bias, Tensor)
    stride, padding, plain = _geometry(conv)
    kernel: Pair = (weight.shape[-2], weight.shape[-1])
    if not plain or any(pad >= side for pad, side in zip(padding, kernel, strict=True)):
        return None
    is_first = weight.shape[1] == FIRST_CHANNELS
    if stride != (1, 1) and not is_first:
        return None
    weight = weight.detach()
    if is_first:
        if path not in reversed_weights:
            reversed_weights[path] = convolutions.phase_weights(weight, stride)
        return FirstConvolution(sources, target, weight, bias, stride, padding, reversed_weights[path], rectified)
    weights = [weight]
    if widths:
        weights = [part.contiguous(memory_format=torch.channels_last) for part in weight.split(list(widths), 1)]
    for number, part in enumerate(weights):
        key = f"{path}:{number}:{len(weights)}"
        if key not in reversed_weights:
            flipped = part.flip(2, 3).transpose(0, 1)
            reversed_weights[key] = flipped.contiguous(memory_format=torch.channels_last)
    back = tuple(reversed_weights[f"{path}:{number}:{len(weights)}"] for number in range(len(weights)))
    return Convolution(sources, target, tuple(weights), bias, padding, back, rectified)


def _geometry(conv: nn.Module) -> tuple[Pair, Pair, bool]:
    """Stride and padding of a convolution, and whether it has no other settings."""
    if isinstance(conv, PointwiseConvolution):
        return (1, 1), (0, 0), True
    if isinstance(conv, convolutions.FirstConvolution):
        return conv.stride, conv.padding, True
    assert isinstance(conv, nn.Conv2d)
    if (
        isinstance(conv.padding, str)
        or conv.padding_mode != "zeros"
        or conv.groups != 1
        or _both(conv.dilation) != (1, 1)
    ):
        return (1, 1), (0, 0), False
    return _both(conv.stride), _both(conv.padding), True


def _both(value: object) -> Pair:
    if isinstance(value, int):
        return value, value
    assert isinstance(value, tuple)
    return int(value[0]), int(value[1])


def _replace(graph: fx.Graph, group: Sequence[fx.Node], path: str) -> None:
    """Put a block in the place of these nodes."""
    (source,) = {source for node in group for source in node.all_input_nodes} - set(group)
    outside = _read_outside(group)
    with graph.inserting_after(group[-1]):
        call = graph.call_module(path, (source,))
    after = call
    for index, node in enumerate(outside):
        value = call
        if len(outside) > 1:
            with graph.inserting_after(after):
                value = after = graph.call_function(operator.getitem, (call, index))
        node.replace_all_uses_with(value, delete_user_cb=lambda user: user not in group)
    for node in reversed(group):
        graph.erase_node(node)
