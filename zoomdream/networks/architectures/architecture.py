"""Classification networks without their weights: their modules, preprocessing and class names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from zoomdream.networks.architectures import efficientnet_lite, squeezenet, trunks
from zoomdream.networks.descriptions import Preprocessing, description
from zoomdream.networks.registry import TRUNKS

# Both have training-time heads, which a dream does not use, and a slow initialisation, which loading makes pointless.
_HEADS = ("googlenet", "inception_v3")


def build(name: str, classes: int = 1000) -> nn.Module:
    """The network in eval mode, its weights on the meta device (small tables that a constructor computes are real)."""
    # Some constructors draw random numbers: torch's global generator is left as it was.
    with torch.random.fork_rng(devices=[]), _EmptyOnMeta():
        if name in efficientnet_lite.VARIANTS:
            model = efficientnet_lite.build(name, classes)
        elif name in squeezenet.VARIANTS:
            model = squeezenet.build(name, classes)
        elif name in TRUNKS:
            model = trunks.build(name)
        else:
            model = _build_by_torchvision(name, classes)
    return model.eval().requires_grad_(False)


def _build_by_torchvision(name: str, classes: int) -> nn.Module:
    from torchvision.models import get_model  # takes seconds, which the network in the box need not wait for

    options = {"aux_logits": False, "init_weights": False} if name in _HEADS else {}
    model: nn.Module = get_model(name, weights=None, num_classes=classes, **options)
    return model


_FILLING = frozenset(
    (
        Tensor.normal_,
        Tensor.uniform_,
        Tensor.fill_,
        Tensor.zero_,
        Tensor.erfinv_,
        Tensor.mul_,
        Tensor.add_,
        Tensor.clamp_,
    )
)
"""What fills a tensor in place, step by step: a truncated normal distribution is made of all but two."""


class _EmptyOnMeta(TorchFunctionMode):
    """Puts what `torch.empty` makes, which the weights are, on the meta device, where it takes no memory.

    Constructors fill their weights with random numbers; there, that would change nothing and take seconds.

    `torch.device("meta")` would also catch the arithmetic on tensors with which RegNet finds its widths.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _FILLING and args and args[0].is_meta:
            return args[0]
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
    return description(name).preprocessing


def class_count(model: nn.Module) -> int:
    """The number of classes: the length of the last parameter, for torchvision builds the classifier last.

    A trunk has none: 0.
    """
    return 0 if isinstance(model, trunks.Trunk) else len(list(model.parameters())[-1])
