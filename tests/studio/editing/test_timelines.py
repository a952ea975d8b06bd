"""The timeline of a text, as the page draws it."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.support.studio import PRESET
from zoomdream.presets.shipped import shipped_files
from zoomdream.studio.studio import Studio


def test_tracks_have_curves_and_keyframes(client: TestClient) -> None:
    film = client.post("/api/timeline", json={"text": PRESET}).json()
    assert (film["fps"], film["frames"], film["seconds"], film["kind"]) == (4, 8, 2, "zoom")
    tracks = {track["name"]: track for track in film["tracks"]}
    zoom = tracks["camera.zoom"]
    assert zoom["path"] == ["camera", "zoom"]
    assert len(zoom["times"]) == len(zoom["values"]) == 8
    assert zoom["values"][:2] == [1.1, pytest.approx(1.2)]
    assert [(key["time"], key["value"], key["ease"]) for key in zoom["keyframes"]] == [
        (0, 1.1, "linear"),
        (1, 1.5, "linear"),
    ]
    assert zoom["keyframes"][1]["key"] == ["camera", "zoom", "1s"]
    assert zoom["editable"]
    assert zoom["moves"]
    assert not tracks["dream.steps"]["moves"]
    assert film["mix"]["names"] == ["fire6"]
    assert film["cuts"] == []
    assert "in-out-sine" in film["eases"]


def test_a_pair_has_a_track_for_each_component(client: TestClient) -> None:
    text = shipped_files()["dive"].read_text(encoding="utf-8")
    tracks = client.post("/api/timeline", json={"text": text}).json()["tracks"]
    assert [track["path"] for track in tracks if track["path"][1] == "tilt"] == [
        ["camera", "tilt", 0],
        ["camera", "tilt", 1],
    ]


def test_sound_and_beats(client: TestClient) -> None:
    text = shipped_files()["on-the-beat"].read_text(encoding="utf-8")
    film = client.post("/api/timeline", json={"text": text}).json()
    assert film["audio"]["bpm"] == pytest.approx(120, abs=0.5)
    assert max(film["audio"]["peaks"]) > 0.5
    assert len(film["beats"]) > 10
    given = client.post("/api/timeline", json={"text": PRESET + "bpm: 120\nbeat_offset: 0.25s\n"})
    assert given.json()["beats"] == [0.25, 0.75, 1.25, 1.75]


def test_the_cuts_of_a_clip_come_when_they_are_found(studio: Studio, client: TestClient, clips: Path) -> None:
    (studio.workspace.folder / "clip.mp4").write_bytes((clips / "carphone_pristine.mp4").read_bytes())
    found: list[float] = [1.5]
    studio.cuts.of = lambda film: found if film.clip else []  # type: ignore[method-assign]
    film = client.post("/api/timeline", json={"text": PRESET.replace("sample:clouds", "clip.mp4")}).json()
    assert (film["kind"], film["cuts"]) == ("video", [1.5])


def test_what_cannot_be_drawn_is_said(client: TestClient) -> None:
    answer = client.post("/api/timeline", json={"text": PRESET.replace("1s: 1.5", "1s: -1")})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("preset:7: camera.zoom")
    missing = client.post("/api/timeline", json={"text": PRESET.replace("sample:clouds", "gone.jpg")}).json()
    assert "gone.jpg is not there" in missing["warnings"][0]
