"""A film that is shared carries names and sha256 of its files, and nothing of the machine that made it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.clips import ffmpeg
from tests.support.presets import SMALLEST, refusal
from zoomdream.errors import MissingSourceError, SourceError
from zoomdream.media.ffmpeg import file_url
from zoomdream.media.tags import to_ffmetadata
from zoomdream.presets.loading import load_preset, load_preset_text, preset_text

EVERYTHING_NAMED = """
zoomdream: 1
source: ../photos/photo.jpg
weights: weights/net.pth
dream:
  layers:
    - {at: 0, mix: {fire8: 1, "fire8:17 in masks/mask.png": -0.5, "guide:fire6: ~/cat.jpg in /m/face.png": 1}}
    - {at: 1s, mix: [{direction: {17: 1, 31: -0.5}, layer: fire8}, {direction: v/v.npy, layer: fire8, match: cosine}]}
    - {at: 2s, mix: [{class: 967, mask: ~/face.png}, {layer: fire5, channels: "3:17"}, "direction:fire8:v/w.npy"]}
    - {at: 50%, mix: [{guide: /pictures/cat.jpg, layer: fire5}, {layer: fire6, channel: 2, x: 0.1, y: 0.9}]}
    - {at: 3s, mix: [{guide: sample:marble, layer: fire5}, {layer: fire6, weight: 2}]}
