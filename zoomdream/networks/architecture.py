"""Classification networks without their weights: their modules, preprocessing and class names."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torchvision.models import get_model, get_model_weights

from zoomdream.networks import efficientnet_lite
from zoomdream.networks.registry import network_info

# Both have training-time heads, which a dream does not use, and a slow initialisation, which loading makes pointless.
_HEADS = ("googlenet", "inception_v3")


@dataclass(frozen=True)
class Preprocessing:
    """What a network expects of its input: `(rgb - mean) / std` per channel, for rgb in [0, 1]."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


def build(name: str, classes: int = 1000) -> nn.Module:
    """The network in eval mode, its weights on the meta device (small tables that a constructor computes are real)."""
    # Some constructors draw random numbers: torch's global generator is left as it was.
    with torch.random.fork_rng(devices=[]), _EmptyOnMeta():
        if name in efficientnet_lite.VARIANTS:
            model = efficientnet_lite.build(name, classes)
        else:
            options = {"aux_logits": False, "init_weights": False} if name in _HEADS else {}
            model = get_model(name, weights=None, num_classes=classes, **options)
    return model.eval().requires_grad_(False)


class _EmptyOnMeta(TorchFunctionMode):
    """Puts what `torch.empty` makes, which the weights are, on the meta device, where it takes no memory.

    `torch.device("meta")` would also catch the arithmetic on tensors with which RegNet finds its widths.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        return func(*args, **(kwargs | {"device": "meta"} if func is torch.empty else kwargs))


def build_random(name: str, seed: int) -> nn.Module:
    """The network with random weights and batch statistics from a seed, for tests and benchmarks.

    Kernels as in He et al. 2015 (arXiv:1502.01852), so that activations keep their size from layer to layer.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build(name)
        for module in model.modules():
            for key, parameter in list(module.named_parameters(recurse=False)):
                if parameter.is_meta:
                    setattr(module, key, nn.Parameter(_random_values(key, parameter), requires_grad=False))
            if (
                isinstance(module, nn.BatchNorm2d)
                and module.running_mean is not None
                and module.running_var is not None
            ):
                module.running_mean.normal_(std=0.1)
                module.running_var.uniform_(0.5, 1.5)
    return model


def _random_values(key: str, like: torch.Tensor) -> torch.Tensor:
    if like.dim() > 1:
        return torch.randn(like.shape) * math.sqrt(2 / like[0].numel())
    return torch.empty(like.shape).uniform_(0.5, 1.5) if key == "weight" else torch.randn(like.shape) * 0.1


def preprocessing(name: str) -> Preprocessing:
    """What the published weights of this network expect."""
    if name in efficientnet_lite.VARIANTS:
        return Preprocessing(efficientnet_lite.MEAN, efficientnet_lite.STD)
    if name in _HEADS:
        # Trained on [-1, 1]; torchvision makes that of ImageNet's normalisation inside the network (`transform_input`).
        return Preprocessing((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    transforms = _torchvision_weights(name).transforms()
    return Preprocessing(tuple(transforms.mean), tuple(transforms.std))


def class_names(name: str) -> tuple[str, ...]:
    """The names of ImageNet's 1000 classes, in the order of the network's outputs."""
    in_torchvision = "efficientnet_b0" if name in efficientnet_lite.VARIANTS else name
    return tuple(_torchvision_weights(in_torchvision).meta["categories"])


def class_count(model: nn.Module) -> int:
    """The number of classes: the length of the last parameter, for torchvision builds the classifier last."""
    return len(list(model.parameters())[-1])


def _torchvision_weights(name: str) -> Any:
    """torchvision's record of the file in the registry; of its own default file where that one is not torchvision's."""
    entries = get_model_weights(name)
    return next((entry for entry in entries if entry.url == network_info(name).url), entries.DEFAULT)
