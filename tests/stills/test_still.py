from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from zoomdream.dreaming.ascent import Step
from zoomdream.errors import DreamError, SettingError, UnknownNameError, UsageError
from zoomdream.networks import Network
from zoomdream.objectives import Objective
from zoomdream.progress import Progress
from zoomdream.settings import DreamSettings
from zoomdream.settings.dreaming import STILL_DEFAULTS
from zoomdream.stills.still import dream_still, prepare_still

QUICK = DreamSettings(octaves=2, steps=2)


def test_a_still_raises_its_objective_and_is_reproducible(network: Network, coffee: torch.Tensor) -> None:
    one, two = (dream_still(coffee, network, {"fire5": 1}, QUICK, seed=3) for _ in range(2))
    assert torch.equal(one, two)
    assert not torch.equal(one, dream_still(coffee, network, {"fire5": 1}, QUICK, seed=4))
    objective = Objective.of(network, {"fire5": 1.0})
    assert objective.scores(one)[0] > 1.1 * objective.scores(coffee)[0]


def test_a_path_and_a_size(network: Network, photos: Path) -> None:
    dreamed = dream_still(photos / "coffee.png", network, {"fire3": 1}, QUICK, size=(96, 64), coherence=0.5)
    assert dreamed.shape == (1, 3, 64, 96)


def test_the_defaults_are_a_stills(network: Network, coffee: torch.Tensor) -> None:
    still = prepare_still(coffee, network, {"fire3": 1})
    assert still.settings == DreamSettings(octaves=4, steps=20, step_size=0.015, smoothing=0.5)
    assert still.settings == DreamSettings(**STILL_DEFAULTS)


def test_steps_are_reported_over_all_octaves(network: Network, coffee: torch.Tensor) -> None:
    reports: list[Progress] = []
    steps: list[Step] = []
    still = prepare_still(coffee, network, {"fire3": 1.0}, QUICK)
    assert torch.equal(still.run(reports.append, on_step=steps.append), still.run())
    assert [(report.done, report.total, report.unit, report.now) for report in reports] == [
        (1, 4, "step", "octave 1 of 2"),
        (2, 4, "step", "octave 1 of 2"),
        (3, 4, "step", "octave 2 of 2"),
        (4, 4, "step", "octave 2 of 2"),
    ]
    assert [(step.octave, step.step) for step in steps] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_a_still_has_its_size_and_provenance_before_it_is_dreamed(network: Network, coffee: torch.Tensor) -> None:
    still = prepare_still(coffee, network, {"fire5": 1, "fire3:2": -0.5}, QUICK, coherence=0.25, seed=7)
    assert still.size == (160, 112)
    assert "squeezenet1_1 l2:fire5=1, fire3:2=-0.5, seed 7, coherence 0.25, {" in still.provenance
    assert '"octaves":2' in still.provenance
    assert still.warnings == ()


@pytest.mark.parametrize(
    ("mix", "words"),
    [
        ({"fire5": 2.0}, "a weight of 2 acts as 1"),
        ({"fire5": 0.03, "fire3": -0.02}, "the weights add up to 0.05"),
        ({"fire5": 1.0, "fire3": 2.0}, ""),
    ],
)
def test_weights_have_warnings(network: Network, coffee: torch.Tensor, mix: dict[str, float], words: str) -> None:
    warnings = prepare_still(coffee, network, mix, QUICK).warnings
    assert words in "".join(warnings) if words else warnings == ()


def test_a_mask_of_another_size_has_a_warning(network: Network, coffee: torch.Tensor, tmp_path: Path) -> None:
    Image.new("L", (50, 50), 255).save(tmp_path / "m.png")
    still = prepare_still(coffee, network, {f"fire5 in {tmp_path / 'm.png'}": 1}, QUICK)
    assert still.warnings == ("mask m.png is 50x50 and is read at 160x112",)


def test_what_would_change_nothing_is_refused(network: Network, coffee: torch.Tensor) -> None:
    with pytest.raises(SettingError, match="every objective's weight is 0"):
        prepare_still(coffee, network, {"fire5": 0}, QUICK)
    with pytest.raises(UnknownNameError, match="fire8"):
        prepare_still(coffee, network, {"fire88": 1}, QUICK)
    with pytest.raises(UsageError, match="at least"):
        prepare_still(coffee[..., :8, :8], network, {"fire9": 1}, QUICK)


def test_a_still_that_becomes_nan_is_refused(
    network: Network, coffee: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = prepare_still(coffee, network, {"fire5": 1}, DreamSettings(octaves=1, steps=1))
    monkeypatch.setattr("zoomdream.stills.still.dream", lambda frame, *rest: frame * float("nan"))
    with pytest.raises(DreamError, match="the picture: the dream has become NaN"):
        still.run()
