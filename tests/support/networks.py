"""Small networks whose graphs have what the large ones of their families have, and frames for them."""

from __future__ import annotations

from functools import cache, partial

import pytest
import torch
from _pytest.mark import ParameterSet
from torch import Tensor, nn
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.densenet import DenseNet
from torchvision.models.swin_transformer import SwinTransformer

from zoomdream.networks import Network
from zoomdream.networks.architectures.architecture import build, build_random, preprocessing
from zoomdream.networks.graph import fold, trace
from zoomdream.networks.loading import assemble

IMAGENET = preprocessing("resnet18")
"""What most networks expect of their input."""


def tiny_modules(family: str) -> nn.Module:
    """A network in eval mode with random weights, always the same: `convnext`, `densenet` or `swin`."""
    build = {
        # A convolution after permutes to N, H, W, C and back.
        "convnext": partial(ConvNeXt, [CNBlockConfig(8, 16, 2), CNBlockConfig(16, None, 2)], num_classes=10),
        # Norms before convolutions, which cannot be folded, and concatenations of all that came before.
        "densenet": partial(
            DenseNet, growth_rate=4, block_config=(2, 2), num_init_features=8, bn_size=2, num_classes=10
        ),
        # Attention in windows, N, H, W, C to the end.
        "swin": partial(
            SwinTransformer,
            patch_size=[4, 4],
            embed_dim=12,
            depths=[2, 2],
            num_heads=[2, 3],
            window_size=[7, 7],
            num_classes=10,
        ),
    }[family]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        modules: nn.Module = build()
        for module in modules.modules():
            if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
                module.running_mean.normal_(std=0.1)
    return modules.eval().requires_grad_(False)


def tiny_network(family: str) -> Network:
    """The same as a `Network`, in float32 on the CPU."""
    modules = tiny_modules(family)
    traced = trace(tiny_modules(family).to("meta"))
    fold(modules, traced.folded)
    return Network(
        f"tiny {family}",
        traced,
        modules,
        preprocessing=IMAGENET,
        categories=(),
        device="cpu",
        dtype=torch.float32,
    )


def random_frame(height: int = 96, width: int = 96) -> Tensor:
    """1x3xHxW in [0, 1], always the same."""
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(7))


def relative_error(value: Tensor, reference: Tensor) -> float:
    """The largest difference, as a share of the largest value."""
    return float((value - reference).abs().max() / reference.abs().max())


@cache
def shapes_of(name: str) -> Network:
    """A network without weights: enough for its names and sizes."""
    return assemble(name, build(name).to("meta"), preprocessing(name))


def random_state(name: str = "squeezenet1_1") -> dict[str, Tensor]:
    """The weights of `load_network(name, random=3)`."""
    return dict(build_random(name, 3).state_dict())


def slow(*values: object) -> ParameterSet:
    """Parameters of a test that run with `pytest -m slow` alone."""
    return pytest.param(*values, marks=pytest.mark.slow)
