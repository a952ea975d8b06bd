"""A network's layers: what an artist can dream with, and the dozen or so that show the whole network."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from torch import fx, nn

from zoomdream.networks.geometry import measure
from zoomdream.networks.graph import Trace, is_rectifier
from zoomdream.networks.names import NORMS, name_rank, paper_name

_MOST_LISTED = 120
_SILENT = (*NORMS, nn.ZeroPad2d)


@dataclass(frozen=True)
class Layer:
    """A layer: one module of the network whose output is a map of features.

    `name` is the path of the module in torchvision (`features.12`); a convolution and the batch norm after it are one
    layer, whose activation is the normalised one. `label` is what the papers call it (`fire9`), or the name. `aliases`
    are all other names that mean this layer. `stride` is the distance in input pixels between neighbours in the map,
    `receptive_field` the side in input pixels of the square that one of them sees; None where attention makes it
    unbounded. The gates of squeeze-and-excitation, which see the whole picture, are not counted in it: `gated` says
    whether there are any on the way. `cost` is the arithmetic that a gradient step up to here takes for each pixel of
    the frame, in units of the embedded network's default layer (SqueezeNet 1.1 up to fire8: 1); what is bound by
    memory, as depthwise kernels are, takes longer. `outline` marks the dozen or so that show the whole network: each
    block once, shallow to deep.
    """

    name: str
    label: str
    aliases: tuple[str, ...]
    channels: int
    stride: int
    receptive_field: int | None
    gated: bool
    cost: float
    outline: bool


@dataclass(frozen=True)
class Site:
    """A layer, the node of the graph that computes it, and whether a list of layers is better for showing it."""

    layer: Layer
    node: fx.Node
    listed: bool


def find_layers(trace: Trace, papers: dict[str, str]) -> tuple[Site, ...]:
    """All layers of a network in the order in which they run. `papers` maps module paths to the papers' names."""
    paths: dict[fx.Node, list[str]] = {}
    for path, node in trace.returned.items():
        paths.setdefault(node, []).append(path)
    sites: list[Site] = []
    geometry = measure(trace)
    outlined = outline(trace, geometry)
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
    """A list that is too long to read keeps the outer levels: blocks, not what they are made of."""
    depth = max(site.layer.name.count(".") for site in sites)
    while depth and sum(site.listed for site in sites) > _MOST_LISTED:
        sites = [replace(site, listed=site.listed and site.layer.name.count(".") < depth) for site in sites]
        depth -= 1
    return tuple(sites)


def _is_worth_listing(node: fx.Node, name: str, paths: dict[fx.Node, list[str]], blueprint: nn.Module) -> bool:
    """Norms say little, padding nothing, and the convolution of a conv-norm-ReLU block is the block before its ReLU."""
    if isinstance(blueprint.get_submodule(name), _SILENT):
        return False
    users = list(node.users)
    if len(users) == 1 and is_rectifier(users[0], blueprint):
        return not any(name.startswith(f"{block}.") for block in paths.get(users[0], ()))
    return True


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
