"""Regions as plain values: their names, files and numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoomdream.errors import SettingError
from zoomdream.networks import Network
from zoomdream.objectives import LayerSpec, resolve
from zoomdream.objectives.specs.regions import FEATHER, SHAPES, Region

CIRCLE = Region(shape="circle", numbers="a track", feather="another")


@pytest.mark.parametrize(
    ("region", "name"),
    [
        (CIRCLE, "fire5 in circle"),
        (Region(motion="subject"), "fire5 in subject"),
        (Region(motion="subject", invert=True), "fire5 in subject inverted"),
        (Region(file=Path("masks/face.mp4")), "fire5 in face.mp4"),
    ],
)
def test_an_objective_is_named_with_its_region(region: Region, name: str) -> None:
    assert str(LayerSpec("fire5", mask=region)) == name


def test_a_regions_file_is_one_of_the_objectives() -> None:
    spec = LayerSpec("fire5", mask=Region(file=Path("face.mp4")))
    assert spec.files == (Path("face.mp4"),)
    assert spec.located(lambda path: Path("/else") / path).files == (Path("/else/face.mp4"),)
    assert LayerSpec("fire5", mask=CIRCLE).files == ()


def test_columns_are_the_shapes_numbers_and_the_feather() -> None:
    assert CIRCLE.columns == (*SHAPES["circle"], FEATHER)
    assert CIRCLE.tracks == ("a track", "another")
    assert Region(motion="background").columns == ()
    assert CIRCLE.without_tracks == Region(shape="circle")
    assert CIRCLE.without_tracks != CIRCLE


def test_a_picture_of_its_own_has_no_region(network: Network) -> None:
    with pytest.raises(SettingError, match="fire5 in circle: only films have masks that are drawn or move"):
        resolve(network, LayerSpec("fire5", mask=CIRCLE))
