"""A pretrained network that gives a frame's activations and class scores, and runs no deeper than these."""

from __future__ import annotations

import bisect
import copy
import hashlib
import math
from collections.abc import Iterable
from functools import cached_property

import torch
from torch import Tensor, fx, nn

from zoomdream.errors import UnknownNameError, UsageError, nearest
from zoomdream.networks import graph
from zoomdream.networks.architectures.trunks import Trunk
from zoomdream.networks.descriptions import Preprocessing
from zoomdream.networks.execution import blocks
from zoomdream.networks.execution.peak_memory import gradient_bytes, most_tensor_bytes, peak_tensor_bytes, process_bytes
from zoomdream.networks.layer import LOGITS, Layer, Tap, unknown_prefix
from zoomdream.networks.layers import Site, find_layers
from zoomdream.networks.map_shapes import TooSmallError, UnknownOperationError, output_shapes
from zoomdream.networks.names import paper_names
from zoomdream.networks.registry import no_classes

_LARGEST_SMALLEST_INPUT = 1024
_MEASURED_PIXELS = 30_000  # of a frame on which memory is measured: a gradient of it takes 20 ms
_MOST_SHAPES = 1024  # results of `Network.shapes` that are kept: each frame size, tile size and choice of taps has one

_Taps = tuple[Tap, ...]
_Step = tuple[_Taps, tuple[int, int]]  # and the frame's (width, height)


