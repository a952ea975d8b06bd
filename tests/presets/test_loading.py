"""A preset is read from a file, a name or text, with overrides laid over it."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from tests.support.presets import CLOCK, SMALLEST, refusal
from zoomdream.errors import PresetError
from zoomdream.presets.documents.yaml_document import Change
from zoomdream.presets.loading import load_preset
from zoomdream.presets.sample_pictures import sample_files


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "film.yaml: it is empty: a preset needs zoomdream: 1, source and dream.layers"),
        ("# nothing yet", "film.yaml: it is empty"),
        ("- a", "film.yaml: it is a list: a preset is keys, such as zoomdream: 1"),
        ("hello", "film.yaml: it is 'hello'"),
        (SMALLEST.replace("1\n", "2\n", 1), "film.yaml:1: zoomdream: version 2 of the preset format is unknown"),
        (SMALLEST.replace("1\n", "true\n", 1), "film.yaml:1: zoomdream: version true of the preset format is unknown"),
        (SMALLEST.replace("zoomdream: 1\n", ""), "film.yaml: zoomdream is missing: begin the file with zoomdream: 1"),
        ("zoomdream: 1\nsource: a\ndream:\n  steps: 1", "film.yaml:3: dream.layers is missing: say what to amplify"),
    ],
)
def test_what_is_no_preset_at_all_is_refused(text: str, message: str) -> None:
    assert refusal("", text).startswith(message)


def test_a_file_comes_before_a_shipped_preset_and_a_folder_does_not(shipped: Path) -> None:
    Path("static").mkdir()
    assert load_preset("static").base == shipped
    Path("clouds").write_text(SMALLEST + "seed: 9", encoding="utf-8")
    assert load_preset("clouds").seed == 9


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cluods", "cluods is neither a file nor a shipped preset; did you mean clouds?"),
        ("films/cloud.yaml", "films/cloud.yaml is neither a file nor a shipped preset; did you mean clouds?"),
        (".", ". is a folder, not a preset: name a YAML file in it"),
        ("x" * 5000, "cannot be read: File name too long"),
    ],
)
def test_a_preset_that_is_not_there_is_refused(shipped: Path, name: str, message: str) -> None:
    with pytest.raises(PresetError) as caught:
        load_preset(name)
    assert message in str(caught.value)


def test_overrides_apply_before_validation(shipped: Path) -> None:
    preset = load_preset("clouds", ["dream.steps=6", "camera.zoom={0: 1, end: 2}", "canvas.fps=24000/1001"])
    row = preset.timeline(CLOCK)[20]
    assert (row.dream.steps, row.camera.zoom, preset.canvas.fps) == (6, 2.0, Fraction(24000, 1001))
    assert json.loads(preset.recipe())["dream"] == {"layers": {"fire8": 1}, "steps": 6}


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("dream.stps=6", "dream.stps: there is no such key; did you mean steps"),
        ("dream.steps=-1", "dream.steps is -1: it must be at least 0"),
        ("camra.zoom=2", "camra: there is no such key; did you mean camera"),
        ("dream.layers={a:1}", "dream.layers.a:1: a colon needs a space after it"),
    ],
)
def test_a_wrong_override_is_named_by_itself(shipped: Path, assignment: str, message: str) -> None:
    with pytest.raises(PresetError) as caught:
        load_preset("clouds", [assignment])
    assert str(caught.value).startswith(f"{assignment}: {message}")
    with pytest.raises(PresetError) as caught:
        load_preset("clouds", [Change(assignment, "--set it")])
    assert str(caught.value).startswith(f"--set it: {message}")


def test_another_source_is_relative_to_the_working_folder(shipped: Path) -> None:
    name = Path("odd: name #1.png")
    assert load_preset("clouds", source=name).source == Path.cwd() / name


def test_another_source_may_be_noise_or_a_sample() -> None:
    assert load_preset("quickstart", source="noise").source is None
    assert load_preset("quickstart", source="sample:reef").source == sample_files()["reef"]
    assert load_preset("quickstart", source=Path("sample:reef")).source == sample_files()["reef"]


def test_a_wrong_source_is_named_by_its_label() -> None:
    reason = "source: there is no sample picture 'ref'; did you mean reef?"
    with pytest.raises(PresetError) as caught:
        load_preset("quickstart", source="sample:ref")
    assert str(caught.value) == f"source sample:ref: {reason}"
    with pytest.raises(PresetError) as caught:
        load_preset("quickstart", source="sample:ref", source_label="--input sample:ref")
    assert str(caught.value) == f"--input sample:ref: {reason}"


def test_presets_are_read_without_torch_or_opencv() -> None:
    code = "import sys, zoomdream.presets.loading; sys.exit(bool({'torch', 'cv2'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0
