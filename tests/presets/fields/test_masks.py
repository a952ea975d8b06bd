"""Masks as presets write them: their forms, what is wrong with them, and their files in recipes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zoomdream.errors import PresetError, SettingError
from zoomdream.objectives.specs.regions import Region
from zoomdream.objectives.specs.spec import Spec
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.preset import Preset
from zoomdream.schedule.tracks import mask_regions


def with_mask(mask: str, base: Path | None = None) -> Preset:
    text = (
        "zoomdream: 1\nsource: noise\ncanvas: {duration: 2s, fps: 10, size: 96x64}\ndream:\n  layers:\n"
        f"    - {{layer: fire5, mask: {mask}}}\n    - fire8\n"
    )
    return load_preset_text(text, "film.yaml", base)


def region_of(mask: str) -> Region:
    spec = with_mask(mask).layers.keys[0]
    assert isinstance(spec, Spec)
    assert isinstance(spec.mask, Region)
    return spec.mask


def numbers_at(mask: str, frame: int) -> tuple[float, ...]:
    preset = with_mask(mask)
    (numbers,) = preset.timeline(preset.clock())[frame].regions.values()
    return numbers


@pytest.mark.parametrize(
    ("mask", "numbers"),
    [
        ("{circle: [0.2, 0.5, 0.1]}", (0.2, 0.5, 0.1)),
        ("{circle: [{0s: 0, 2s: 1}, 0.5, 0.1]}", (0.5, 0.5, 0.1)),
        ("{circle: {0s: [0, 0.5, 0.1], 2s: [1, 0.5, 0.3]}}", (0.5, 0.5, 0.2)),
        ("{circle: [{at: 0s, value: [0, 1, 0.1], ease: hold}, {at: 2s, value: [1, 0.5, 0.3]}]}", (0, 1, 0.1)),
        ("{circle: ['0:(0), 10:(0.5)', {expr: time}, 0.1], feather: 0.05}", (0.5, 1, 0.1, 0.05)),
        ("{circle: {0s: [{expr: time}, 0.5, 0.1]}}", (1, 0.5, 0.1)),
        ("{ellipse: [0.2, 0.5, 0.1, 0.3]}", (0.2, 0.5, 0.1, 0.3)),
        ("{box: [0.2, 0.5, 0.1, 0.3], feather: {0s: 0, 2s: 0.1}}", (0.2, 0.5, 0.1, 0.3, 0.05)),
        ("{motion: subject, feather: 0.1}", (0.1,)),
    ],
)
def test_every_number_is_a_track(mask: str, numbers: tuple[float, ...]) -> None:
    assert numbers_at(mask, 10) == pytest.approx(numbers)


def test_regions_are_values() -> None:
    assert region_of("{motion: background, invert: true}") == Region(motion="background", invert=True)
    assert region_of("{circle: [0.2, 0.5, 0.1]}") == region_of("{circle: [0.2, 0.5, 0.1]}")
    assert region_of("{circle: [0.2, 0.5, 0.1]}") != region_of("{circle: [0.2, 0.5, 0.2]}")
    assert not mask_regions(with_mask("{motion: subject}").layers.keys)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ("{}", "film.yaml:6: dream.layers.0.mask: a mask has exactly one of file, circle, ellipse, box, motion"),
        ("{motion: subject, circle: [0, 0, 1]}", "here is circle and motion"),
        ("{motion: sky}", "film.yaml:6: dream.layers.0.mask.motion is 'sky': it is no choice here"),
        ("{star: [0, 0, 1]}", "film.yaml:6: dream.layers.0.mask.star: there is no such key"),
        ("{circle: [0.5, 0.5]}", r"mask.circle: circle is a list of 3 numbers, \[x, y, radius\]: here is a list of 2"),
        ("{circle: 0.5}", r"mask.circle: circle is a list of 3 numbers, \[x, y, radius\]: here is 0.5"),
        ("{box: {0s: [0, 0, 1]}}", r"box is a list of 4 numbers, \[x, y, width, height\]: here is a list of 3"),
        ("{circle: [0.5, 0.5, -1]}", "film.yaml:6: dream.layers.0.mask.circle.2 is -1: it must be at least 0"),
        ("{circle: [0.5, 0.5, 1], feather: 2}", "mask.feather is 2: it must be at most 1"),
        ("{circle: [0.5, 0.5, {expr: sinn(time)}]}", "film.yaml:6:55: .*there is no function 'sinn'"),
        ("{circle: [0.5, 0.5, 1], fps: 25}", "mask: fps goes with file"),
        ("{file: face.mp4, fps: 0}", "mask.fps: 0 is no frame rate"),
        ("3", "dream.layers.0.mask is 3: it must be text"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_place(mask: str, words: str) -> None:
    with pytest.raises(PresetError, match=words):
        with_mask(mask)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (
            "{circle: [0.5, 0.5, {expr: '0.1-time'}]}",
            "film.yaml:6:56: dream.layers.0.mask.circle: the value at frame 2",
        ),
        (
            "{circle: [0.5, 0.5, 0.1], feather: {expr: '2'}}",
            "mask.feather: the value at frame 0 is 2: it must be from 0",
        ),
        ("{box: [0.5, {0f: 1, 0s: 2}, 1, 1]}", "film.yaml:6: dream.layers.0.mask.box: 0f and 0s are the same instant"),
    ],
)
def test_what_makes_no_sense_on_a_film_is_told_with_its_place(mask: str, words: str) -> None:
    preset = with_mask(mask)
    with pytest.raises(PresetError, match=words):
        preset.timeline(preset.clock())


def test_late_keyframes_and_filled_strings_are_warned_of() -> None:
    preset = with_mask("{circle: [{0s: 0, 9s: 1}, '0:((0-1)**0.5), 5:(1)', 0.1]}")
    clock = preset.clock()
    assert preset.keyframe_warnings(clock) == ["dream.layers.mask.circle: the film ends before 9s"]
    assert "dream.layers.mask.circle: not a number" in preset.formula_warnings(clock, preset.variables(clock, None))[0]


def test_motion_needs_a_video() -> None:
    with pytest.raises(SettingError, match=r"film.yaml:6: dream.layers.0.mask.motion: subject is told by"):
        with_mask("{motion: subject}").refuse_motion_masks()
    with_mask("{circle: [0.5, 0.5, 0.1]}").refuse_motion_masks()


def test_a_masks_file_is_named_in_recipes_and_found_again(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "face.mp4").write_bytes(b"film")
    preset = with_mask("{file: here/face.mp4, feather: 0.1}", tmp_path)
    recipe: Any = json.loads(preset.recipe())
    assert recipe["dream"]["layers"][0]["mask"] == {"file": "face.mp4", "feather": 0.1}
    assert list(recipe["files"]) == ["face.mp4"]
    assert str(tmp_path / "here" / "face.mp4") in preset.located_text


def test_a_folder_of_masks_is_known_by_its_pictures(tmp_path: Path, photos: Path) -> None:
    folder = tmp_path / "masks"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"m{number}.png").write_bytes((photos / "chelsea.png").read_bytes())
    before = json.loads(with_mask("{file: masks}", tmp_path).recipe())["files"]["masks"]
    (folder / "m2.png").write_bytes((photos / "coffee.png").read_bytes())
    assert json.loads(with_mask("{file: masks}", tmp_path).recipe())["files"]["masks"] != before
