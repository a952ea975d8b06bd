"""What an artist can dream with: a network's layers, and their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from torch import fx, nn
from torchvision.ops.misc import Permute

from zoomdream.networks.geometry import measure
from zoomdream.networks.graph import Trace, is_rectifier
from zoomdream.networks.outline import outline

_MOST_LISTED = 120
_NORMS = (nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm, Permute)
_SILENT = (*_NORMS, nn.ZeroPad2d)


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
        ranked = sorted(paths[node], key=lambda path: _rank(path, trace.blueprint))
        labels = [label for path in ranked if (label := _paper_name(path, papers))]
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


def _rank(path: str, blueprint: nn.Module) -> tuple[int, int]:
    """Order of the names of one layer: a module before the sequence that it ends, a block before its last part."""
    module = blueprint.get_submodule(path)
    kind = 2 if isinstance(module, _NORMS) else 1 if type(module) is nn.Sequential else 0
    return kind, path.count(".")


def _is_worth_listing(node: fx.Node, name: str, paths: dict[fx.Node, list[str]], blueprint: nn.Module) -> bool:
    """Norms say little, padding nothing, and the convolution of a conv-norm-ReLU block is the block before its ReLU."""
    if isinstance(blueprint.get_submodule(name), _SILENT):
        return False
    users = list(node.users)
    if len(users) == 1 and is_rectifier(users[0], blueprint):
        return not any(name.startswith(f"{block}.") for block in paths.get(users[0], ()))
    return True


def _paper_name(path: str, papers: dict[str, str]) -> str | None:
    """`features.11.squeeze` is `fire8.squeeze`."""
    for known, label in papers.items():
        if path == known or path.startswith(f"{known}."):
            return label + path.removeprefix(known)
    return None


def paper_names(network: str, blueprint: nn.Module) -> dict[str, str]:
    """Module paths to the papers' names, as in VGG (arXiv:1409.1556), SqueezeNet (1602.07360) and AlexNet."""
    if network.startswith("vgg"):
        return dict(_by_block(blueprint.get_submodule("features")))
    if network.startswith("squeezenet"):
        return {
            **dict(_by_count(blueprint.get_submodule("features"))),
            "classifier.1": "conv10",
            "classifier.2": "relu10",
        }
    if network == "alexnet":
        return dict(_by_count(blueprint.get_submodule("features")))
    return {}


def _by_block(features: nn.Module) -> Iterator[tuple[str, str]]:
    block, index = 1, 0
    for key, module in features.named_children():
        match module:
            case nn.Conv2d():
                index += 1
                yield f"features.{key}", f"conv{block}_{index}"
            case nn.ReLU():
                yield f"features.{key}", f"relu{block}_{index}"
            case nn.MaxPool2d():
                yield f"features.{key}", f"pool{block}"
                block, index = block + 1, 0


def _by_count(features: nn.Module) -> Iterator[tuple[str, str]]:
    count = 0
    for key, module in features.named_children():
        kind = {"Conv2d": "conv", "Fire": "fire", "ReLU": "relu", "MaxPool2d": "pool"}[type(module).__name__]
        count += kind in ("conv", "fire")
        yield f"features.{key}", f"{kind}{count}"
