"""Presets that extend others: which value counts, where a mistake is, and circles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoomdream.errors import PresetError
from zoomdream.objectives.specs.spec import LayerSpec
from zoomdream.presets.documents.yaml_document import Document
from zoomdream.presets.extending import MOST_LEVELS, Found, extended
from zoomdream.presets.loading import load_preset, load_preset_text
from zoomdream.presets.resolved_text import resolved_text

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def data(text: str, **others: str) -> object:
    """What a text makes of it that extends some of the others."""

    def find(name: str, base: Path) -> Found:
        return Found(Path(name), Document.parse(others[name], name), Path("/others"))

    return extended(Document.parse(text, "own.yaml"), Path("/own"), find).data


def test_networks_replace_a_network_and_its_weights_and_a_network_replaces_networks() -> None:
    assert data("extends: other\nnetworks: [a, b]", other="network: a\nweights: a.pth\nseed: 1") == {
        "seed": 1,
        "networks": ["a", "b"],
    }
    assert data("extends: other\nnetwork: c", other="networks: [a, b]") == {"network": "c"}
    assert data("extends: other\nseed: 2", other="networks: [a, b]") == {"networks": ["a", "b"], "seed": 2}


def test_sections_are_merged_and_tracks_replaced_whole() -> None:
    other = "camera: {zoom: {0s: 1, 6s: 2}, rotate: 3}\ndream: {layers: {fire5: 1, fire8: 2}, steps: 4}"
    own = "extends: other\ncamera: {zoom: {0s: 3}}\ndream: {layers: {fire6: 1}}"
    assert data(own, other=other) == {
        "camera": {"zoom": {"0s": 3}, "rotate": 3},
        "dream": {"layers": {"fire6": 1}, "steps": 4},
    }


def test_of_several_the_last_one_counts() -> None:
    first, second = "seed: 1\nnetwork: a\ncanvas: {fps: 1}", "seed: 2\ncanvas: {size: 1x1}"
    assert data("extends: [first, second]\nweights: w", first=first, second=second) == {
        "seed": 2,
        "network": "a",
        "canvas": {"fps": 1, "size": "1x1"},
        "weights": "w",
    }


SECTION = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(0, 3), max_size=3)
DATA = st.dictionaries(st.sampled_from(["camera", "dream", "seed"]), SECTION | st.integers(0, 3), max_size=3)


@given(own=DATA, other=DATA)
def test_every_value_is_ones_own_or_the_others(own: dict, other: dict) -> None:
    import json

    merged = data(json.dumps({**own, "extends": "other"}), other=json.dumps(other))
    assert isinstance(merged, dict)
    assert merged.keys() == own.keys() | other.keys()
    for key, value in merged.items():
        if isinstance(own.get(key), dict) and isinstance(other.get(key), dict):
            assert value == {**other[key], **own[key]}
        else:
            assert value == own.get(key, other.get(key))


def test_paths_of_another_preset_begin_at_its_own_file(write: Write, photos: Path) -> None:
    write("looks/base.yaml", "source: photo.png\nfolder: pictures\ndream: {layers: {fire5 in mask.png: 1}}\n")
    own = write("film.yaml", "zoomdream: 1\nextends: looks/base.yaml\n")
    preset = load_preset(own)
    assert preset.source == own.parent / "looks" / "pictures" / "photo.png"
    (spec,) = preset.layers.keys
    assert isinstance(spec, LayerSpec)
    assert spec.mask == own.parent / "looks" / "pictures" / "mask.png"


def test_a_shipped_preset_is_extended_by_its_name_unless_a_file_has_it(write: Write) -> None:
    own = write("film.yaml", "extends: quickstart\nseed: 12\n")
    shipped = load_preset("quickstart")
    assert load_preset(own).seed == 12
    assert load_preset(own).model.dream == shipped.model.dream
    write("quickstart", "zoomdream: 1\nsource: noise\ndream: {layers: {fire2: 1}}\n")
    assert load_preset(own).model.source == "noise"


def test_changes_come_last(write: Write) -> None:
    own = write("film.yaml", "extends: quickstart\nseed: 12\n")
    assert load_preset(own, ["seed=13", "camera.zoom=2"]).seed == 13


def test_what_is_rendered_says_nothing_of_other_files(write: Write) -> None:
    own = write("film.yaml", "extends: quickstart\nseed: 12\n")
    preset = load_preset(own)
    assert "extends" not in preset.recipe()
    assert load_preset_text(preset.recipe()).model == preset.model
    assert load_preset_text(own.read_text()).model == preset.model


def test_a_mistake_is_told_with_the_file_that_it_is_in(write: Write) -> None:
    write("base.yaml", "canvas: {fps: 12}\ncolor:\n  coherence: 3\n")
    own = write("film.yaml", "extends: [quickstart, base.yaml]\ncamera: {zoom: x}\n")
    with pytest.raises(PresetError) as caught:
        load_preset(own.name)
    first, second = str(caught.value).splitlines()
    assert first == "base.yaml:3: color.coherence is 3: it must be at most 1.0"
    assert second.startswith("film.yaml:2: camera.zoom is 'x': it must be a number")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: none.yaml", r"film\.yaml:1: extends: .*none\.yaml is neither a file nor a shipped preset"),
        ("extends: [quickstart,\n neonn]", r"film\.yaml:2: extends: .*neonn is neither .*did you mean neon"),
        ("extends: 3", r"film\.yaml:1: extends is 3: it must be a preset's file or name, or a list of them"),
        ("extends: []", r"film\.yaml:1: extends is \[\]: it must be"),
        ("extends: list.yaml", r"film\.yaml:1: extends: list\.yaml is no preset: it has no keys"),
        ("extends: out.mp4", r"film\.yaml:1: extends: out\.mp4 is a film, and only presets are extended"),
        ("extends: film.yaml", r"film\.yaml:1: extends: .*film\.yaml, which extends film\.yaml: a circle"),
        ("extends: a.yaml", r"b\.yaml:1: extends: a\.yaml, which extends b\.yaml, which extends a\.yaml: a circle"),
        ("extends: bad.yaml", r"film\.yaml:1: extends: .*bad\.yaml:3: the text ends in the middle"),
    ],
)
def test_what_cannot_be_extended_is_told(write: Write, text: str, message: str) -> None:
    write("list.yaml", "- 1\n")
    write("out.mp4", "a film")
    write("a.yaml", "extends: b.yaml\n")
    write("b.yaml", "extends: a.yaml\n")
    write("bad.yaml", "seed: 1\ncanvas: {\n")
    with pytest.raises(PresetError, match=message):
        load_preset(write("film.yaml", f"{text}\n"))


def test_a_long_chain_is_told(write: Write) -> None:
    for number in range(MOST_LEVELS + 1):
        write(f"{number}.yaml", f"extends: {number + 1}.yaml\n")
    with pytest.raises(PresetError, match=f"a chain of more than {MOST_LEVELS} presets"):
        load_preset("0.yaml")


def test_a_resolved_preset_says_where_each_value_comes_from(write: Write) -> None:
    write("base.yaml", "camera:\n  zoom: {0s: 1.1, 50%: 2}\n  rotate: 2\n")
    own = write("film.yaml", "extends: [quickstart, base.yaml]\ncamera: {rotate: 3}\n")
    preset = load_preset(own.name, ["dream.steps=9"])
    text = resolved_text(preset)
    assert load_preset_text(text).model == preset.model
    origins = {line.split(":")[0].strip(): line.rpartition("# ")[2] for line in text.splitlines() if "# " in line}
    assert (origins["zoom"], origins["rotate"]) == ("base.yaml:2", "film.yaml:2")
    assert origins["steps"] == "dream.steps=9"
    assert origins["source"].startswith("quickstart:")
