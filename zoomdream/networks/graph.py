"""A network as a graph of operations: traced once, simplified, and cut at the deepest layer asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from zoomdream.networks.architectures.torchvision_parts import is_stochastic_depth

_RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.SiLU, nn.Hardswish, nn.GELU)
_FLATTENING = (torch.flatten, "flatten")
_TO_NHWC = (0, 2, 3, 1)
_TO_NCHW = (0, 3, 1, 2)


@dataclass(frozen=True)
class Trace:
    """A network's operations in the order in which they run."""

    graph: fx.Graph
    blueprint: nn.Module
    """The modules that the graph calls, on the meta device."""
    returned: dict[str, fx.Node]
    """For the path of every module, leaf or container, the node of what its last call returns."""
    folded: tuple[tuple[str, str], ...]
    """Pairs of paths: a convolution, and the batch norm that is multiplied into its kernel."""
    nhwc: frozenset[fx.Node]
    """The nodes whose values have their channels last."""

    @property
    def logits(self) -> fx.Node:
        """The node of the class scores, before any softmax."""
        (node,) = self.graph.output_node().args
        assert isinstance(node, fx.Node)
        return node


class _Tracer(fx.Tracer):
    """An fx tracer that also records what each module returns."""

    def __init__(self) -> None:
        super().__init__()
        self.returned: dict[str, fx.Node] = {}

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return _is_identity(m) or super().is_leaf_module(m, module_qualified_name)

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        result = super().call_module(m, forward, args, kwargs)
        if isinstance(result, fx.Proxy):
            self.returned[self.path_of_module(m)] = result.node
        return result


def trace(blueprint: nn.Module) -> Trace:
    """Trace a network in eval mode: without operations that do nothing, its batch norms listed to be folded."""
    tracer = _Tracer()
    graph = tracer.trace(blueprint)
    stands_for: dict[fx.Node, fx.Node] = {}
    folded = []
    for node in list(graph.nodes):
        module = module_of(node, blueprint)
        if not isinstance(module, nn.BatchNorm2d) and not _is_identity(module):
            continue
        source = node.args[0]
        if isinstance(module, nn.BatchNorm2d):
            if not (isinstance(module_of(source, blueprint), nn.Conv2d) and len(source.users) == 1):
                continue
            folded.append((str(source.target), str(node.target)))
        node.replace_all_uses_with(source)
        graph.erase_node(node)
        stands_for[node] = source
    returned = {
        path: _last(node, stands_for)
        for path, node in tracer.returned.items()
        if not _is_identity(blueprint.get_submodule(path))
    }
    return Trace(graph, blueprint, returned, tuple(folded), _channels_last_nodes(graph))


def _is_identity(module: nn.Module | None) -> bool:
    """Whether a module does nothing in eval mode."""
    return isinstance(module, nn.Dropout | nn.Identity) or is_stochastic_depth(module)


def _last(node: fx.Node, stands_for: Mapping[fx.Node, fx.Node]) -> fx.Node:
    while node in stands_for:
        node = stands_for[node]
    return node


def averages_classes(network: Trace) -> bool:
    """Whether the class scores are linear in the mean of the last map: one matrix after the average."""
    node, matrices = network.logits, 0
    while isinstance(module_of(node, network.blueprint), (nn.Linear, nn.Flatten)) or node.target in _FLATTENING:
        matrices += isinstance(module_of(node, network.blueprint), nn.Linear)
        node = node.all_input_nodes[0]
    module = module_of(node, network.blueprint)
    if isinstance(module, nn.AdaptiveAvgPool2d):
        is_mean = module.output_size in (1, (1, 1))
    else:
        is_mean = node.target == "mean" or (node.target is F.adaptive_avg_pool2d and node.args[1] in (1, (1, 1)))
    return is_mean and matrices <= 1


def module_of(node: Any, modules: nn.Module) -> nn.Module | None:
    """The module that a node calls, if it calls one."""
    return modules.get_submodule(str(node.target)) if isinstance(node, fx.Node) and node.op == "call_module" else None