output: {audio: /music/client/song.wav}
"""

NAMED = [
    {"at": 0, "mix": {"fire8": 1, "fire8:17 in mask.png": -0.5, "guide:fire6:cat.jpg in face.png": 1}},
    {
        "at": "1s",
        "mix": [
            {"direction": {"17": 1, "31": -0.5}, "layer": "fire8"},
            {"direction": "v.npy", "layer": "fire8", "match": "cosine"},
        ],
    },
    {
        "at": "2s",
        "mix": [
            {"class": 967, "mask": "face-2.png"},
            {"layer": "fire5", "channels": "3:17"},
            "direction:fire8:w.npy",
        ],
    },
    {
        "at": "50%",
        "mix": [{"guide": "cat-2.jpg", "layer": "fire5"}, {"layer": "fire6", "channel": 2, "x": 0.1, "y": 0.9}],
    },
    {"at": "3s", "mix": [{"guide": "sample:marble", "layer": "fire5"}, {"layer": "fire6", "weight": 2}]},
]


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def film(path: Path, recipe: Mapping[str, Any] | str) -> Path:
    """A film whose tag is this recipe."""
    tags = path.with_suffix(".txt")
    text = recipe if isinstance(recipe, str) else json.dumps(recipe)
    tags.write_text(to_ffmetadata({"zoomdream_preset": text}), encoding="utf-8")
    frame = ("-f", "lavfi", "-i", "color=s=32x32:d=0.1", "-f", "ffmetadata", "-i", tags)
    ffmpeg(*frame, "-map", "0", "-map_metadata", "1", "-movflags", "+use_metadata_tags", file_url(path))
    return path


SIMPLE = {"zoomdream": 1, "source": "a.jpg", "dream": {"layers": {"fire2": 1}}}


# -- what a recipe holds ----------------------------------------------------------------------------------------------


def test_every_path_becomes_a_name_and_two_files_with_one_name_get_two(tmp_path: Path) -> None:
    recipe = json.loads(load_preset_text(EVERYTHING_NAMED, base=tmp_path).recipe())
    assert (recipe["source"], recipe["weights"], recipe["output"]) == ("photo.jpg", "net.pth", {"audio": "song.wav"})
    assert recipe["dream"]["layers"] == NAMED
    assert "folder" not in recipe


def test_a_sweep_names_its_files_too(tmp_path: Path) -> None:
    layers = '{sweep: [fire2, "guide:fire5:a/b.jpg", fire3 in /c/d.png], hold: 1s}'
    recipe = json.loads(load_preset_text(SMALLEST.replace("{fire8: 1}", layers), base=tmp_path).recipe())
    assert recipe["dream"]["layers"] == {"sweep": ["fire2", "guide:fire5:b.jpg", "fire3 in d.png"], "hold": "1s"}


def test_files_that_are_there_have_their_sha256(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"a")
    (tmp_path / "a.jpg").write_bytes(b"another")
    text = SMALLEST.replace("noise", "photos/a.jpg").replace("fire8: 1", "fire8 in a.jpg: 1, fire5 in b.png: 1")
    recipe = json.loads(load_preset_text(text, base=tmp_path).recipe())
    assert recipe["files"] == {"a.jpg": sha256(tmp_path / "photos" / "a.jpg"), "a-2.jpg": sha256(tmp_path / "a.jpg")}
    assert recipe["dream"]["layers"] == {"fire8 in a-2.jpg": 1, "fire5 in b.png": 1}


@pytest.mark.parametrize("name", ["noise", "sample:reef", "caf\udce9.png", "a: b #c.png", "~x.png", "é ü.png"])
def test_any_name_stays_the_name_of_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a")
    preset = load_preset("quickstart", source=tmp_path / name)
    again = load_preset(film(tmp_path / "film.mkv", preset.recipe()))
    assert again.source == tmp_path / name
    again.check_files()


def test_the_recipe_of_a_recipe_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    first = load_preset_text(SMALLEST.replace("noise", str(tmp_path / "a.jpg"))).recipe()
    assert load_preset(film(tmp_path / "film.mp4", first)).recipe() == first


# -- a film as a preset -----------------------------------------------------------------------------------------------


def test_a_film_finds_its_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    preset = load_preset(film(tmp_path / "film.mp4", {**SIMPLE, "files": {"a.jpg": sha256(tmp_path / "a.jpg")}}))
    preset.check_files()
    assert preset.source == tmp_path / "a.jpg"


def test_a_file_that_is_not_beside_the_film_is_missing(tmp_path: Path) -> None:
    preset = load_preset(film(tmp_path / "film.mp4", {**SIMPLE, "output": {"audio": "song.wav"}}))
    with pytest.raises(MissingSourceError, match=r"film.mp4 was made from a.jpg, which does not lie beside it: put it"):
        preset.check_files()
    (tmp_path / "a.jpg").write_bytes(b"a")
    with pytest.raises(SourceError, match=r"was made from song.wav, which does not lie beside it") as caught:
        preset.check_files()
    assert not isinstance(caught.value, MissingSourceError)


def test_another_file_of_that_name_is_refused_unless_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"another")
    path = film(tmp_path / "film.mp4", {**SIMPLE, "files": {"a.jpg": "0" * 64}})
    reason = r"a.jpg is not the file that .*film.mp4 was made from: its sha256 begins with \w{8}, not with 00000000"
    with pytest.raises(MissingSourceError, match=reason):
        load_preset(path).check_files()
    load_preset(path, source=tmp_path / "a.jpg").check_files()
    load_preset(path, source="sample:reef").check_files()


@pytest.mark.parametrize(
    ("folder", "source", "origin"),
    [
        ("/home/someone/work", "photos/a.jpg", "/home/someone/work/photos/a.jpg"),
        (None, "/home/someone/a.jpg", "/home/someone/a.jpg"),
        ("~someone", "../../a.jpg", "~someone/../../a.jpg"),
        (None, "~/a.jpg", "~/a.jpg"),
        ("/x", "C:\\Users\\someone\\a.jpg", "C:\\Users\\someone\\a.jpg"),
        (None, "\\\\server\\share\\a.jpg", "\\\\server\\share\\a.jpg"),
    ],
)
def test_a_film_reads_nothing_but_what_lies_beside_it(
    tmp_path: Path, folder: str | None, source: str, origin: str
) -> None:
    recipe: dict[str, object] = {**SIMPLE, "source": source, **({"folder": folder} if folder else {})}
    preset = load_preset(film(tmp_path / "film.mp4", recipe))
    assert preset.source == tmp_path / "a.jpg"
    with pytest.raises(MissingSourceError) as caught:
        preset.check_files()
    assert f"film.mp4 was made from a.jpg (it was {origin}), which does not lie" in str(caught.value)
    (tmp_path / "a.jpg").write_bytes(b"a")
    preset.check_files()


def test_a_path_that_ends_in_no_name_names_nothing(tmp_path: Path) -> None:
    for source in ("..", "/", "~", "a/../.."):
        preset = load_preset(film(tmp_path / "film.mp4", {**SIMPLE, "source": source}))
        with pytest.raises(MissingSourceError, match="does not lie beside it"):
            preset.check_files()


def test_the_text_of_an_earlier_film_is_a_preset_with_its_paths(tmp_path: Path) -> None:
    text = preset_text(film(tmp_path / "film.mp4", {**SIMPLE, "folder": "/home/someone"}))
    preset = load_preset_text(text, base=tmp_path)
    assert preset.source == Path("/home/someone/a.jpg")
    preset.check_files()  # what is missing is said by what reads it


# -- `files` in a preset of one's own ---------------------------------------------------------------------------------


def test_a_preset_may_say_which_files_it_means(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    head = SMALLEST.replace("noise", "./a.jpg")
    load_preset_text(head + f"files: {{./a.jpg: {sha256(tmp_path / 'a.jpg')}}}", base=tmp_path).check_files()
    load_preset_text(head + f"files: {{b.jpg: {'1f' * 32}}}", base=tmp_path).check_files()
    with pytest.raises(MissingSourceError, match=r"a.jpg is not the file that preset was made from"):
        load_preset_text(head + f"files: {{./a.jpg: {'1f' * 32}}}", base=tmp_path).check_files()


def test_what_is_no_sha256_is_refused() -> None:
    assert refusal("files: {a.jpg: 12ab}").startswith("film.yaml:5: files.a.jpg")
