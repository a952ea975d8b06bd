from __future__ import annotations

import pytest
import torch

from zoomdream.errors import UnknownNameError, UsageError
from zoomdream.networks import Network
from zoomdream.objectives import Objective


@pytest.mark.parametrize("kind", ["l2", "mean"])
@pytest.mark.parametrize("mix", [{"fire5": 1.0}, {"fire8": 1.0, "conv1": 0.5}, {"fire8": 1.0, "fire3": -0.5}])
def test_a_small_step_up_the_gradient_raises_the_weighted_sum(
    network: Network, coffee: torch.Tensor, kind: str, mix: dict[str, float]
) -> None:
    objective = Objective.of(network, mix, kind)  # type: ignore[arg-type]
    balance = objective.balance(coffee)
    gradient = objective.gradient(coffee, balance)

    def total(frame: torch.Tensor) -> float:
        scores = objective.scores(frame)
        return float(sum(w * b * s for (_, w), b, s in zip(objective.terms, balance, scores, strict=True)))

    step = 1e-4 / gradient.square().mean().sqrt()
    with torch.no_grad():
        gain = total(coffee + step * gradient) - total(coffee - step * gradient)
        expected = float(2 * step * gradient.square().sum())
    assert gain == pytest.approx(expected, rel=0.05)


def test_balance_makes_the_terms_gradients_equally_strong(network: Network, coffee: torch.Tensor) -> None:
    both = Objective.of(network, {"conv1": 1.0, "fire8": 1.0})
    scales = both.balance(coffee)
    for (term, _), scale in zip(both.terms, scales, strict=True):
        alone = Objective(network, ((term, 1.0),))
        gradient = alone.gradient(coffee, [scale])
        assert gradient.square().mean().sqrt().item() == pytest.approx(1.0, rel=1e-3)


def test_negative_weight_turns_the_gradient_around(network: Network, coffee: torch.Tensor) -> None:
    up, down = (Objective.of(network, {"fire6": weight}) for weight in (1.0, -1.0))
    one = up.balance(coffee)
    assert torch.allclose(up.gradient(coffee, one), -down.gradient(coffee, one))


def test_mean_reaches_features_that_the_relu_hides(network: Network) -> None:
    """On a flat gray frame many features are negative: after the ReLU their gradient would be nothing."""
    gray = torch.full((1, 3, 96, 96), 0.5)
    mean = Objective.of(network, {"fire8": 1.0}, "mean")
    gradient = mean.gradient(gray, mean.balance(gray))
    assert gradient.abs().max() > 0
    assert mean.scores(gray)[0] < 0  # a mean after the ReLU could not be


def test_strength_fades_with_the_weights_and_never_exceeds_one(network: Network) -> None:
    assert Objective.of(network, {"fire8": 0.25, "fire5": -0.25}).strength == pytest.approx(0.5)
    assert Objective.of(network, {"fire8": 1.0, "fire5": 0.3}).strength == 1.0


def test_unknown_layers_and_small_frames_are_named(network: Network) -> None:
    with pytest.raises(UnknownNameError, match="fire8"):
        Objective.of(network, {"fire88": 1.0})
    with pytest.raises(UsageError, match=r"fire9 .* 20x10"):
        Objective.of(network, {"fire2": 1.0, "fire9": 1.0}).check((20, 10))
