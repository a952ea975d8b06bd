"""Gradients in float16 are float32's, however small: the scores' numbers never meet float16's least one."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from tests.support.networks import relative_error
from zoomdream.images.frame import Frame
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.networks import Network, load_network
from zoomdream.objectives import Objective


@pytest.fixture(scope="module")
def halves() -> Network:
    return load_network(dtype=torch.float16)


@pytest.mark.parametrize(
    "layers", [{"fire4": 1.0}, {"fire3:5": 1e-9}, {"class:espresso": 1.0}, {"fire2": 0.7, "fire4:3@center": 0.4}]
)
def test_a_gradient_in_float16_is_nearly_float32s(
    network: Network, halves: Network, coffee: Frame, layers: dict[str, float]
) -> None:
    frame = fit_frame(coffee, (64, 48))
    ours, exact = (
        Objective.of(chosen, layers).gradient(frame, [torch.ones(())] * len(layers)) for chosen in (halves, network)
    )
    assert ours.dtype == torch.float32
    assert F.cosine_similarity(ours.ravel(), exact.ravel(), dim=0) > 0.98
    assert ours.norm() / exact.norm() == pytest.approx(1, abs=0.03)


def test_without_the_scale_it_would_be_gone(halves: Network, coffee: Frame) -> None:
    leaf = fit_frame(coffee, (64, 48)).requires_grad_()
    score = 1e-9 * halves.activations(leaf, ["fire3"])["fire3"].float().mean()
    assert not torch.autograd.grad(score, leaf)[0].any()


def test_terms_are_balanced_alike(network: Network, halves: Network, coffee: Frame) -> None:
    frame, layers = fit_frame(coffee, (64, 48)), {"fire2": 1.0, "fire4": 1.0}
    ours, exact = (torch.stack(Objective.of(chosen, layers).balance(frame)) for chosen in (halves, network))
    assert relative_error(ours, exact) < 0.01


def test_a_term_without_a_gradient_has_none(halves: Network, coffee: Frame) -> None:
    objective = Objective.of(halves, {"fire2": 1.0})
    assert not objective.gradient(fit_frame(coffee, (64, 48)), [torch.zeros(())]).any()
