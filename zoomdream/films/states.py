"""What one frame of a film hands to the next: all of it, and nowhere else.

A state is a few tensors and a number, and can be kept on disk: `journal` writes it, `state_from` makes it again, and
the film goes on with the same bits. What else a frame has to hand over belongs here, with a new `STATE_FORMAT`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch

from zoomdream.images.colors.color import Palette
from zoomdream.images.frame import Frame

STATE_FORMAT = 3
"""Number of the form of the states below. A state of another form cannot be gone on from."""


@dataclass(frozen=True)
class ZoomState:
    """All that the next frame of a zoom film needs."""

    kind: ClassVar[str] = "zoom"
    index: int
    """The next frame's index, counted from 0."""
    dreamed: Frame
    """The last frame of the film, from where the camera moves on; before the first one the source."""
    palette: Palette
    """The colors to keep: the first frame's."""
    momentum: Frame | None = None
    """The change that goes on, where steps are amortized: see `dreaming.amortized`."""
    tile: torch.Tensor | None = None
    """3x3 float64, for the border "mirror-tile": from a pixel of `dreamed` to that of the picture that is repeated."""
    beginning: Frame | None = None
    """Of a film that loops and begins in the midst of a dream: the picture that its first frame was dreamed from."""

    def tensors(self) -> dict[str, torch.Tensor]:
        """Everything but the index, by name, on the CPU."""
        palette = {"palette_mean": self.palette.mean, "palette_std": self.palette.std}
        tile = {} if self.tile is None else {"tile": self.tile}
        beginning = {} if self.beginning is None else {"beginning": self.beginning}
        return _on_cpu(dreamed=self.dreamed, **palette, **_momentum(self.momentum), **tile, **beginning)


@dataclass(frozen=True)
class VideoState:
    """All that the next frame of a video film needs, beside its source frame."""

    kind: ClassVar[str] = "video"
    index: int
    """The next frame's index, counted from 0."""
    dreamed: Frame
    """The last frame of the film."""
    source: Frame
    """The source frame that it was dreamed over."""
    camera: torch.Tensor
    """3x3 float64: where the camera has come, from a pixel (x, y, 1) of the next source frame to the one it shows."""
    momentum: Frame | None = None
    """The change that goes on, where steps are amortized: see `dreaming.amortized`."""

    def tensors(self) -> dict[str, torch.Tensor]:
        """Everything but the index, by name, on the CPU."""
        return _on_cpu(dreamed=self.dreamed, source=self.source, camera=self.camera, **_momentum(self.momentum))


@dataclass(frozen=True)
class PartStart:
    """All that the first frame of a part of a video film needs which depends on no frame before it."""

    index: int
    """The frame's index, counted from 0."""
    camera: torch.Tensor
    """3x3 float64: see `VideoState.camera`."""
    is_cut: bool
    """Whether a new shot begins with the frame; else nothing is carried to it."""


State = ZoomState | VideoState


def _momentum(momentum: Frame | None) -> dict[str, torch.Tensor]:
    return {} if momentum is None else {"momentum": momentum}


def _on_cpu(**tensors: torch.Tensor) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def state_from(kind: str, index: int, tensors: Mapping[str, torch.Tensor], device: torch.device) -> State:
    """The state whose `tensors()` these are, on a device. Raises KeyError where one is missing."""
    momentum = tensors["momentum"].to(device) if "momentum" in tensors else None
    if kind == ZoomState.kind:
        palette = Palette(tensors["palette_mean"].to(device), tensors["palette_std"].to(device))
        beginning = tensors["beginning"].to(device) if "beginning" in tensors else None
        return ZoomState(index, tensors["dreamed"].to(device), palette, momentum, tensors.get("tile"), beginning)
    return VideoState(index, tensors["dreamed"].to(device), tensors["source"].to(device), tensors["camera"], momentum)