def _channels_last_nodes(graph: fx.Graph) -> frozenset[fx.Node]:
    """ConvNeXt and Swin permute their maps to N, H, W, C, work on them, and ConvNeXt permutes them back."""
    nhwc = set()
    for node in graph.nodes:
        order = tuple(node.args[1]) if node.target is torch.permute else None
        inherits = any(source in nhwc for source in node.all_input_nodes)
        if order == _TO_NHWC or (inherits and order != _TO_NCHW):
            nhwc.add(node)
    return frozenset(nhwc)


def fold(model: nn.Module, pairs: tuple[tuple[str, str], ...]) -> None:
    """Multiply batch norms into the kernels before them, in place: in eval mode they only scale and shift a channel."""
    for conv_path, norm_path in pairs:
        conv, norm = model.get_submodule(conv_path), model.get_submodule(norm_path)
        assert isinstance(conv, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        conv.weight, conv.bias = fuse_conv_bn_weights(
            conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
        )


def cut(source: Trace, modules: nn.Module, taps: Sequence[tuple[fx.Node, bool]]) -> fx.GraphModule:
    """A module from a normalised frame to a tuple of values, one for each tap, that runs only what these depend on.

    A tap is a node, and whether to take its value before the ReLU. `modules` is the network that runs: the blueprint
    itself, or one with weights. Maps come out as N, C, H, W.
    """
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    graph.graph_copy(source.graph, copies)
    outputs = []
    for node, before_relu in taps:
        value = _before_relu(graph, copies[node], modules) if before_relu else _kept(graph, copies[node])
        outputs.append(graph.call_method("permute", (value, *_TO_NCHW)) if node in source.nhwc else value)
    graph.output(tuple(outputs))
    # In eval mode nothing but the input and the output has an effect of its own.
    graph.eliminate_dead_code(lambda node: node.op in ("placeholder", "output"))
    _drop_needless_copies(graph)
    return fx.GraphModule(modules, graph)


def _kept(graph: fx.Graph, node: fx.Node) -> fx.Node:
    """A copy of the node's value, which an in-place ReLU further on would overwrite."""
    with graph.inserting_after(node):
        return graph.call_method("clone", (node,))


def _drop_needless_copies(graph: fx.Graph) -> None:
    """Remove the copies of values that nothing else reads, and so nothing overwrites."""
    for node in graph.nodes:
        if node.target == "clone" and len(node.args[0].users) == 1:
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)


def _before_relu(graph: fx.Graph, node: fx.Node, modules: nn.Module) -> fx.Node:
    """The value before the ReLU that ends a layer, also where a concatenation of ReLUs ends it (Fire, Inception)."""
    if node.target is torch.cat:
        parts: Any = node.args[0]
        if any(is_rectifier(part, modules) for part in parts):
            before = [_before_relu(graph, part, modules) for part in parts]
            with graph.inserting_after(node):
                return graph.call_function(torch.cat, (before, *node.args[1:]), dict(node.kwargs))
    if is_rectifier(node, modules):
        source = node.args[0]
        assert isinstance(source, fx.Node)
        return _kept(graph, source)
    if _only_averages(node, modules) and (source := _averaged_rectifier(node, modules)) is not None:
        with graph.inserting_after(node):
            return graph.node_copy(node, lambda argument: _before_relu(graph, argument, modules))
    return _kept(graph, node)


def _averaged_rectifier(node: fx.Node, modules: nn.Module) -> fx.Node | None:
    """The ReLU whose output a node averages or flattens, with nothing else between, as in SqueezeNet's class scores.

    After that ReLU a class whose map is negative everywhere has no gradient.
    """
    while _only_averages(node, modules):
        (node,) = node.all_input_nodes
    return node if is_rectifier(node, modules) else None


def _only_averages(node: fx.Node, modules: nn.Module) -> bool:
    return node.target is torch.flatten or isinstance(module_of(node, modules), nn.AdaptiveAvgPool2d | nn.Flatten)


def is_rectifier(node: fx.Node, modules: nn.Module) -> bool:
    """Whether a node is a ReLU or one of its kin."""
    return node.target is F.relu or isinstance(module_of(node, modules), _RECTIFIERS)
