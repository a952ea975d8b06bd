"""The dozen or so layers that show a whole network: each of its blocks once, shallow to deep."""

from __future__ import annotations

from collections.abc import Container

from torch import fx, nn

from zoomdream.networks.graph import Trace

_MOST = 20


def outline(trace: Trace, maps: Container[fx.Node]) -> frozenset[fx.Node]:
    """The nodes, among those that are `maps`, of the network's blocks and of the convolutions outside of any block.

    No pool, no norm, no ReLU, and nothing of what a block is made of. Where that would be more than 20, the longest
    stages are thinned out evenly, their last blocks kept.
    """
    groups = _stages("", trace.blueprint, trace, maps)
    most = max(map(len, groups))
    while sum(min(len(group), most) for group in groups) > _MOST:
        most -= 1
    return frozenset(node for group in groups for node in _thinned(group, most))


def _stages(path: str, module: nn.Module, trace: Trace, maps: Container[fx.Node]) -> list[list[fx.Node]]:
    """Blocks and convolutions, those of one sequence together."""
    here: list[fx.Node] = []
    deeper: list[list[fx.Node]] = []
    for key, child in module.named_children():
        child_path = f"{path}.{key}" if path else key
        node = trace.returned.get(child_path)
        inner = _stages(child_path, child, trace, maps) if _is_stage(child) else []
        if node is not None and node in maps and _is_shown(child) and sum(map(len, inner)) < 2:
            here.append(node)
        else:
            deeper += inner
    return [here, *deeper]


def _is_stage(module: nn.Module) -> bool:
    """Whether a module is there to run others one after the other, and not a block with a name of its own."""
    if not isinstance(module, nn.Sequential) or type(module).forward is not nn.Sequential.forward:
        return False
    return type(module) is nn.Sequential or any(list(child.children()) for child in module)


def _is_shown(module: nn.Module) -> bool:
    return isinstance(module, nn.Conv2d) or bool(list(module.children()))


def _thinned(group: list[fx.Node], most: int) -> list[fx.Node]:
    count = min(len(group), most)
    return [group[(index + 1) * len(group) // count - 1] for index in range(count)]
