"""What a dream amplifies: a weighted mix of terms on a network."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch

from zoomdream.errors import SettingError, UsageError
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.images.sums import mean, total
from zoomdream.networks import Network, Tap, is_logits
from zoomdream.objectives.gradient_graphs import GradientGraphs
from zoomdream.objectives.gradients import Group, Shift, frame_gradients, taps_of, window_scores
from zoomdream.objectives.masks import DARKEST, AnyMask, Mask
from zoomdream.objectives.resolver import resolve
from zoomdream.objectives.specs.spec import CANCELLED, LayerScore, Spec
from zoomdream.objectives.terms import Term, Window
from zoomdream.objectives.tiling import Tiling

Mix = Mapping[str, float] | Mapping[Spec, float] | Mapping[str | Spec, float]
"""What `Objective.of` takes: weights of objectives, which are specs or short forms."""

# A mix whose gradient is weaker than this share of its terms' cancels: bfloat16 leaves so much of two that are equal.
_CANCELLED = 0.01
_LARGEST = torch.finfo(torch.float32).max  # a weight is converted to float32 when it meets its gradient


@dataclass(frozen=True)
class Objective:
    """Terms and their weights on a network.

    A weight is a share of the step: the terms' gradients are brought to one strength before they are mixed (`balance`).
    Without that a crossfade would look like a cut: on photos, fire6's gradient is 60 to 90 times as strong as conv1's.
    A negative weight makes a term's score fall. Where only some terms may move a pixel, only their weights count there
    (`share`).
    With a `tiling`, a frame's gradient is put together from the gradients of its tiles. `graphs` record gradients.
    """

    network: Network
    terms: tuple[tuple[Term, float], ...]
    tiling: Tiling | None = None
    graphs: GradientGraphs | None = None

    @classmethod
    def of(cls, network: Network, mix: Mix, layer_score: LayerScore = "l2") -> Objective:
        """From `{objective: weight}`, objectives as specs or in their short form.

        `layer_score` is what a layer's score is where its spec does not say it. Raises what `resolve` does, and
        SettingError when the weights of one objective cancel.
        """
        return cls.mixed(network, [(resolve(network, key, layer_score), weight) for key, weight in mix.items()])

    @classmethod
    def mixed(
        cls,
        network: Network,
        terms: Iterable[tuple[Term, float]],
        tiling: Tiling | None = None,
        graphs: GradientGraphs | None = None,
    ) -> Objective:
        """From terms and weights. The same objective under two names counts once, with the sum of its weights.

        Terms with a weight of 0 are left out. Raises SettingError when the weights of one objective add up to 0, and
        for a weight that is NaN, infinite or too large for float32.
        """
        weighted: dict[Spec, tuple[Term, list[float]]] = {}
        for term, weight in terms:
            if weight:
                weighted.setdefault(term.spec, (term, []))[1].append(float(weight))
        for term, weights in weighted.values():
            if not abs(sum(weights)) <= _LARGEST:  # NaN is not, either
                raise SettingError(
                    f"the weight of {term.spec} is {sum(weights):g}: it must be a number that float32 holds, and 1 is "
                    f"the usual one"
                )
            if abs(sum(weights)) < CANCELLED * max(map(abs, weights)):
                listed = " and ".join(f"{weight:g}" for weight in weights)
                raise SettingError(
                    f"the weights of {term.spec} are {listed} and cancel to nothing: leave one of them out"
                )
        return cls(network, tuple((term, sum(weights)) for term, weights in weighted.values()), tiling, graphs)

    @cached_property
    def smallest_input(self) -> int:
        """Side in pixels of the smallest square frame on which every term exists."""
        return self.network.smallest_input([tap.layer for tap in self.taps])

    @cached_property
    def taps(self) -> tuple[Tap, ...]:
        """Where the network is read."""
        return taps_of([term for term, _ in self.terms])

    @cached_property
    def deepest(self) -> str:
        """The layer that needs the largest frame."""
        return max((tap.layer for tap in self.taps), key=lambda layer: self.network.smallest_input([layer]))

    @property
    def deepest_name(self) -> str:
        """How a message names the deepest layer: `layer fire8`, or `the classifier`."""
        return "the classifier" if is_logits(self.deepest) else f"layer {self.deepest}"

    def check(self, size: Size) -> None:
        """Raise UsageError when a frame of `size` (width, height) is too small, SettingError when a mask hides it."""
        if min(size) < self.smallest_input:
            width, height = size
            raise UsageError(
                f"{self.deepest_name} of {self.network.name} needs a frame of at least {self.smallest_input} pixels a "
                f"side and this one is {width}x{height}: choose a larger size or an earlier layer"
            )
        for term, _ in self.terms:
            if isinstance(term.mask, Mask) and term.mask.at(size, size).max() < DARKEST:
                raise SettingError(
                    f"mask {term.spec.mask} is black wherever a frame of {size[0]}x{size[1]} shows it: it is cropped "
                    f"to the frame's shape, so paint white further inside"
                )

    def scores(self, frame: Frame) -> list[torch.Tensor]:
        """Each term's score of the frame, a float32 scalar, in the order of the terms."""
        terms = [term for term, _ in self.terms]
        scores = window_scores(self.network, terms, frame, Window.whole(size_of(frame)))
        return [score for score in scores if score is not None]  # the whole frame holds every term

    def balance(self, frame: Frame, full: Size | None = None) -> list[torch.Tensor]:
        """The factor of each term's score with which its gradient at this frame has a root mean square of 1.

        The mean is over the region in which the term may move the frame. The factor of a term without a gradient here
        is 0. `full` is the size of the finished frame, which masks are cropped for; the frame's own by default.
        """
        if len(self.terms) == 1:
            return [torch.ones((), device=frame.device)]
        return self._balance_of(self._separate_gradients(frame), full or size_of(frame))

    def _balance_of(self, gradients: Sequence[Frame], full: Size, shift: Shift = (0, 0)) -> list[torch.Tensor]:
        """`balance` from the terms' separate gradients at a frame that is shifted by `shift`."""
        size, device = size_of(gradients[0]), gradients[0].device
        regions = [term.region(full, size, device) for term, _ in self.terms]
        rolled = [None if region is None else torch.roll(region, shift, (2, 3)) for region in regions]
        strengths = [_strength(*pair) for pair in zip(gradients, rolled, strict=True)]
        return [torch.where(strength > 0, 1 / strength, 0.0) for strength in strengths]

    def gradient(
        self,
        frame: Frame,
        balance: Sequence[torch.Tensor],
        *,
        full: Size | None = None,
        shift: Shift = (0, 0),
        offset: Shift = (0, 0),
    ) -> Frame:
        """Gradient of the balanced, weighted sum with respect to the frame; 1x3xHxW.

        Args:
            frame: at an octave's size, shifted by `shift` (down, right) pixels, wrapping around.
            balance: from `balance`.
            full: size of the finished frame, which masks are cropped for; the frame's own by default.
            shift: masks and neurons are shifted alike.
            offset: moves the grid of tiles.
        """
        masks = list(dict.fromkeys(term.mask for term, _ in self.terms))
        groups = [
            [(index, weight * balance[index]) for index, (term, weight) in enumerate(self.terms) if term.mask is mask]
            for mask in masks
        ]
        gradients = self._gradients(frame, groups, shift, offset)
        return _sum_of_masked(gradients, masks, full or size_of(frame), shift)

    def balanced_gradient(
        self,
        frame: Frame,
        balance: Sequence[torch.Tensor | None],
        *,
        full: Size | None = None,
        shift: Shift = (0, 0),
        offset: Shift = (0, 0),
    ) -> tuple[Frame, list[torch.Tensor]]:
        """`gradient` and `balance` from one pass: the factors that are None are measured at this very frame.

        A pass forward serves both, so it costs a pass backward for each term instead of two whole gradients.
        """
        gradients = self._gradients(frame, [[(index, 1.0)] for index in range(len(balance))], shift, offset)
        measured = self._balance_of(gradients, full or size_of(frame), shift)
        factors = [new if old is None else old for old, new in zip(balance, measured, strict=True)]
        weighted = [
            gradient * (weight * factor)
            for gradient, (_, weight), factor in zip(gradients, self.terms, factors, strict=True)
        ]
        return _sum_of_masked(weighted, [term.mask for term, _ in self.terms], full or size_of(frame), shift), factors

    def share(self, frame: Frame, full: Size | None = None, shift: Shift = (0, 0)) -> Frame | float:
        """The share of a whole step that each pixel takes: 1x1xHxW in [0, 1], or one number for all of them.

        It is the sum of the weights, without their signs, of the terms that may move a pixel; at most 1. So a mix
        whose weights add up to less than 1 changes the frame less.
        """
        size = size_of(frame)
        regions = [term.region(full or size, size, frame.device) for term, _ in self.terms]
        if all(region is None for region in regions):
            return min(1.0, sum(abs(weight) for _, weight in self.terms))
        share = torch.zeros(1, 1, size[1], size[0], device=frame.device)
        for (_, weight), region in zip(self.terms, regions, strict=True):
            share += abs(weight) if region is None else abs(weight) * region
        return torch.roll(share.clamp_(max=1), shift, (2, 3))

    def without_gradient(self, frame: Frame) -> list[Term]:
        """The terms whose gradient at this frame is 0 everywhere: channels that a ReLU sets to 0 at every place."""
        gradients = self._separate_gradients(frame)
        return [term for (term, _), gradient in zip(self.terms, gradients, strict=True) if not gradient.any()]

    @property
    def may_cancel(self) -> bool:
        """Whether two terms read the same place of the network, so that one may undo the other."""
        return len(self.taps) < len(self.terms)

    def refuse_cancelling(self, frame: Frame) -> None:
        """Raise SettingError when the terms' gradients at this frame add up to almost nothing."""
        if not self.may_cancel:
            return
        shares = sum(abs(weight) for _, weight in self.terms)
        if mean(self.gradient(frame, self.balance(frame)).square()).sqrt() < _CANCELLED * shares:
            listed = " and ".join(f"{term.spec} (weight {weight:g})" for term, weight in self.terms)
            raise SettingError(f"{listed} cancel to nothing: leave one of them out, or change its weight")

    def _separate_gradients(self, frame: Frame) -> list[Frame]:
        """Of each term by itself."""
        return self._gradients(frame, [[(index, 1.0)] for index in range(len(self.terms))])

    def _gradients(
        self, frame: Frame, groups: Sequence[Group], shift: Shift = (0, 0), offset: Shift = (0, 0)
    ) -> list[Frame]:
        terms = [term for term, _ in self.terms]
        return frame_gradients(
            self.network, terms, frame, groups, tiling=self.tiling, shift=shift, offset=offset, graphs=self.graphs
        )

    def tiled(self, tiling: Tiling | None) -> Objective:
        """The same objective with another tiling, or with none."""
        return replace(self, tiling=tiling)


def _strength(gradient: Frame, region: Frame | None) -> torch.Tensor:
    """Root mean square over a region, 1x1xHxW in [0, 1]; None is the whole frame."""
    if region is None:
        return mean(gradient.square()).sqrt()
    return (total((gradient * region).square()) / (3 * total(region.square())).clamp_min(1e-12)).sqrt()


def _sum_of_masked(gradients: Sequence[Frame], masks: Sequence[AnyMask | None], full: Size, shift: Shift) -> Frame:
    """The sum of gradients at a frame shifted by `shift`, each times its mask."""
    parts = [
        gradient if mask is None else gradient * torch.roll(mask.at(full, size_of(gradient)), shift, (2, 3))
        for mask, gradient in zip(masks, gradients, strict=True)
    ]
    return functools.reduce(torch.add, parts)