class Network:
    """A network with frozen weights in eval mode, and its own preprocessing. Make one with `load_network`.

    `all_layers` are all modules whose output is a map of features, and `layer()` finds any of them by its name;
    `layers` are those worth choosing from. `categories` names the classes in the order of the logits; it is empty when
    they are not ImageNet's.
    """

    def __init__(
        self,
        name: str,
        trace: graph.Trace,
        modules: nn.Module,
        *,
        preprocessing: Preprocessing,
        categories: tuple[str, ...],
        layers: tuple[Layer, ...] | None = None,
        device: torch.device | str,
        dtype: torch.dtype,
    ) -> None:
        """`layers` are those worth choosing from, where they are known; None: they are measured when asked for."""
        self.name = name
        self.device = torch.device(device)
        self.dtype = dtype
        self.categories = categories
        # Almost twice as fast as the default order on a CPU, and what tensor cores want; MPS has no use for it.
        self._memory_format = torch.contiguous_format if self.device.type == "mps" else torch.channels_last
        self._trace = trace
        self._described = layers
        self._modules = modules
        self._mean = torch.tensor(preprocessing.mean, device=device).view(1, 3, 1, 1)
        self._std = torch.tensor(preprocessing.std, device=device).view(1, 3, 1, 1)
        self._cut_blueprints: dict[_Taps, fx.GraphModule] = {}
        self._subgraphs: dict[_Taps, fx.GraphModule] = {}
        self._in_blocks: dict[_Taps, fx.GraphModule] = {}
        self._reversed: dict[str, Tensor] = {}
        self._smallest: dict[tuple[str, ...], int] = {}
        self._shapes: dict[_Step, list[tuple[int, ...]]] = {}
        self._step_bytes: dict[_Step, int] = {}

    @cached_property
    def all_layers(self) -> tuple[Layer, ...]:
        """Every module whose output is a map of features, in the order in which they run."""
        return tuple(site.layer for site in self._sites)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers worth choosing from, in the order in which they run."""
        return self._described or tuple(site.layer for site in self._sites if site.listed)

    @property
    def outline(self) -> tuple[Layer, ...]:
        """The dozen or so layers that show the whole network: each block once, shallow to deep."""
        return tuple(layer for layer in self.layers if layer.outline)

    def layer(self, name: str) -> Layer:
        """The layer with this name, module path or paper's name. Raises UnknownNameError with the nearest names."""
        return self._site(name).layer

    def owner(self, name: str) -> tuple[Network, str]:
        """The network that a layer or a class is of, by its prefix, and its name there, which need not exist."""
        return self, name.removeprefix(f"{self.name}/")

    def map_of(self, name: str) -> Layer:
        """The layer with this name; of `LOGITS` the last one, whose map the class scores are computed from."""
        return self.layers[-1] if self.owner(name)[1] == LOGITS else self.layer(name)

    def smallest_input(self, names: Iterable[str]) -> int:
        """Side of the smallest square frame on which the network runs and each of these layers has a pixel.

        Raises UnknownNameError.
        """
        names = tuple(names)
        if names not in self._smallest:
            taps = tuple(Tap(name) for name in names)
            self._smallest[names] = _smallest_input(self._cut_blueprint(taps))
        return self._smallest[names]

    def shapes(self, taps: Iterable[str | Tap], size: tuple[int, int]) -> list[tuple[int, ...]]:
        """The shapes of what `activations` gives for one frame of `size` (width, height), without running it."""
        key = tuple(Tap.of(tap) for tap in taps), size
        if key not in self._shapes:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.pop(next(iter(self._shapes)))
            self._shapes[key] = _output_shapes(self._cut_blueprint(key[0]), size)
        return list(self._shapes[key])

    def step_bytes(self, taps: Iterable[str | Tap], size: tuple[int, int]) -> int:
        """About the most memory in bytes that one gradient takes on a frame of `size` (width, height).

        The gradient is that of these taps' mean squares with respect to the frame; the weights are not counted.
        """
        key = tuple(Tap.of(tap) for tap in taps), size
        if key not in self._step_bytes:
            part = copy.deepcopy(self._cut_blueprint(key[0])).to(self.dtype)  # the blueprint is in float32, and shared
            self._step_bytes[key] = gradient_bytes(lambda frame: part(self._normalized(frame)), size)
        return self._step_bytes[key]

    def step_fits(self, taps: Iterable[str | Tap], size: tuple[int, int], budget: float) -> bool:
        """Whether `step_bytes` is no more than `budget`, which mostly shows without a count."""
        read = tuple(Tap.of(tap) for tap in taps)
        try:
            most = process_bytes(most_tensor_bytes(self._cut_blueprint(read), size))
        except (TooSmallError, UnknownOperationError):
            most = None
        return (most is not None and most <= budget) or self.step_bytes(read, size) <= budget

    def measured_step_bytes(self, taps: Iterable[str | Tap], size: tuple[int, int]) -> int:
        """`step_bytes`, within a few percent, from a gradient that is computed on a small frame of the same shape.

        It is `step_bytes` itself on other devices than the CPU, and with a matrix, which does not grow with the frame.
        """
        read = tuple(Tap.of(tap) for tap in taps)
        subgraph = self.subgraph(read)  # its weights are placed now, and not while memory is counted
        if self.device.type != "cpu" or any(isinstance(module, nn.Linear) for module in subgraph.modules()):
            return self.step_bytes(read, size)
        part = _scaled_down(size, self.smallest_input(tap.layer for tap in read))
        measured = peak_tensor_bytes(lambda frame: subgraph(self._normalized(frame)), part, self.device)
        return process_bytes(measured * size[0] * size[1] / (part[0] * part[1]))

    @cached_property
    def weights_digest(self) -> str:
        """A sha256 in hexadecimal of all weights as they are used: batch norms folded, in the network's dtype."""
        digest = hashlib.sha256()
        for name, tensor in self._modules.state_dict().items():
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().to(self.dtype).contiguous().view(-1).view(torch.uint8).numpy().data)
        return digest.hexdigest()

    @cached_property
    def classes(self) -> int:
        """The number of class scores; 0 where it has no classifier."""
        if isinstance(self._trace.blueprint, Trunk):
            return 0
        side = self.smallest_input([LOGITS])
        return self.shapes([LOGITS], (side, side))[0][-1]

    @cached_property
    def averages_classes(self) -> bool:
        """Whether a frame's class scores are the mean of its parts', as they are after one average and one matrix."""
        return graph.averages_classes(self._trace)

    def activations(
        self, frame: Tensor, names: Iterable[str | Tap], *, before_relu: bool = False
    ) -> dict[str | Tap, Tensor]:
        """The named layers' maps for a frame, each Nxchannelsxhxw in the network's dtype; differentiable.

        `frame` is Nx3xHxW float32 RGB in [0, 1] on the network's device. `LOGITS` among the names gives the class
        scores, Nxclasses. With `before_relu` a layer that ends in a ReLU (or its kin SiLU, GELU, hardswish), in a
        concatenation of some, or in averages of one, is given as it is before; all others as they are. A `Tap` says so
        for one layer alone. Nothing deeper than the deepest layer named is run. The frame's gradient, which can be
        taken once, comes back in the contiguous or the channels-last order of memory.

        Raises UnknownNameError, and UsageError for a frame that is too small.
        """
        names = tuple(dict.fromkeys(names))
        taps = tuple(Tap.of(name, before_relu) for name in names)
        height, width = frame.shape[-2:]
        smallest = self.smallest_input(tap.layer for tap in taps)
        if min(height, width) < smallest:
            raise UsageError(
                f"{', '.join(tap.layer for tap in taps)} of {self.name} needs a frame of at least {smallest} pixels "
                f"a side, and this one is {width}x{height}"
            )
        values = self._differentiable(taps) if torch.is_grad_enabled() and frame.requires_grad else self.subgraph(taps)
        return dict(zip(names, values(self._normalized(frame)), strict=True))

    def place_weights(self, names: Iterable[str | Tap]) -> None:
        """Move the weights that these layers need to the device now, and not when they first run.

        Raises UnknownNameError.
        """
        self.subgraph(names)

    def subgraph(self, names: Iterable[str | Tap]) -> fx.GraphModule:
        """The part of the network that these layers need: a module from a normalised frame to a tuple of their values.

        Its weights are on the network's device; a blueprint's is the meta device, where tensors have shapes and no
        content. Raises UnknownNameError.
        """
        taps = tuple(Tap.of(name) for name in names)
        if taps not in self._subgraphs:
            self._subgraphs[taps] = self._placed(self._cut(taps, self._modules))
        return self._subgraphs[taps]

    def _differentiable(self, taps: _Taps) -> fx.GraphModule:
        """The same part in blocks whose gradients are faster, where there are such."""
        if not blocks.usable(self.device, self.dtype):
            return self.subgraph(taps)
        if taps not in self._in_blocks:
            self._in_blocks[taps] = blocks.joined(self.subgraph(taps), self._reversed)
        return self._in_blocks[taps]

    def logits(self, frame: Tensor) -> Tensor:
        """The class scores before the softmax, Nxclasses, for a frame Nx3xHxW in [0, 1]; differentiable."""
        return self.activations(frame, [LOGITS])[LOGITS]

    def _normalized(self, frame: Tensor) -> Tensor:
        mean, std = self._mean.to(frame.device), self._std.to(frame.device)  # a draft's frame is on the meta device
        if frame.is_contiguous() or not frame.is_contiguous(memory_format=torch.channels_last):
            return ((frame - mean) / std).to(self.dtype, memory_format=self._memory_format)
        # A picture's rows as vectors: on a CPU PyTorch takes ten times as long for three numbers at a time.
        count, channels, height, width = frame.shape
        rows = frame.permute(0, 2, 3, 1).reshape(count, height, width * channels)
        rows = (rows - mean.flatten().repeat(width)) / std.flatten().repeat(width)
        normalized = rows.view(count, height, width, channels).permute(0, 3, 1, 2)
        return normalized.to(self.dtype, memory_format=self._memory_format)

    def _cut_blueprint(self, taps: _Taps) -> fx.GraphModule:
        """The same part without weights, on the meta device."""
        if taps not in self._cut_blueprints:
            self._cut_blueprints[taps] = self._cut(taps, self._trace.blueprint)
        return self._cut_blueprints[taps]

    def _cut(self, taps: _Taps, modules: nn.Module) -> fx.GraphModule:
        nodes = [self._logits if tap.layer == LOGITS else self._site(tap.layer).node for tap in taps]
        return graph.cut(self._trace, modules, [(node, tap.before_relu) for node, tap in zip(nodes, taps, strict=True)])

    @property
    def _logits(self) -> fx.Node:
        if isinstance(self._trace.blueprint, Trunk):
            raise UnknownNameError(no_classes(self.name))
        return self._trace.logits

    def _placed(self, module: fx.GraphModule) -> fx.GraphModule:
        """On the device. Modules move when a subgraph needs them: VGG's classifier (0.5 GB) is seldom wanted."""
        return module.to(self.device, self.dtype).to(memory_format=self._memory_format)

    @cached_property
    def _sites(self) -> tuple[Site, ...]:
        return find_layers(self._trace, paper_names(self.name, self._trace.blueprint))

    @cached_property
    def _listed(self) -> dict[str, Site]:
        """The layers that are known without a measurement, which takes a second, by all their names."""
        layers = [(layer, self._trace.returned[layer.name]) for layer in self._described or ()]
        return {name: Site(layer, node, listed=True) for layer, node in layers for name in (layer.name, *layer.aliases)}

    @cached_property
    def _by_name(self) -> dict[str, Site]:
        return {name: site for site in self._sites for name in (site.layer.name, *site.layer.aliases)}

    def _site(self, name: str) -> Site:
        name = self.owner(name)[1]
        if name in self._listed:
            return self._listed[name]
        if name in self._by_name:
            return self._by_name[name]
        if name in self._trace.returned:
            raise UnknownNameError(
                f"{name} of {self.name} is no map of features: its size does not follow the picture's; "
                f"the last layer whose size does is {self.layers[-1].label}"
            )
        if "/" in name:
            raise UnknownNameError(unknown_prefix(name, [self.name]))
        outline = [layer.label for layer in self.outline]  # first: `nearest` lists the first names where none is near
        listed = [known for layer in self.layers for known in (layer.label, layer.name)]
        near = nearest(name, [*outline, *listed, *self._by_name])
        raise UnknownNameError(f"{self.name} has no layer {name!r}{near}", kind="layer", network=self.name)


def _output_shapes(on_meta: fx.GraphModule, size: tuple[int, int]) -> list[tuple[int, ...]]:
    """The shapes of what a part of the network gives. Raises TooSmallError and RuntimeError where it does not run."""
    try:
        return output_shapes(on_meta, size)
    except UnknownOperationError:
        frame = torch.empty(1, 3, size[1], size[0], device="meta")
        return [tuple(output.shape) for output in on_meta(frame)]


def _scaled_down(size: tuple[int, int], least: int) -> tuple[int, int]:
    """A frame's (width, height), made smaller where it is large, but no side smaller than `least`."""
    scale = min(1.0, math.sqrt(_MEASURED_PIXELS / (size[0] * size[1])))
    return max(least, round(size[0] * scale)), max(least, round(size[1] * scale))


def _smallest_input(on_meta: fx.GraphModule) -> int:
    def runs(side: int) -> bool:
        try:
            shapes = _output_shapes(on_meta, (side, side))
        # What torch raises for a map smaller than a kernel or empty; the operations themselves are known to work.
        except (TooSmallError, RuntimeError):
            return False
        return all(map(math.prod, shapes))

    return 1 + bisect.bisect_left(range(1, _LARGEST_SMALLEST_INPUT), True, key=runs)
