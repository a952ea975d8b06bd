"""The scores of terms, by hand."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from zoomdream.networks import Tap
from zoomdream.objectives import (
    NeuronSpec,
    Window,
)
from zoomdream.objectives.terms import ChannelTerm, DirectionTerm, GuideTerm, LayerTerm, NeuronTerm


def test_scores_by_hand() -> None:
    """A map of two channels, 1x2 places: (3, 4) and (0, 1)."""
    values = torch.tensor([[[[3.0, 0.0]], [[4.0, 1.0]]]])
    whole = Window.whole((20, 10))
    spec, tap = NeuronSpec("a", 0), Tap("a")
    assert LayerTerm(spec, tap, layer_score="l2").score(values, whole) == pytest.approx((9 + 16 + 0 + 1) / 4 / 2)
    assert LayerTerm(spec, tap, layer_score="mean").score(values, whole) == pytest.approx(2)
    assert ChannelTerm(spec, tap, channels=(1,)).score(values, whole) == pytest.approx(2.5)
    assert NeuronTerm(spec, tap, channel=1, x=0.2, y=0.5).score(values, whole) == pytest.approx(4)
    assert NeuronTerm(spec, tap, channel=1, x=1.0, y=1.0).score(values, whole) == pytest.approx(1)  # the last one
    vector = torch.tensor([0.6, 0.8])
    assert DirectionTerm(spec, tap, vector=vector).score(values, whole) == pytest.approx((5 + 0.8) / 2)
    assert DirectionTerm(spec, tap, vector=vector, match="cosine").score(values, whole) == pytest.approx((1 + 0.8) / 2)
    features = torch.tensor([[1.0, 0.0], [0.0, 2.0]])  # (1, 0) and (0, 2)
    assert GuideTerm(spec, tap, features=features).score(values, whole) == pytest.approx((8 + 2) / 2)
    units = F.normalize(features, dim=0)
    assert GuideTerm(spec, tap, features=units, match="cosine").score(values, whole) == pytest.approx((0.8 + 1) / 2)


def test_a_guides_gradient_is_the_feature_that_fits_best() -> None:
    """What google/deepdream's guided dream sets the layer's gradient to."""
    rng = torch.Generator().manual_seed(0)
    values = torch.randn(1, 5, 3, 4, generator=rng).requires_grad_()
    features = torch.randn(5, 7, generator=rng)
    term = GuideTerm(NeuronSpec("a", 0), Tap("a"), features=features)
    (gradient,) = torch.autograd.grad(12 * term.score(values, Window.whole((4, 3))), values)
    places = values.detach()[0].flatten(1)
    best = features[:, (features.T @ places).argmax(0)]
    assert torch.allclose(gradient[0].flatten(1), best)
