"""The preset to start from: it is a preset, and says so for photos and videos."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoomdream.errors import OutputExistsError
from zoomdream.presets.loading import load_preset, load_preset_text
from zoomdream.presets.starter import starter_text, write_starter


@pytest.mark.parametrize("source", [None, "noise", "sample:reef", "photo.jpg", "a: b #c.png", "clip.mp4", "ü/ý.mov"])
def test_it_is_a_preset(source: str | None) -> None:
    preset = load_preset_text(starter_text("film.yaml", source))
    assert preset.model.source == (source or "sample:clouds")
    is_video = source in ("clip.mp4", "ü/ý.mov")
    assert bool(preset.model.carry.written()) is is_video
    assert bool(preset.model.camera.written()) is not is_video


def test_the_source_is_seen_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("films").mkdir()
    write_starter(Path("films/a.yaml"), "photo.jpg")
    assert load_preset("films/a.yaml").source == tmp_path / "films" / ".." / "photo.jpg"


def test_a_file_that_exists_stays(tmp_path: Path) -> None:
    file = tmp_path / "film.yaml"
    file.write_text("mine")
    with pytest.raises(OutputExistsError):
        write_starter(file)
    assert file.read_text() == "mine"
    write_starter(file, overwrite=True)
    assert file.read_text().startswith("# A film of mine.")
