"""Presets as files: two windows, another program, and what is no text."""

from __future__ import annotations

import hashlib

from starlette.testclient import TestClient

from tests.support.studio import PRESET
from zoomdream.presets.shipped import shipped_files
from zoomdream.studio.workspace import Workspace


def test_of_two_windows_that_save_one_preset_the_second_is_told_and_nothing_is_lost(
    client: TestClient, workspace: Workspace
) -> None:
    opened = client.get("/api/presets/mine.yaml").json()
    assert opened["text"] == PRESET
    assert opened["version"] == hashlib.sha256(PRESET.encode()).hexdigest()
    first = client.put("/api/presets/mine.yaml", json={"text": PRESET + "# one\n", "version": opened["version"]})
    assert first.status_code == 200
    second = client.put("/api/presets/mine.yaml", json={"text": PRESET + "# two\n", "version": opened["version"]})
    assert second.status_code == 409
    assert second.json()["message"].startswith("mine.yaml: it has changed since it was opened here")
    assert second.json()["text"] == PRESET + "# one\n"
    assert (workspace.folder / "mine.yaml").read_text() == PRESET + "# one\n"
    kept = client.put("/api/presets/mine.yaml", json={"text": PRESET + "# two\n", "version": second.json()["version"]})
    assert kept.status_code == 200
    assert (workspace.folder / "mine.yaml").read_text() == PRESET + "# two\n"


def test_what_another_program_has_changed_or_deleted_is_told(client: TestClient, workspace: Workspace) -> None:
    version = client.get("/api/presets/mine.yaml").json()["version"]
    (workspace.folder / "mine.yaml").write_text("zoomdream: 1\n")
    answer = client.put("/api/presets/mine.yaml", json={"text": PRESET, "version": version})
    assert (answer.status_code, answer.json()["text"]) == (409, "zoomdream: 1\n")
    (workspace.folder / "mine.yaml").unlink()
    answer = client.put("/api/presets/mine.yaml", json={"text": PRESET, "version": version})
    assert (answer.status_code, answer.json()["version"]) == (409, None)
    assert "deleted" in answer.json()["message"]
    assert client.put("/api/presets/mine.yaml", json={"text": PRESET, "version": None}).status_code == 200
    assert client.put("/api/presets/mine.yaml", json={"text": PRESET, "version": None}).status_code == 409


def test_a_copy_begins_with_a_shipped_preset_and_takes_no_name_that_is_taken(client: TestClient) -> None:
    text = shipped_files()["quickstart"].read_text(encoding="utf-8")
    assert client.get("/api/presets/quickstart?shipped=1").json()["text"] == text
    ask = {"from": "quickstart", "shipped": True, "new_name": "sky.yaml"}
    assert client.post("/api/presets/quickstart/copy", json=ask).json()["text"] == text
    assert client.post("/api/presets/quickstart/copy", json=ask).status_code == 409
    assert client.post("/api/presets/mine.yaml/copy", json={"new_name": "b.yaml"}).json()["text"] == PRESET
    names = [each["name"] for each in client.get("/api/workspace").json()["presets"] if not each["shipped"]]
    assert names == ["b.yaml", "mine.yaml", "sky.yaml"]
    assert client.delete("/api/presets/b.yaml").status_code == 200
    assert client.delete("/api/presets/b.yaml").status_code == 404


def test_what_is_no_text_is_said_in_a_sentence(client: TestClient, workspace: Workspace) -> None:
    (workspace.folder / "photo.yaml").write_bytes(b"\x89PNG\r\n\x1a\n")
    answer = client.get("/api/presets/photo.yaml")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("photo.yaml: this is a PNG picture")
    assert client.get("/api/presets/none.yaml").status_code == 404
    assert client.get("/api/presets/none?shipped=1").status_code == 404
    for body in ({}, {"text": 1}, {"text": "x", "version": 1}):
        assert client.put("/api/presets/mine.yaml", json=body).status_code == 400
    half = client.put("/api/presets/a.yaml", content=b'{"text": "\\ud800", "version": null}')
    assert half.status_code == 400
    assert "half a character" in half.json()["message"]


def test_the_listing_describes_presets(client: TestClient) -> None:
    presets = {each["name"]: each for each in client.get("/api/workspace").json()["presets"]}
    assert presets["mine.yaml"]["description"] == "A test: nothing much happens"
    assert presets["mine.yaml"]["poster"] == "/api/sources/sample%3Aclouds/poster"
    assert presets["endless-zoom"]["title"] == "Endless zoom"
    assert "--input" not in presets["street-animals"]["description"]
