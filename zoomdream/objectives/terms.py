"""Terms: each reads one place of a network and scores the values there; a dream makes the score grow."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch.autograd.function import once_differentiable

from zoomdream.images.frame import Frame, Size
from zoomdream.networks import Tap
from zoomdream.objectives.masks import AnyMask
from zoomdream.objectives.specs.spec import LayerScore, Match, Spec

Extent = tuple[int, int]  # height, width
_MOST_PAIRS = 1 << 24  # similarities of places to a guide's features that are held at once: 64 MB


@dataclass(frozen=True)
class Window:
    """Which part of the frame a map shows: `box` (left, top, width, height) of a frame of `full` (width, height).

    The frame has been shifted by `shift` (down, right) pixels, wrapping around. `extents` are the height and width of
    the whole frame's maps; those that are left out are the window's own.
    """

    full: Size
    box: tuple[int, int, int, int]
    shift: tuple[int, int] = (0, 0)
    extents: Mapping[Tap, Extent] = field(default_factory=dict)

    @classmethod
    def whole(cls, size: Size, shift: tuple[int, int] = (0, 0)) -> Window:
        """All of a frame."""
        return cls(size, (0, 0, *size), shift)

    def pixel(self, x: float, y: float) -> tuple[int, int]:
        """Row and column, in the shifted frame, of a place given in fractions of the frame before its shift."""
        row, column = place_in(self.full, x, y)
        return (row + self.shift[0]) % self.full[1], (column + self.shift[1]) % self.full[0]


def place_in(size: Size, x: float, y: float) -> tuple[int, int]:
    """Row and column of the pixel at `x`, `y`, in fractions of a frame of `size`; 1 is the last one."""
    return min(int(y * size[1]), size[1] - 1), min(int(x * size[0]), size[0] - 1)


@dataclass(frozen=True, eq=False)
class Term(ABC):
    """One objective on one network.

    `spec` is the canonical form: equal specs are equal objectives. `tap` is where the network is read. `warnings` are
    about the pictures that were read for it, such as a guide that was resized.
    """

    spec: Spec
    tap: Tap
    mask: AnyMask | None = None
    warnings: tuple[str, ...] = ()
    identity: object = field(default_factory=object, repr=False, kw_only=True)
    """The same in copies with another mask: terms of one identity score alike."""

    is_mean: ClassVar[bool] = True
    """Whether the score is a mean over the places of a map, so that a part of the map counts by its share."""
    is_narrow: ClassVar[bool] = False
    """Whether it looks at some of the layer's channels only."""
    follows_shift: ClassVar[bool] = False
    """Whether it looks at another place of the map where the frame is shifted."""

    @abstractmethod
    def score(self, values: torch.Tensor, window: Window) -> torch.Tensor | None:
        """The number that the dream makes grow, a float32 scalar; None: what it looks at is not in the window.

        `values` is what the tap gave for one frame: 1xchannelsxhxw, or 1xclasses.
        """

    @property
    def may_hide(self) -> bool:
        """Whether it looks at some channels after a ReLU, where they may be 0 everywhere and have no gradient."""
        return self.is_narrow and not self.tap.before_relu

    def region(self, full: Size, size: Size, device: torch.device) -> Frame | None:
        """Where the term may move the frame: 1x1xhxw in [0, 1], for an octave of `size` of a frame of `full`.

        None: everywhere.
        """
        return None if self.mask is None else self.mask.at(full, size)


@dataclass(frozen=True, eq=False)
class LayerTerm(Term):
    """A whole layer.

    "l2" is half the mean square, whose gradient at the layer is the activation itself (google/deepdream). "mean" is the
    mean.
    """

    layer_score: LayerScore = "l2"

    def score(self, values: torch.Tensor, window: Window) -> torch.Tensor:
        """See `Term`."""
        values = _exact(values)
        if self.layer_score == "mean":
            return values.mean()
        score: torch.Tensor = _HalfMeanSquare.apply(values)
        return score


@dataclass(frozen=True, eq=False)
class ChannelTerm(Term):
    """The mean of some channels (TensorFlow's DeepDream tutorial; lucid's `channel`)."""

    channels: tuple[int, ...] = ()

    is_narrow: ClassVar[bool] = True

    def score(self, values: torch.Tensor, window: Window) -> torch.Tensor:
        """See `Term`."""
        return _exact(values[:, _indices(self.channels, values.device)]).mean()


