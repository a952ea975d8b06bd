from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import zoomdream
from zoomdream.cli.parsing import parse_layers
from zoomdream.errors import OutputError, SettingError, UsageError
from zoomdream.networks import Network
from zoomdream.objectives import Objective
from zoomdream.rng import generator
from zoomdream.settings import DreamSettings
from zoomdream.stills.still import check_picture, dream_still

QUICK = DreamSettings(octaves=2, steps=2)


def test_a_still_raises_its_objective_and_is_reproducible(network: Network, coffee: torch.Tensor) -> None:
    one, two = (dream_still(coffee, network, {"fire5": 1}, QUICK, seed=3) for _ in range(2))
    assert torch.equal(one, two)
    objective = Objective.of(network, {"fire5": 1.0})
    assert objective.scores(one)[0] > 1.1 * objective.scores(coffee)[0]


def test_a_path_and_a_size(network: Network, photos: Path) -> None:
    dreamed = dream_still(photos / "coffee.png", network, {"fire3": 1}, QUICK, size=(96, 64), coherence=0.5)
    assert dreamed.shape == (1, 3, 64, 96)


def test_layers_as_text() -> None:
    assert parse_layers("fire8=1, fire5=-0.3,conv1") == {"fire8": 1.0, "fire5": -0.3, "conv1": 1.0}
    with pytest.raises(UsageError, match="fire8 is there twice"):
        parse_layers("fire8,fire5,fire8=0.3")
    for wrong in ("", "fire8=x", "fire8=nan", "=1", "fire8=1e9"):
        with pytest.raises(UsageError, match="write fire8=1"):
            parse_layers(wrong)


def test_outputs_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "old.png").touch()
    (tmp_path / "folder.png").mkdir()
    for name, error in (
        ("a.gif", UsageError),
        ("old.png", OutputError),
        ("folder.png", OutputError),
        ("none/a.png", OutputError),
    ):
        with pytest.raises(error):
            check_picture(tmp_path / name, overwrite=False)
    check_picture(tmp_path / "old.png", overwrite=True)


def test_generators_belong_to_seed_frame_and_purpose() -> None:
    def first(*key: object) -> int:
        return int(generator(*key).integers(2**62))  # type: ignore[arg-type]

    assert first(1, 2, "jitter") == first(1, 2, "jitter")
    assert len({first(1, 2, "jitter"), first(2, 2, "jitter"), first(1, 3, "jitter"), first(1, 2, "noise")}) == 4


def test_public_names_load_when_used_and_no_module_has_one() -> None:
    assert zoomdream.DreamSettings is DreamSettings
    modules = {path.stem for path in Path(str(zoomdream.__file__)).parent.iterdir()}
    assert not modules & set(zoomdream.__all__)
    for name in zoomdream.__all__:
        assert getattr(zoomdream, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = zoomdream.nothing


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"octaves": 0}, "octaves is 0: it must be a whole number from 1 to 16"),
        ({"smoothing": 99.0}, "smoothing is 99.0: it must be a number from 0 to 16"),
        ({"objective": "l3"}, "objective is 'l3': it should be 'l2' or 'mean'"),
    ],
)
def test_settings_out_of_range_name_what_is_allowed(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        DreamSettings(**given)
