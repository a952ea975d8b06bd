"""What a dream amplifies: a weighted mix of terms, each a number that a network gives a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch

from zoomdream.errors import UsageError
from zoomdream.image import Frame, Size
from zoomdream.networks import Network

Kind = Literal["l2", "mean"]


@dataclass(frozen=True)
class LayerTerm:
    """A whole layer.

    "l2" is half the mean square of the layer, whose gradient at the layer is the activation itself (google/deepdream).
    "mean" is the mean before the ReLU: after it, features that start below zero would get no gradient.
    """

    layer: str
    kind: Kind = "l2"

    @property
    def before_relu(self) -> bool:
        """Whether the term looks at the layer as it is before its ReLU."""
        return self.kind == "mean"

    def score(self, activation: torch.Tensor) -> torch.Tensor:
        """The number that the dream makes grow."""
        activation = activation.float()
        return activation.mean() if self.kind == "mean" else 0.5 * activation.square().mean()


@dataclass(frozen=True)
class Objective:
    """Terms and their weights on a network.

    A weight is a share of the step: the terms' gradients are brought to one strength before they are mixed (`balance`):
    on photos fire6's is 60 to 90 times conv1's, and a crossfade would be a cut. A negative weight makes a term shrink.
    """

    network: Network
    terms: tuple[tuple[LayerTerm, float], ...]

    @classmethod
    def of(cls, network: Network, mix: Mapping[str, float], kind: Kind = "l2") -> Objective:
        """From `{layer: weight}`. Raises UnknownNameError for a layer that the network does not have."""
        return cls(network, tuple((LayerTerm(network.layer(name).label, kind), w) for name, w in mix.items() if w))

    @property
    def strength(self) -> float:
        """Share of the step size that the mix uses: under 1 when its weights add up to less, so that it can fade."""
        return min(1.0, sum(abs(weight) for _, weight in self.terms))

    @cached_property
    def smallest_input(self) -> int:
        """Side in pixels of the smallest square frame on which every term exists."""
        return self.network.smallest_input([term.layer for term, _ in self.terms])

    def scores(self, frame: Frame) -> list[torch.Tensor]:
        """Each term's number for the frame, in the order of the terms."""
        activations = {
            before: self.network.activations(
                frame, [t.layer for t, _ in self.terms if t.before_relu == before], before_relu=before
            )
            for before in {t.before_relu for t, _ in self.terms}
        }
        return [term.score(activations[term.before_relu][term.layer]) for term, _ in self.terms]

    def balance(self, frame: Frame) -> list[torch.Tensor]:
        """What each term's score is multiplied by so that all gradients have a root mean square of 1 at this frame."""
        if len(self.terms) == 1:
            return [torch.ones((), device=frame.device)]
        with torch.enable_grad():
            leaf = frame.detach().requires_grad_()
            scores = self.scores(leaf)
            gradients = [torch.autograd.grad(score, leaf, retain_graph=True)[0] for score in scores]
        return [1 / gradient.square().mean().sqrt().clamp_min(1e-12) for gradient in gradients]

    def gradient(self, frame: Frame, balance: list[torch.Tensor]) -> Frame:
        """Gradient of the balanced, weighted sum with respect to the frame; 1x3xHxW."""
        with torch.enable_grad():
            leaf = frame.detach().requires_grad_()
            parts = zip(self.terms, balance, self.scores(leaf), strict=True)
            total = torch.stack([weight * scale * score for (_, weight), scale, score in parts]).sum()
            return torch.autograd.grad(total, leaf)[0].contiguous()  # it comes back in the network's channels-last

    @cached_property
    def deepest(self) -> str:
        """The layer that needs the largest frame."""
        return max((term.layer for term, _ in self.terms), key=lambda layer: self.network.smallest_input([layer]))

    def check(self, size: Size) -> None:
        """Raise UsageError when a frame of `size` (width, height) is too small for the deepest term."""
        if min(size) < self.smallest_input:
            width, height = size
            raise UsageError(
                f"layer {self.deepest} of {self.network.name} needs a frame of at least {self.smallest_input} pixels a "
                f"side and this one is {width}x{height}: choose a larger size or an earlier layer"
            )
