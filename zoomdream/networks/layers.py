"""What an artist can dream with: a network's layers, their names, and the geometry of their maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn
from torchvision.models.swin_transformer import shifted_window_attention
from torchvision.ops.misc import Permute

from zoomdream.networks.graph import Trace, is_rectifier, module_of

# Two input sizes: how much longer a map gets between them gives its stride exactly, whatever the padding.
_SIDES = (512, 1024)
_KERNELS = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
_MOST_LISTED = 120
_NORMS = (nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm, Permute)
_SILENT = (*_NORMS, nn.ZeroPad2d)

Extent = tuple[int, int]


@dataclass(frozen=True)
class Layer:
    """A layer: one module of the network whose output is a map of features.

    `name` is the path of the module in torchvision (`features.12`); a convolution and the batch norm after it are one
    layer, whose activation is the normalised one. `label` is what the papers call it (`fire9`), or the name. `aliases`
    are all other names that mean this layer. `stride` is the distance in input pixels between neighbours in the map,
    `receptive_field` the side in input pixels of the square that one of them sees. The gates of squeeze-and-excitation,
    which see the whole picture, are not counted in it; None where attention makes it unbounded.
    """

    name: str
    label: str
    aliases: tuple[str, ...]
    channels: int
    stride: int
    receptive_field: int | None


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
    geometry = _geometry(trace)
    for node in trace.graph.nodes:
        if node not in paths or node not in geometry:
            continue
        channels, stride, field = geometry[node]
        ranked = sorted(paths[node], key=lambda path: _rank(path, trace.blueprint))
        labels = [label for path in ranked if (label := _paper_name(path, papers))]
        others = tuple(dict.fromkeys([*labels, *ranked[1:]]))
        layer = Layer(ranked[0], (labels or ranked)[0], others, channels, stride, field)
        sites.append(Site(layer, node, _is_worth_listing(node, ranked[0], paths, trace.blueprint)))
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


def _geometry(trace: Trace) -> dict[fx.Node, tuple[int, int, int | None]]:
    """Channels, stride and receptive field of every node that is a map and grows with the input."""
    small, large = (_shapes(trace, side) for side in _SIDES)
    maps = [node for node, shape in small.items() if len(shape) == 4]
    rows = {node: 1 if node in trace.nhwc else 2 for node in maps}
    growth = {node: large[node][rows[node]] - small[node][rows[node]] for node in maps}
    strides = {node: (_SIDES[1] - _SIDES[0]) // growth[node] if growth[node] > 0 else None for node in maps}
    fields = _receptive_fields(trace, strides)
    return {
        node: (small[node][3 if node in trace.nhwc else 1], stride, _side(fields[node]))
        for node, stride in strides.items()
        if stride is not None
    }


class _ShapeRecorder(fx.Interpreter):
    """Runs the graph on the meta device, where tensors have shapes and no content."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace.blueprint, graph=trace.graph)
        self.shapes: dict[fx.Node, tuple[int, ...]] = {}

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        if isinstance(result, Tensor):
            self.shapes[n] = tuple(result.shape)
        return result


def _shapes(trace: Trace, side: int) -> dict[fx.Node, tuple[int, ...]]:
    recorder = _ShapeRecorder(trace)
    recorder.run(torch.empty(1, 3, side, side, device="meta"))
    return recorder.shapes


def _receptive_fields(trace: Trace, strides: dict[fx.Node, int | None]) -> dict[fx.Node, Extent | None]:
    """Height and width of what a node sees; None: everything. Maps of a fixed size (stride None) do not count.

    A kernel of k adds (k - 1) * dilation * the stride of its input; where branches meet, the largest counts (Araujo et
    al. 2019, distill.pub/2019/computing-receptive-fields).
    """
    fields: dict[fx.Node, Extent | None] = {}
    for node in trace.graph.nodes:
        sources = [source for source in node.all_input_nodes if source in fields]
        seen = [extent for source in sources if (extent := fields[source]) is not None]
        if node.op == "placeholder":
            fields[node] = (1, 1)
        elif not sources or strides.get(node, 1) is None:
            continue
        elif node.target is shifted_window_attention or len(seen) < len(sources):
            fields[node] = None
        else:
            step = strides.get(sources[0]) or 0
            height, width = _kernel(node, trace.blueprint)
            fields[node] = (max(h for h, _ in seen) + (height - 1) * step, max(w for _, w in seen) + (width - 1) * step)
    return fields


def _kernel(node: fx.Node, modules: nn.Module) -> Extent:
    """Height and width that a node's window spans, dilation included; 1x1 for everything that works pixel by pixel."""
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
