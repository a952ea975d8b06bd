"""Several networks that dream one film: each layer belongs to one of them, and all look at the same frame."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from torch import Tensor, fx

from zoomdream.errors import UnknownNameError, UsageError
from zoomdream.networks.layer import Layer, Tap, prefix_of, unknown_prefix
from zoomdream.networks.network import Network

JOINED = "+"
"""What stands between the names of several networks, in the name that they have together."""


class SeveralNetworks(Network):
    """Networks as one: `mobilenet_v2/features.11` is a layer of the network of that name, `fire8` one of the first's.

    Each scales the frame as it expects it. What is asked for of several at once is computed by each in turn, so that
    a step takes the time of all that it reads, and their memory. Classes without a prefix are the first network's.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        """Two or more, of different names, on one device and in one number format. Raises UsageError."""
        if len({network.name for network in networks}) < len(networks):
            raise UsageError(f"{' and '.join(network.name for network in networks)}: name each network once")
        first = networks[0]
        self.name = JOINED.join(network.name for network in networks)
        self.device = first.device
        self.dtype = first.dtype
        self.categories = first.categories
        self.networks: Mapping[str, Network] = {network.name: network for network in networks}
        """By their names, the first one first."""

    @property
    def first(self) -> Network:
        """The one whose layers need no prefix."""
        return next(iter(self.networks.values()))

    def owner(self, name: str) -> tuple[Network, str]:
        """See `Network.owner`."""
        prefix, own = prefix_of(name)
        return (self.networks[prefix], own) if prefix in self.networks else (self.first, name)

    def layer(self, name: str) -> Layer:
        """See `Network.layer`."""
        return self._prefixed(*self._asked(name))

    def map_of(self, name: str) -> Layer:
        """See `Network.map_of`."""
        owner, own = self.owner(name)
        return self._renamed(owner, owner.map_of(own))

    @cached_property
    def all_layers(self) -> tuple[Layer, ...]:
        """See `Network`: one network's after the other's."""
        return tuple(self._renamed(network, each) for network in self.networks.values() for each in network.all_layers)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """See `Network`: one network's after the other's."""
        return tuple(self._renamed(network, each) for network in self.networks.values() for each in network.layers)

    def smallest_input(self, names: Iterable[str]) -> int:
        """See `Network.smallest_input`."""
        parts = self._parts(Tap(name) for name in names)
        return max(network.smallest_input(tap.layer for tap in taps.values()) for network, taps in parts)

    def shapes(self, taps: Iterable[str | Tap], size: tuple[int, int]) -> list[tuple[int, ...]]:
        """See `Network.shapes`."""
        asked = [Tap.of(tap) for tap in taps]
        shapes: dict[Tap, tuple[int, ...]] = {}
        for network, own in self._parts(asked):
            shapes.update(zip(own, network.shapes(own.values(), size), strict=True))
        return [shapes[tap] for tap in asked]

    def step_bytes(self, taps: Iterable[str | Tap], size: tuple[int, int]) -> int:
        """See `Network.step_bytes`: the maps of all are there at once."""
        return sum(network.step_bytes(own.values(), size) for network, own in self._parts(taps))

    def step_fits(self, taps: Iterable[str | Tap], size: tuple[int, int], budget: float) -> bool:
        """See `Network.step_fits`."""
        parts = self._parts(taps)
        if len(parts) == 1:
            return parts[0][0].step_fits(parts[0][1].values(), size, budget)
        return sum(network.step_bytes(own.values(), size) for network, own in parts) <= budget

    def measured_step_bytes(self, taps: Iterable[str | Tap], size: tuple[int, int]) -> int:
        """See `Network.measured_step_bytes`."""
        return sum(network.measured_step_bytes(own.values(), size) for network, own in self._parts(taps))

    @cached_property
    def weights_digest(self) -> str:
        """A sha256 in hexadecimal of the names and of all weights."""
        lines = [f"{network.name} {network.weights_digest}" for network in self.networks.values()]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def classes(self) -> int:
        """The number of the first network's class scores."""
        return self.first.classes

    @cached_property
    def averages_classes(self) -> bool:
        """See `Network.averages_classes`: of all that have classes."""
        return all(network.averages_classes for network in self.networks.values() if network.classes)

    def activations(
        self, frame: Tensor, names: Iterable[str | Tap], *, before_relu: bool = False
    ) -> dict[str | Tap, Tensor]:
        """See `Network.activations`."""
        names = tuple(dict.fromkeys(names))
        taps = {name: Tap.of(name, before_relu) for name in names}
        values: dict[Tap, Tensor] = {}
        for network, own in self._parts(taps.values()):
            found = network.activations(frame, own.values())
            values.update({tap: found[place] for tap, place in own.items()})
        return {name: values[tap] for name, tap in taps.items()}

    def place_weights(self, names: Iterable[str | Tap]) -> None:
        """See `Network.place_weights`."""
        for network, own in self._parts(names):
            network.place_weights(own.values())

    def subgraph(self, names: Iterable[str | Tap]) -> fx.GraphModule:
        """See `Network.subgraph`, of which there is one where all these layers are of one network.

        Raises UsageError where they are not.
        """
        parts = self._parts(names)
        if len(parts) > 1:
            raise UsageError(
                f"{' and '.join(network.name for network, _ in parts)} have no graph of operations together"
            )
        return parts[0][0].subgraph(parts[0][1].values())

    def logits(self, frame: Tensor) -> Tensor:
        """The first network's class scores: see `Network.logits`."""
        return self.first.logits(frame)

    def _parts(self, taps: Iterable[str | Tap]) -> list[tuple[Network, dict[Tap, Tap]]]:
        """Those networks that are read, and for each tap there the same under the network's own name of its layer."""
        parts: dict[str, dict[Tap, Tap]] = {}
        for tap in map(Tap.of, taps):
            owner, own = self._asked(tap.layer)
            parts.setdefault(owner.name, {})[tap] = Tap(own, tap.before_relu)
        return [(network, parts[name]) for name, network in self.networks.items() if name in parts]

    def _asked(self, name: str) -> tuple[Network, str]:
        """`owner`. Raises UnknownNameError for a prefix that is no network's."""
        prefix, _ = prefix_of(name)
        if prefix and prefix not in self.networks:
            raise UnknownNameError(unknown_prefix(name, list(self.networks)))
        return self.owner(name)

    def _prefixed(self, owner: Network, own: str) -> Layer:
        return self._renamed(owner, owner.layer(own))

    def _renamed(self, owner: Network, layer: Layer) -> Layer:
        """A layer of one of the networks, by the names that it has among all."""
        if owner is self.first:
            return layer
        aliases = tuple(f"{owner.name}/{alias}" for alias in layer.aliases)
        return replace(layer, name=f"{owner.name}/{layer.name}", label=f"{owner.name}/{layer.label}", aliases=aliases)
