"""What a dream amplifies: a weighted mix of terms, and its gradient with respect to a frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch

from zoomdream.errors import SettingError, UsageError
from zoomdream.images.frame import Frame, Size, size_of
from zoomdream.networks import LOGITS, Network, Tap
from zoomdream.objectives.masks import DARKEST, Mask
from zoomdream.objectives.resolver import resolve
from zoomdream.objectives.spec import Score, Spec
from zoomdream.objectives.terms import Extent, Term, Window
from zoomdream.objectives.tiling import Tiling
from zoomdream.runtime import repeatable

Mix = Mapping[str, float] | Mapping[Spec, float] | Mapping[str | Spec, float]
Shift = tuple[int, int]  # down, right, in pixels
_NOTHING = 0.01  # of what the terms' gradients have each: what bfloat16 leaves of two that cancel
_Group = Sequence[tuple[int, torch.Tensor | float]]  # indices of terms, each with its factor


@dataclass(frozen=True)
class Objective:
    """Terms and their weights on a network.

    A weight is a share of the step: the terms' gradients are brought to one strength before they are mixed (`balance`):
    on photos fire6's is 60 to 90 times conv1's, and a crossfade would be a cut. A negative weight makes a term shrink.
    Where only some terms may move a pixel, only their weights count there (`share`).
    With a `tiling`, a frame's gradient is put together from the gradients of its tiles.
    """

    network: Network
    terms: tuple[tuple[Term, float], ...]
    tiling: Tiling | None = None
    _sizes: dict[Size, dict[Tap, Extent]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, network: Network, mix: Mix, kind: Score = "l2") -> Objective:
        """From `{objective: weight}`, objectives as specs or in their short form.

        Raises what `resolve` does, and SettingError when the weights of one objective cancel.
        """
        return cls.mixed(network, [(resolve(network, key, kind), weight) for key, weight in mix.items()])

    @classmethod
    def mixed(cls, network: Network, terms: Iterable[tuple[Term, float]], tiling: Tiling | None = None) -> Objective:
        """From terms and weights. The same objective under two names counts once, with the sum of its weights.

        Raises SettingError when that makes nothing of it.
        """
        found: dict[Spec, tuple[Term, list[float]]] = {}
        for term, weight in terms:
            if weight:
                found.setdefault(term.spec, (term, []))[1].append(float(weight))
        for term, weights in found.values():
            if abs(sum(weights)) < 1e-9 * max(map(abs, weights)):
                listed = " and ".join(f"{weight:g}" for weight in weights)
                raise SettingError(
                    f"the weights of {term.spec} are {listed} and cancel to nothing: leave one of them out"
                )
        return cls(network, tuple((term, sum(weights)) for term, weights in found.values()), tiling)

    @cached_property
    def smallest_input(self) -> int:
        """Side in pixels of the smallest square frame on which every term exists."""
        return self.network.smallest_input([tap.layer for tap in self.taps])

    @cached_property
    def taps(self) -> tuple[Tap, ...]:
        """Where the network is read."""
        return tuple(dict.fromkeys(term.tap for term, _ in self.terms))

    @cached_property
    def deepest(self) -> str:
        """The layer that needs the largest frame."""
        return max((tap.layer for tap in self.taps), key=lambda layer: self.network.smallest_input([layer]))

    @property
    def place(self) -> str:
        """The same for people."""
        return "the classifier" if self.deepest == LOGITS else self.deepest

    def check(self, size: Size) -> None:
        """Raise UsageError when a frame of `size` (width, height) is too small, SettingError when a mask hides it."""
        if min(size) < self.smallest_input:
            width, height = size
            wanted = self.place if self.deepest == LOGITS else f"layer {self.place}"
            raise UsageError(
                f"{wanted} of {self.network.name} needs a frame of at least {self.smallest_input} pixels a "
                f"side and this one is {width}x{height}: choose a larger size or an earlier layer"
            )
        for term, _ in self.terms:
            if term.mask and term.mask.at(size, size).max() < DARKEST:
                raise SettingError(
                    f"mask {term.spec.mask} is black wherever a frame of {size[0]}x{size[1]} shows it: it is cropped "
                    f"to the frame's shape, so paint white further inside"
                )

    def scores(self, frame: Frame) -> list[torch.Tensor]:
        """Each term's number for the frame, in the order of the terms."""
        found = self._scores(frame, Window.whole(size_of(frame)))
        return [score for score in found if score is not None]  # the whole frame holds every term

    def balance(self, frame: Frame, full: Size | None = None) -> list[torch.Tensor]:
        """What each term's score is multiplied by so that all gradients have a root mean square of 1 at this frame.

        It is the mean over where the term may move the frame. A term without a gradient here gets 0. `full` is the
        size of the finished frame, which masks are cropped for; the frame's own by default.
        """
        if len(self.terms) == 1:
            return [torch.ones((), device=frame.device)]
        size = size_of(frame)
        gradients = self._gradients(frame, [[(index, 1.0)] for index in range(len(self.terms))], (0, 0), (0, 0))
        regions = [term.region(full or size, size, frame.device) for term, _ in self.terms]
        strengths = [_strength(*pair) for pair in zip(gradients, regions, strict=True)]
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
        parts = [
            gradient if mask is None else gradient * _shown(mask, full, frame, shift)
            for mask, gradient in zip(masks, gradients, strict=True)
        ]
        return torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]

    def share(self, frame: Frame, full: Size | None = None, shift: Shift = (0, 0)) -> Frame | float:
        """How much of a step may be done at each pixel: 1x1xHxW in [0, 1], or one number for all of them.

        It is what the weights of the terms that may move a pixel add up to, at most 1: under 1, a mix can fade.
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
        """The terms that no small change of this frame would change: features that a ReLU hides everywhere."""
        gradients = self._gradients(frame, [[(index, 1.0)] for index in range(len(self.terms))], (0, 0), (0, 0))
        return [term for (term, _), gradient in zip(self.terms, gradients, strict=True) if not gradient.any()]

    @property
    def may_cancel(self) -> bool:
        """Whether some terms look at one place of the network: they may be one feature, once with a minus."""
        return len(self.taps) < len(self.terms)

    def refuse_cancelling(self, frame: Frame) -> None:
        """Raise SettingError when the terms undo one another on this frame: one feature as two objectives."""
        if not self.may_cancel:
            return
        shares = sum(abs(weight) for _, weight in self.terms)
        if self.gradient(frame, self.balance(frame)).square().mean().sqrt() < _NOTHING * shares:
            listed = " and ".join(f"{term.spec} (weight {weight:g})" for term, weight in self.terms)
            raise SettingError(f"{listed} cancel to nothing: leave one of them out, or change its weight")

    def _gradients(self, frame: Frame, groups: Sequence[_Group], shift: Shift, offset: Shift) -> list[Frame]:
        """For each group of terms, the gradient of the sum of its scores times their factors."""
        size = size_of(frame)
        if self.tiling is None or max(size) <= self.tiling.window:
            return self._window_gradients(frame, groups, Window.whole(size, shift))
        found = [torch.zeros_like(frame) for _ in groups]
        extents = self._extents(size)
        for (left, top, width, height), box in self.tiling.tiles(size, offset):
            window = Window(size, box, shift, extents)
            part = frame[..., box[1] : box[1] + box[3], box[0] : box[0] + box[2]].contiguous()
            gradients = self._window_gradients(part, groups, window)
            for whole, gradient in zip(found, gradients, strict=True):
                y, x = top - box[1], left - box[0]
                whole[..., top : top + height, left : left + width] = gradient[..., y : y + height, x : x + width]
        return found

    def _window_gradients(self, part: Frame, groups: Sequence[_Group], window: Window) -> list[Frame]:
        with torch.enable_grad(), repeatable(self.network.device):
            leaf = part.detach().requires_grad_()
            scores = self._scores(leaf, window)
            totals = [
                [factor * score for index, factor in group if (score := scores[index]) is not None] for group in groups
            ]
            return [
                # It comes back in the network's channels-last order.
                torch.autograd.grad(torch.stack(total).sum(), leaf, retain_graph=k < len(groups) - 1)[0].contiguous()
                if total
                else torch.zeros_like(part)
                for k, total in enumerate(totals)
            ]

    def _scores(self, part: Frame, window: Window) -> list[torch.Tensor | None]:
        """Each term's score of a window; of a part of the frame, its share of the whole frame's."""
        values = self.network.activations(part, self.taps)
        found = [term.score(values[term.tap], window) for term, _ in self.terms]
        if not window.extents:
            return found
        own = self._extents(size_of(part))
        return [
            score * _share(own[term.tap], window.extents[term.tap]) if score is not None and term.is_mean else score
            for score, (term, _) in zip(found, self.terms, strict=True)
        ]

    def _extents(self, size: Size) -> dict[Tap, Extent]:
        """Height and width of each tap's map for a frame of `size`; the class scores count as the last map."""
        if size not in self._sizes:
            last = self.network.layers[-1].label
            maps = [Tap(last) if tap.layer == LOGITS else tap for tap in self.taps]
            shapes = self.network.shapes(maps, size)
            self._sizes[size] = {tap: (shape[-2], shape[-1]) for tap, shape in zip(self.taps, shapes, strict=True)}
        return self._sizes[size]

    def tiled(self, tiling: Tiling | None) -> Objective:
        """The same in tiles."""
        return replace(self, tiling=tiling)


def _strength(gradient: Frame, region: Frame | None) -> torch.Tensor:
    """Root mean square over a region."""
    if region is None:
        return gradient.square().mean().sqrt()
    return ((gradient * region).square().sum() / (3 * region.square().sum()).clamp_min(1e-12)).sqrt()


def _share(part: Extent, whole: Extent) -> float:
    return part[0] * part[1] / (whole[0] * whole[1])


def _shown(mask: Mask, full: Size | None, frame: Frame, shift: Shift) -> Frame:
    return torch.roll(mask.at(full or size_of(frame), size_of(frame)), shift, (2, 3))
