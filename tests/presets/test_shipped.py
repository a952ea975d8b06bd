"""The presets that come with zoomdream."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.presets import SMALLEST
from zoomdream.presets.loading import load_preset, load_preset_text, preset_text
from zoomdream.presets.sample_pictures import sample_files
from zoomdream.presets.shipped import shipped_files, shipped_presets


def test_shipped_presets_are_found_by_name(shipped: Path) -> None:
    assert shipped_presets() == {"clouds": "An endless zoom into clouds.", "static": ""}
    assert preset_text("clouds").startswith("# An endless zoom into clouds.")
    assert (load_preset("clouds").base, load_preset("clouds").name) == (shipped, "clouds")


def test_an_installed_package_carries_its_presets_inside(shipped: Path) -> None:
    inside = shipped.parent / "zoomdream" / "presets" / "yaml"
    inside.mkdir(parents=True)
    (inside / "other.yaml").write_text(SMALLEST, encoding="utf-8")
    assert list(shipped_presets()) == ["other"]


@pytest.mark.parametrize(("name", "description"), shipped_presets().items())
def test_a_shipped_preset_is_described_and_makes_a_timeline(name: str, description: str) -> None:
    preset = load_preset(name)
    assert description
    if "--input" in description:
        assert preset.source is not None
        assert not preset.source.exists()
    else:
        assert preset.source in sample_files().values()
    clock = preset.canvas.clock()
    timeline = preset.timeline(clock)
    assert len(timeline) == clock.frames
    assert [row.index for row in timeline] == list(range(clock.frames))
    assert preset.keyframe_warnings(clock) == []


@pytest.mark.parametrize("name", list(shipped_presets()))
def test_a_shipped_presets_text_is_its_file_and_works_anywhere(name: str, tmp_path: Path) -> None:
    text = preset_text(name)
    assert text == shipped_files()[name].read_text(encoding="utf-8")
    copied = load_preset_text(text, base=tmp_path)
    assert copied.layers == load_preset(name).layers
    assert copied.source in (*sample_files().values(), tmp_path / "clip.mp4")


@pytest.mark.parametrize("name", list(shipped_presets()))
def test_the_recipe_of_a_shipped_preset_names_no_folder(name: str, tmp_path: Path) -> None:
    preset = load_preset(name, ["source=noise"] if "--input" in shipped_presets()[name] else [])
    assert "folder" not in json.loads(preset.recipe())
    again = load_preset_text(preset.recipe(), base=tmp_path)
    assert (again.source, again.layers) == (preset.source, preset.layers)
