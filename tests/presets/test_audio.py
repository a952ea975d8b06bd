"""`audio` names a sound, as a path, which recipes treat like all others, or as a sample."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.presets import SMALLEST, load, refusal
from zoomdream.errors import SourceError
from zoomdream.presets.loading import load_preset_text
from zoomdream.presets.sample_pictures import sample_sounds


def test_a_path_is_relative_to_the_preset(tmp_path: Path) -> None:
    preset = load_preset_text(f"{SMALLEST}audio: {{file: music/song.flac, track: 2}}\n", base=tmp_path)
    assert preset.music == tmp_path / "music/song.flac"
    assert preset.model.audio.track == 2


def test_a_sample_sound(tmp_path: Path) -> None:
    preset = load_preset_text(f"{SMALLEST}audio: {{file: 'sample:groove'}}\n", base=tmp_path)
    assert preset.music == sample_sounds()["groove"]
    recipe = json.loads(preset.recipe())
    assert recipe["audio"] == {"file": "sample:groove"}
    assert "files" not in recipe


def test_samples_of_another_kind_are_refused() -> None:
    assert "audio.file: there is no sample sound 'clouds'; known: groove" in refusal("audio: {file: 'sample:clouds'}\n")
    assert "did you mean groove?" in refusal("audio: {file: 'sample:grove'}\n")
    head = SMALLEST.replace("noise", "sample:groove")
    assert "source: sample:groove is a sound, and a picture is wanted; known: clouds" in refusal("", head)


def test_a_recipe_carries_the_name_and_the_sha256_of_the_sound(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "song.flac").write_bytes(b"music")
    preset = load_preset_text(f"{SMALLEST}audio: {{file: music/song.flac}}\n", base=tmp_path)
    recipe = json.loads(preset.recipe())
    assert recipe["audio"] == {"file": "song.flac"}
    assert list(recipe["files"]) == ["song.flac"]
    assert json.loads(preset.located_text)["audio"] == {"file": str(tmp_path / "music" / "song.flac")}

    moved = load_preset_text(preset.recipe(), base=tmp_path / "music")
    moved.check_files()
    (tmp_path / "music" / "song.flac").write_bytes(b"other music")
    with pytest.raises(SourceError, match=r"song\.flac is not the file that preset was made from"):
        moved.check_files()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("audio: song.flac", "audio: this must be a mapping with the keys file, track"),
        ("audio: {fiel: a.wav}", "audio.fiel: there is no such key; did you mean file?"),
        ("audio: {file: a.wav, track: 0}", "audio.track is 0: it must be at least 1"),
        ("audio: {file: 3}", "audio.file is 3: it must be text"),
        ("audio: {file: ''}", "audio.file"),
    ],
)
def test_mistakes(written: str, words: str) -> None:
    assert words in refusal(f"{written}\n")


def test_without_it_nothing_is_heard() -> None:
    assert load().music is None
    assert load("audio: {}\n").music is None
