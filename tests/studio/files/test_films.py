"""Films that carry their preset: listed, played, opened as a preset."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.support.clips import pattern
from tests.support.studio import PRESET
from zoomdream.presets.yaml_document import Document
from zoomdream.studio.files.films import readable
from zoomdream.studio.workspace import Workspace

RECIPE = {
    "zoomdream": 1,
    "source": "sample:clouds",
    "canvas": {"size": "64x48", "fps": 10, "duration": "3s"},
    "dream": {"layers": [{"at": f"{n}s", "mix": {"fire6": 1, "class:tiger cat": 0.5}} for n in range(4)], "steps": 1},
    "camera": {"zoom": {f"{n}s": 1 + n / 10 for n in range(30)}, "border": "reflect"},
}


@pytest.fixture
def film(workspace: Workspace) -> Path:
    """A film that says what it was made from."""
    options = ("-metadata", f"zoomdream_preset={json.dumps(RECIPE)}", "-movflags", "use_metadata_tags")
    return pattern(workspace.folder / "film.mp4", *options, seconds=1)


def test_films_are_told_from_clips_by_the_preset_that_they_carry(
    client: TestClient, workspace: Workspace, film: Path
) -> None:
    pattern(workspace.folder / "clip.mp4", seconds=1)
    listing = client.get("/api/workspace").json()
    assert [each["name"] for each in listing["sources"]] == ["clip.mp4"]
    (listed,) = listing["films"]
    assert (listed["name"], listed["seconds"], listed["url"]) == ("film.mp4", 1.0, "/films/film.mp4")
    played = client.get(listed["url"], headers={"Range": "bytes=0-99"})
    assert (played.status_code, played.headers["content-type"]) == (206, "video/mp4")
    assert played.content == film.read_bytes()[:100]
    saved = client.get(f"{listed['url']}?download=1")
    assert saved.headers["content-disposition"] == 'attachment; filename="film.mp4"'
    assert client.get(listed["poster"]).content[:2] == b"\xff\xd8"


def test_a_film_is_opened_as_a_preset(client: TestClient, film: Path) -> None:
    text = client.get("/api/films/film.mp4/preset").json()["text"]
    assert Document.parse(text, "t").data == RECIPE
    assert text.startswith("# From the film film.mp4\nzoomdream: 1\nsource: sample:clouds\n")
    assert max(map(len, text.splitlines())) <= 120
    assert client.post("/api/check", json={"text": text}).json()["errors"] == []


def test_a_film_is_removed_and_a_clip_is_not_removed_as_a_film(
    client: TestClient, workspace: Workspace, film: Path
) -> None:
    pattern(workspace.folder / "clip.mp4", seconds=1)
    assert client.delete("/api/films/clip.mp4").status_code == 400
    assert client.get("/api/films/clip.mp4/preset").status_code == 400
    assert client.delete("/api/films/film.mp4").status_code == 200
    assert not film.exists()
    assert client.get("/films/film.mp4").status_code == 404


def test_what_is_known_of_a_clip_is_asked_again_when_it_has_changed(
    client: TestClient, workspace: Workspace, film: Path
) -> None:
    assert len(client.get("/api/workspace").json()["films"]) == 1
    pattern(film, seconds=2)
    assert client.get("/api/workspace").json()["films"] == []
    assert (workspace.state / "clips.json").is_file()


def test_a_recipe_with_odd_texts_stays_what_it_was() -> None:
    data = {"a\nb": {"c: d": ["- x", "#y", {"é\u2028": "'\""}], "n": None}, "files": {"x.jpg": "0" * 64}}
    assert Document.parse(readable(data, "film\nname.mp4"), "t").data == data


def test_pictures_that_move_are_sent_too(client: TestClient, workspace: Workspace) -> None:
    (workspace.folder / "a.apng").write_bytes(b"x")
    assert client.get("/films/a.apng").headers["content-type"] == "image/apng"
    assert client.get("/films/a.txt").status_code == 400
    assert client.post("/api/jobs", json={"name": "a.yaml", "text": PRESET, "output": "../a.mp4"}).status_code == 400
