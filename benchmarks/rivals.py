"""The most used DeepDream program, written again from what it does: gordicaleksa/pytorch-deepdream (commit f37d99a).

Taken over from it, because they cost or save time: frozen weights; the network in float32 and NCHW, its batch norms as
they are; the forward pass to the last layer that its network class exposes, however early the wanted one is; the mean
square of each layer; the gradient smoothed by three 9x9 Gaussians as depthwise convolutions, made anew for each step;
its mean taken off and its standard deviation divided by; the picture changed in place and clamped channel by channel;
a roll before and after each step; levels enlarged by OpenCV's bilinear `resize`. The code is ours.

Its GoogLeNet exposes inception3b, 4c, 4d and 4e, and so runs to inception4e. Other networks run here to the deepest
layer that is wanted, which is what its classes do at best.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models.feature_extraction import create_feature_extractor

from zoomdream.images.frame import Size
from zoomdream.networks.architectures import architecture, caffe_squeezenet
from zoomdream.networks.registry import EMBEDDED
from zoomdream.networks.weights import fill

Picture = NDArray[np.float32]
"""HxWx3, normalised for the network."""

EXPOSED = {"googlenet": ("inception3b", "inception4c", "inception4d", "inception4e")}
"""The layers that the original's network classes give back, whichever are wanted."""

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_KERNEL = 9


def plain_modules(name: str, random: int | None = None) -> nn.Module:
    """torchvision's network with frozen weights, as it comes: the embedded weights, or random ones from a seed.

    The weights are those of `load_network` with the same arguments.
    """
    if random is not None:
        return architecture.build_random(name, random)
    if name != EMBEDDED:
        raise ValueError(f"{name} comes without weights: give a seed for random ones")
    modules = architecture.build(name)
    fill(modules, caffe_squeezenet.read_embedded(), f"the package of {name}")
    return modules


@dataclass(frozen=True)
class Ways:
    """What its command line calls pyramid size and ratio, iterations, learning rate, shift and smoothing."""

    levels: int = 4
    ratio: float = 1.8
    steps: int = 10
    step_size: float = 0.09
    shift: int = 32
    smoothing: float | None = 0.5
    """Smallest sigma of the Gaussian cascade, which grows by 2 over a level's steps. None leaves the smoothing out,
    which the original cannot."""


class PytorchDeepDream:
    """Dreams one picture after the other.

    `layers` are module paths of the network; with `stop_early` nothing after the deepest of them is run, which is more
    than the original does for GoogLeNet. `on_evaluation` is called with (width, height) before each gradient.
    """

    def __init__(
        self,
        name: str,
        modules: nn.Module,
        layers: Sequence[str],
        ways: Ways,
        *,
        stop_early: bool = False,
        on_evaluation: Callable[[Size], object] = lambda size: None,
    ) -> None:
        self.ways = ways
        self._on_evaluation = on_evaluation
        exposed = layers if stop_early else dict.fromkeys((*layers, *EXPOSED.get(name, ())))
        self._layers = tuple(layers)
        self._model = create_feature_extractor(modules, list(exposed))
        self._renormalises = name == "googlenet"
        mean, std = np.array(_MEAN, np.float32), np.array(_STD, np.float32)
        self._lowest = torch.from_numpy(-mean / std).view(1, 3, 1, 1)
        self._highest = torch.from_numpy((1 - mean) / std).view(1, 3, 1, 1)
        self._rng = np.random.default_rng(0)

    def picture(self, picture: Picture) -> Picture:
        """A dreamed picture: all steps on all levels, small to large. HxWx3 in [0, 1], as is the result."""
        mean, std = np.array(_MEAN, np.float32), np.array(_STD, np.float32)
        current: Picture = (picture - mean) / std
        for level in range(1 - self.ways.levels, 1):
            height, width = (round(side * self.ways.ratio**level) for side in picture.shape[:2])
            current = cv2.resize(current, (width, height)).astype(np.float32, copy=False)
            values = torch.from_numpy(np.moveaxis(current, 2, 0).copy())[None]
            for number in range(self.ways.steps):
                values = self.step(values, number)
            current = np.moveaxis(values.detach().numpy()[0], 0, 2)
        dreamed: Picture = np.clip(current * std + mean, 0, 1).astype(np.float32)
        return dreamed

    def step(self, values: Tensor, number: int) -> Tensor:
        """One step, `number` of its level counted from 0; normalised 1x3xHxW, as is the result."""
        down, right = self._rng.integers(-self.ways.shift, self.ways.shift + 1, 2).tolist()
        leaf = torch.roll(values.detach(), (down, right), (2, 3)).requires_grad_()
        self._on_evaluation((leaf.shape[-1], leaf.shape[-2]))
        outputs = self._model(_renormalised(leaf) if self._renormalises else leaf)
        losses = [F.mse_loss(outputs[layer], torch.zeros_like(outputs[layer])) for layer in self._layers]
        torch.stack(losses).mean().backward()
        assert leaf.grad is not None
        gradient = leaf.grad
        if self.ways.smoothing is not None:
            gradient = cascade(gradient, (number + 1) / self.ways.steps * 2 + self.ways.smoothing)
        with torch.no_grad():
            deviation, mean = gradient.std(), gradient.mean()
            leaf += self.ways.step_size * ((gradient - mean) / deviation)
            leaf.grad.zero_()
            clamped = torch.max(torch.min(leaf, self._highest), self._lowest)
            return torch.roll(clamped, (-down, -right), (2, 3))


def cascade(gradient: Tensor, sigma: float) -> Tensor:
    """The mean of three Gaussian blurs of half of `sigma`, of `sigma` and of twice it, by 9x9 depthwise kernels."""
    wide = F.pad(gradient, [_KERNEL // 2] * 4, mode="reflect")
    blurred = [F.conv2d(wide, _gaussian(sigma * factor), groups=3) for factor in (0.5, 1.0, 2.0)]
    return (blurred[0] + blurred[1] + blurred[2]) / 3


def _gaussian(sigma: float) -> Tensor:
    """3x1x9x9, each kernel of sum 1."""
    grids = torch.meshgrid([torch.arange(_KERNEL, dtype=torch.float32)] * 2, indexing="ij")
    kernel = torch.ones(_KERNEL, _KERNEL)
    for grid in grids:
        kernel *= torch.exp(-(((grid - _KERNEL // 2) / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))
    return (kernel / kernel.sum()).view(1, 1, _KERNEL, _KERNEL).repeat(3, 1, 1, 1)


def _renormalised(values: Tensor) -> Tensor:
    """From ImageNet's normalisation to [-1, 1], channel by channel."""
    channels = [
        values[:, k : k + 1] * (std / 0.5) + (mean - 0.5) / 0.5
        for k, (mean, std) in enumerate(zip(_MEAN, _STD, strict=True))
    ]
    return torch.cat(channels, 1)
