"""What films look like in numbers: score, sharpness, clipping, color, and the statistics of their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from zoomdream.films.film import Film
from zoomdream.images.frame import Frame, to_uint8
from zoomdream.networks import Network
from zoomdream.objectives import Objective

_LAYERS = 4


@dataclass(frozen=True)
class Look:
    """Means over some frames of a film."""

    score: float
    """The weighted sum of the terms' scores, each on its own frame."""
    sharpness: float
    """Variance of the Laplacian of the luma, in levels of 0 to 255."""
    clipped: float
    """Share of channel values that are 0 or 255."""
    color: tuple[float, float, float]
    """Mean red, green and blue, in levels."""
    saturation: float
    """Mean saturation as HSV has it, 0 to 1."""
    features: tuple[torch.Tensor, ...]
    """Each layer's channel means."""

    def distance(self, other: Look) -> float:
        """How far the features are from another look's: |this - other| / |other| of each layer, the layers' mean."""
        pairs = zip(self.features, other.features, strict=True)
        return float(np.mean([float((mine - theirs).norm() / theirs.norm()) for mine, theirs in pairs]))


def spread_layers(network: Network, side: int) -> tuple[str, ...]:
    """Up to four layers that are spread over a network, of those that a frame of this smaller side is enough for."""
    layers = [layer.name for layer in network.outline if network.smallest_input([layer.name]) <= side]
    picked = (layers[len(layers) * k // (_LAYERS + 1)] for k in range(1, _LAYERS + 1))
    return tuple(dict.fromkeys(picked))


@torch.no_grad()
def look_of(frames: Sequence[Frame], objectives: Sequence[Objective], layers: Sequence[str]) -> Look:
    """Measure frames 1x3xHxW in [0, 1], each with what it amplifies, on the network of the first objective."""
    network = objectives[0].network
    scores = [score_of(frame, objective) for frame, objective in zip(frames, objectives, strict=True)]
    values = [network.activations(frame, layers) for frame in frames]
    features = (torch.stack([each[layer].float().mean((0, 2, 3)) for each in values]).mean(0) for layer in layers)
    pixels = [to_uint8(frame) for frame in frames]
    red, green, blue = np.mean([picture.mean((0, 1)) for picture in pixels], 0).tolist()
    return Look(
        float(np.mean(scores)),
        float(np.mean([sharpness(frame) for frame in frames])),
        float(np.mean([np.isin(picture, (0, 255)).mean() for picture in pixels])),
        (red, green, blue),
        float(np.mean([saturation(frame) for frame in frames])),
        tuple(features),
    )


def score_of(frame: Frame, objective: Objective) -> float:
    """The sum of an objective's terms, each times its weight."""
    weights = (weight for _, weight in objective.terms)
    return sum(weight * float(score) for weight, score in zip(weights, objective.scores(frame), strict=True))


def sharpness(frame: Frame) -> float:
    """Variance of the Laplacian of the luma, in levels of 0 to 255."""
    luma = cv2.cvtColor(_pixels(frame) * 255, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(luma, cv2.CV_32F).var())


def saturation(frame: Frame) -> float:
    """Mean of (largest - smallest channel) / largest, 0 where a pixel is black."""
    pixels = _pixels(frame)
    largest, smallest = pixels.max(-1), pixels.min(-1)
    return float(((largest - smallest) / np.maximum(largest, 1e-6)).mean())


def objectives_of(film: Film, indices: Sequence[int]) -> list[Objective]:
    """What each of these frames amplifies, in one piece."""
    return [Objective(each.network, each.terms) for each in (film.objective(film.timeline[k]) for k in indices)]


def _pixels(frame: Frame) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(frame[0].cpu().numpy(), 0, 2))
