"""A network's layers: all that can be dreamed with, those worth listing, and the dozen or so of its outline."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from torch import fx, nn

from zoomdream.networks.geometry import measure
from zoomdream.networks.graph import Trace, is_rectifier
from zoomdream.networks.layer import Layer
from zoomdream.networks.names import is_norm, name_rank, paper_name

_MOST_LISTED = 120
_MOST_OUTLINED = 20


@dataclass(frozen=True)
class Site:
    """Where in a network's graph a layer is."""

    layer: Layer
    node: fx.Node
    """The node that computes it."""
    listed: bool
    """Whether it is worth choosing from a list; norms and padding are not."""


def find_layers(trace: Trace, papers: dict[str, str]) -> tuple[Site, ...]:
    """All layers of a network in the order in which they run. `papers` maps module paths to the papers' names."""
    paths: dict[fx.Node, list[str]] = {}
    for path, node in trace.returned.items():
        paths.setdefault(node, []).append(path)
    sites: list[Site] = []
    geometry = measure(trace)
    outlined = _outline(trace, geometry)
    for node in trace.graph.nodes:
        if node not in paths or node not in geometry:
            continue
        ranked = sorted(paths[node], key=lambda path: name_rank(path, trace.blueprint))
        labels = [label for path in ranked if (label := paper_name(path, papers))]
        layer = Layer(
            name=ranked[0],
            label=(labels or ranked)[0],
            aliases=tuple(dict.fromkeys([*labels, *ranked[1:]])),
            **vars(geometry[node]),
            outline=node in outlined,
        )
        listed = layer.outline or _is_worth_listing(node, ranked[0], paths, trace.blueprint)
        sites.append(Site(layer, node, listed))
    return _shortened(sites)


def _shortened(sites: list[Site]) -> tuple[Site, ...]:
    """If more sites are listed than anyone reads, list only the outer levels: blocks, and not their parts."""
    depth = max(site.layer.name.count(".") for site in sites)
    while depth and sum(site.listed for site in sites) > _MOST_LISTED:
        sites = [replace(site, listed=site.listed and site.layer.name.count(".") < depth) for site in sites]
        depth -= 1
    return tuple(sites)


def _is_worth_listing(node: fx.Node, name: str, paths: dict[fx.Node, list[str]], blueprint: nn.Module) -> bool:
    """Whether a layer shows something of its own.

    A norm or padding does not, nor the convolution of a conv-norm-ReLU block: it is that block, read before its ReLU.
    """
    module = blueprint.get_submodule(name)
    if is_norm(module) or isinstance(module, nn.ZeroPad2d):
        return False
    users = list(node.users)
    if len(users) == 1 and is_rectifier(users[0], blueprint):
        return not any(name.startswith(f"{block}.") for block in paths.get(users[0], ()))
    return True


def _outline(trace: Trace, maps: Container[fx.Node]) -> frozenset[fx.Node]:
    """The nodes, among `maps`, of the network's blocks and of the convolutions outside of any block.

    No pool, norm or ReLU, and no part of a block. Where they are more than 20, the longest stages are thinned out
    evenly, and keep their last blocks.
    """
    groups = _stages("", trace.blueprint, trace, maps)
    most = max(map(len, groups))
    while sum(min(len(group), most) for group in groups) > _MOST_OUTLINED:
        most -= 1
    return frozenset(node for group in groups for node in _thinned(group, most))


def _stages(path: str, module: nn.Module, trace: Trace, maps: Container[fx.Node]) -> list[list[fx.Node]]:
    """The nodes of blocks and convolutions below a module, one list for each sequence of them."""
    here: list[fx.Node] = []
    deeper: list[list[fx.Node]] = []
    for key, child in module.named_children():
        child_path = f"{path}.{key}" if path else key
        node = trace.returned.get(child_path)
        inner = _stages(child_path, child, trace, maps) if _is_stage(child) else []
        if node is not None and node in maps and _is_block(child) and sum(map(len, inner)) < 2:
            here.append(node)
        else:
            deeper += inner
    return [here, *deeper]


def _is_stage(module: nn.Module) -> bool:
    """Whether a module only runs others one after the other, and is not a block with a name of its own."""
    if not isinstance(module, nn.Sequential) or type(module).forward is not nn.Sequential.forward:
        return False
    return type(module) is nn.Sequential or any(list(child.children()) for child in module)


def _is_block(module: nn.Module) -> bool:
    return isinstance(module, nn.Conv2d) or bool(list(module.children()))


def _thinned(group: list[fx.Node], most: int) -> list[fx.Node]:
    count = min(len(group), most)
    return [group[(index + 1) * len(group) // count - 1] for index in range(count)]
