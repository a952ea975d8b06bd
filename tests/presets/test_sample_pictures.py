"""`sample:NAME` is a picture that comes with zoomdream, wherever the preset that names it lies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.presets import SMALLEST, with_layers
from zoomdream.errors import UnknownNameError
from zoomdream.objectives import GuideSpec, LayerSpec
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.sample_pictures import check_sample, is_sample, sample_file, sample_files


def test_the_samples_are_the_pictures_at_the_top_of_a_checkout() -> None:
    folder = Path(__file__).parents[2] / "samples"
    assert sample_files() == {path.stem: path for path in folder.glob("*.jpg")}
    assert list(sample_files()) == ["clouds", "hills", "marble", "reef"]


def test_an_installed_package_carries_its_samples_inside(shipped: Path) -> None:
    inside = shipped.parent / "zoomdream" / "presets" / "samples"
    inside.mkdir(parents=True)
    (inside / "lawn.jpg").touch()
    assert sample_files() == {"lawn": inside / "lawn.jpg"}
    assert sample_file("sample:lawn") == inside / "lawn.jpg"


def test_a_path_is_no_sample() -> None:
    assert is_sample("sample:clouds")
    assert is_sample(Path("sample:clouds"))
    assert not is_sample("../samples/clouds.jpg")
    assert check_sample("../samples/cluods.jpg") == "../samples/cluods.jpg"


@pytest.mark.parametrize(
    ("name", "ending"),
    [("cluods", "; did you mean clouds?"), ("clouds.jpg", "; did you mean clouds?"), ("", "; known: clouds, hills,")],
)
def test_an_unknown_sample_is_refused_with_the_nearest_names(name: str, ending: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        sample_file(f"sample:{name}")
    assert str(caught.value).startswith(f"there is no sample picture {name!r}{ending}")


def test_a_source_may_be_a_sample(tmp_path: Path) -> None:
    preset = load_preset_text(SMALLEST.replace("noise", "sample:clouds"), base=tmp_path)
    assert preset.source == sample_files()["clouds"]
    recipe = json.loads(preset.recipe())
    assert recipe["source"] == "sample:clouds"
    assert "folder" not in recipe


@pytest.mark.parametrize(
    "layers",
    [
        "{'cosine:fire5:sample:marble in sample:hills': 1}",
        "[{guide: sample:marble, layer: fire5, match: cosine, mask: sample:hills}]",
    ],
)
def test_guides_and_masks_may_be_samples(layers: str, tmp_path: Path) -> None:
    preset = load_preset_text(with_layers(layers), base=tmp_path)
    files = sample_files()
    assert preset.layers.keys == (GuideSpec("fire5", files["marble"], "cosine", mask=files["hills"]),)
    assert "folder" not in json.loads(preset.recipe())


def test_samples_do_not_hide_files(tmp_path: Path) -> None:
    text = SMALLEST.replace("noise", "sample:clouds").replace("fire8: 1", "fire8 in ../masks/a.png: 1")
    preset = load_preset_text(text, base=tmp_path / "films")
    assert preset.layers.keys == (LayerSpec("fire8", mask=tmp_path / "films" / "../masks/a.png"),)
    recipe = json.loads(preset.recipe())
    assert (recipe["source"], recipe["dream"]) == ("sample:clouds", {"layers": {"fire8 in a.png": 1}})


def test_the_path_of_a_sample_goes_on_working(tmp_path: Path) -> None:
    text = SMALLEST.replace("noise", "../samples/clouds.jpg")
    assert load_preset_text(text, base=tmp_path / "presets").source == tmp_path / "presets" / "../samples/clouds.jpg"
