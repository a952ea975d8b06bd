"""Our SqueezeNet is torchvision's, module for module."""

from __future__ import annotations

import pytest
import torch
from torchvision.models import get_model

from tests.support.networks import random_frame
from zoomdream.networks.architectures.squeezenet import VARIANTS, build


@pytest.mark.parametrize("name", VARIANTS)
def test_it_has_the_modules_and_gives_the_scores_of_torchvisions(name: str) -> None:
    theirs = get_model(name, weights=None, num_classes=17).eval()
    ours = build(name, classes=17).eval()
    assert [path for path, _ in ours.named_modules()] == [path for path, _ in theirs.named_modules()]
    ours.load_state_dict(theirs.state_dict())
    with torch.no_grad():
        assert torch.equal(ours(random_frame()), theirs(random_frame()))
