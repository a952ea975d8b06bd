"""Modules without published weights: random ones, and what they expect of their input."""

from __future__ import annotations

import pytest
import torch
from torchvision.models import get_model

from tests.support.networks import random_frame, relative_error, slow
from zoomdream.networks import load_network
from zoomdream.networks.architectures.architecture import build_random


def test_random_weights_come_from_the_seed_and_leave_the_global_generator_alone() -> None:
    frame = torch.full((1, 3, 64, 64), 0.3)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = load_network("shufflenet_v2_x0_5", random=1).logits(frame)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(first, load_network("shufflenet_v2_x0_5", random=1).logits(frame))
    assert not torch.equal(first, load_network("shufflenet_v2_x0_5", random=2).logits(frame))


@pytest.mark.parametrize("name", ["squeezenet1_1", "googlenet", slow("resnet50"), slow("efficientnet_b0")])
def test_random_weights_keep_activations_at_a_visible_size(name: str) -> None:
    network = load_network(name, random=0)
    last = network.layers[-1].name
    size = network.activations(torch.rand(1, 3, 96, 96), [last])[last].square().mean().sqrt()
    assert 0.01 < size < 1e4


@pytest.mark.parametrize("name", ["googlenet", slow("inception_v3")])
def test_input_is_scaled_as_by_transform_input(name: str) -> None:
    ours = build_random(name, 1)
    with torch.device("meta"):
        theirs = get_model(name, weights=None, aux_logits=False, init_weights=False, transform_input=True).eval()
    theirs.load_state_dict(ours.state_dict(), assign=True)
    imagenet_mean, imagenet_std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    normalised = (random_frame() - imagenet_mean.view(1, 3, 1, 1)) / imagenet_std.view(1, 3, 1, 1)
    with torch.no_grad():
        assert relative_error(load_network(name, random=1).logits(random_frame()), theirs(normalised)) < 1e-4