@dataclass(frozen=True, eq=False)
class NeuronTerm(Term):
    """One unit of a channel (lucid's `neuron`, which is the center unit).

    `stride` and `field`, the receptive field (None: everything), are its layer's, in pixels.
    """

    channel: int = 0
    x: float = 0.5
    y: float = 0.5
    stride: int = 1
    field: int | None = None

    is_mean: ClassVar[bool] = False
    is_narrow: ClassVar[bool] = True
    follows_shift: ClassVar[bool] = True

    def score(self, values: torch.Tensor, window: Window) -> torch.Tensor | None:
        """See `Term`."""
        height, width = values.shape[-2:]
        rows, columns = window.extents.get(self.tap, (height, width))
        row, column = window.pixel(self.x, self.y)
        # Counted on the whole frame's map: a window's own may be a place longer or shorter than its share.
        down = row * rows // window.full[1] - window.box[1] // self.stride
        across = column * columns // window.full[0] - window.box[0] // self.stride
        if not (0 <= down < height and 0 <= across < width):
            return None
        return _exact(values[0, self.channel, down, across])

    def region(self, full: Size, size: Size, device: torch.device) -> Frame | None:
        """See `Term`: the unit's receptive field in the frame, a square."""
        masked = super().region(full, size, device)
        if self.field is None:
            return masked
        half = self.field // 2
        row, column = place_in(size, self.x, self.y)
        square = torch.zeros(1, 1, size[1], size[0], device=device)
        square[..., max(0, row - half) : row + half + 1, max(0, column - half) : column + half + 1] = 1
        return square if masked is None else square * masked


@dataclass(frozen=True, eq=False)
class ClassTerm(Term):
    """A class's logit; not its probability, which also grows when other logits fall (Olah et al. 2017)."""

    index: int = 0

    def score(self, values: torch.Tensor, window: Window) -> torch.Tensor:
        """See `Term`. Of a tile it is the tile's own logit, as if it were a picture."""
        return _exact(values[0, self.index])


@dataclass(frozen=True, eq=False)
class DirectionTerm(Term):
    """The mean over all places of the activation's share along a direction, or of its cosine with it.

    `vector` has a length of 1.
    """

    vector: torch.Tensor = field(default_factory=lambda: torch.ones(1))
    match: Match = "dot"

    is_narrow: ClassVar[bool] = True

    def score(self, values: torch.Tensor, window: Window) -> torch.Tensor:
        """See `Term`."""
        places = _exact(values[0].flatten(1))
        along = self.vector.to(places) @ places
        return along.mean() if self.match == "dot" else (along / places.norm(dim=0).clamp_min(1e-6)).mean()


@dataclass(frozen=True, eq=False)
class GuideTerm(Term):
    """For each place of the map, its resemblance to the most similar feature of the guide; the mean over all places.

    `features` is channels x count, the guide's activations (of length 1 for "cosine"). With "dot" the gradient at each
    place is that best feature itself, as in google/deepdream's guided dream.
    """

    features: torch.Tensor = field(default_factory=lambda: torch.ones(1, 1))
    match: Match = "dot"

    def score(self, values: torch.Tensor, window: Window) -> torch.Tensor:
        """See `Term`."""
        places = values[0].flatten(1)
        if self.match == "cosine":
            places = F.normalize(_exact(places), dim=0, eps=1e-6)
        best = self.features[:, self._nearest(places.detach())]
        return (_exact(places) * best).sum(0).mean()

    def _nearest(self, places: torch.Tensor) -> torch.Tensor:
        """For each of channels x count places, the index of the feature that it resembles most."""
        features = self.features.to(places.dtype).T
        step = max(1, _MOST_PAIRS // len(features))
        return torch.cat([(features @ part).argmax(0) for part in torch.split(places, step, dim=1)])


@functools.lru_cache(maxsize=256)
def _indices(numbers: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """Kept on the device: a list would be copied there at every step, which stops a GPU."""
    return torch.tensor(numbers, device=device)


class _HalfMeanSquare(torch.autograd.Function):
    """Half the mean square, differentiable once: its gradient, in one pass, has the bits of autograd's four."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(values)
        return 0.5 * values.square().mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        (values,) = ctx.saved_tensors
        return torch.mul(values, gradient / values.numel())


def _exact(values: torch.Tensor) -> torch.Tensor:
    """In float32 at least: sums over a map in bfloat16 would lose most of its digits."""
    return values.to(torch.promote_types(values.dtype, torch.float32))
