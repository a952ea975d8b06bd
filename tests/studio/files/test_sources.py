"""Photos, clips and sounds: dropped into the page, described, and sent back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import anyio
import pytest
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from tests.support.studio import PRESET
from zoomdream.studio.answers import Refused
from zoomdream.studio.studio import Studio
from zoomdream.studio.workspace import Workspace
from zoomdream.temporary_files import is_own_name


@pytest.fixture
def photo(photos: Path) -> bytes:
    """A JPEG of 640x427."""
    return (photos / "rocket.jpg").read_bytes()[:]


@pytest.fixture
def roomy(studio: Studio) -> Studio:
    """The studio, which takes a photo and a clip."""
    studio.sources.most_bytes = 10_000_000
    return studio


def test_a_photo_that_is_dropped_is_there_whole(client: TestClient, roomy: Studio, photo: bytes) -> None:
    assert client.post("/api/sources?name=rocket.jpg", content=photo).json() == {"name": "rocket.jpg"}
    assert (roomy.workspace.folder / "rocket.jpg").read_bytes() == photo
    (source,) = client.get("/api/workspace").json()["sources"]
    assert (source["name"], source["kind"], source["bytes"]) == ("rocket.jpg", "photo", len(photo))
    probed = client.get("/api/sources/rocket.jpg/probe").json()
    assert (probed["width"], probed["height"], probed["sound"]) == (640, 427, False)
    poster = client.get(source["poster"])
    assert poster.headers["content-type"] == "image/jpeg"
    assert poster.content[:2] == b"\xff\xd8"
    assert client.get("/api/sources/rocket.jpg/file").content == photo
    text = PRESET.replace("sample:clouds", "rocket.jpg")
    assert client.post("/api/timeline", json={"text": text}).json()["warnings"] == []


def test_of_two_files_with_one_name_the_second_gets_another(client: TestClient, roomy: Studio, photo: bytes) -> None:
    names = [client.post("/api/sources?name=a.jpg", content=photo[: 100 + n]).json()["name"] for n in range(3)]
    assert names == ["a.jpg", "a-2.jpg", "a-3.jpg"]
    assert (roomy.workspace.folder / "a-2.jpg").stat().st_size == 101


def test_what_is_too_large_is_refused_before_and_while_it_comes_and_leaves_nothing(
    client: TestClient, workspace: Workspace
) -> None:
    told = client.post("/api/sources?name=a.jpg", content=b"x" * 100_001)
    untold = client.post("/api/sources?name=a.jpg", content=(b"x" * 50_000 for _ in range(3)))
    for answer in (told, untold):
        assert answer.status_code == 413
        assert "copy it into" in answer.json()["message"]
    assert client.post("/api/sources?name=a.jpg", content=b"").status_code == 400
    assert [path.name for path in workspace.folder.iterdir() if is_own_name(path.name)] == []
    assert not (workspace.folder / "a.jpg").exists()


@pytest.mark.parametrize(
    "name", ["a.txt", "a.svg", "a.html", "a.yaml", "a", "", ".a.jpg", "../a.jpg", "a/b.jpg", "x.jpg."]
)
def test_other_kinds_and_names_are_refused(client: TestClient, workspace: Workspace, name: str) -> None:
    before = sorted(workspace.folder.rglob("*"))
    answer = client.post("/api/sources", params={"name": name}, content=b"x")
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert sorted(workspace.folder.rglob("*")) == before


def test_what_is_no_picture_is_said(client: TestClient, roomy: Studio) -> None:
    client.post("/api/sources?name=a.jpg", content=b"no picture")
    client.post("/api/sources?name=a.mp4", content=b"no film")
    for name in ("a.jpg", "a.mp4"):
        for what in ("probe", "poster"):
            answer = client.get(f"/api/sources/{name}/{what}")
            assert answer.status_code == 400
            assert name in answer.json()["message"]
    sources = {source["name"]: source for source in client.get("/api/workspace").json()["sources"]}
    assert sources["a.mp4"]["poster"] is None


def test_a_clip_is_probed_and_shown_at_a_time(client: TestClient, roomy: Studio, clips: Path) -> None:
    clip = (clips / "carphone_pristine.mp4").read_bytes()
    client.post("/api/sources?name=car.mp4", content=clip)
    probed = client.get("/api/sources/car.mp4/probe").json()
    assert (probed["width"], probed["height"], probed["frames"]) == (193, 144, 120)
    assert probed["seconds"] == pytest.approx(4, abs=0.1)
    first, last = (client.get(f"/api/sources/car.mp4/poster?at={at}") for at in (0, 3.9))
    assert first.status_code == last.status_code == 200
    assert first.content != last.content
    for at in ("x", "-1", "nan", "1e99"):
        assert client.get(f"/api/sources/car.mp4/poster?at={at}").status_code == 400
    assert client.delete("/api/sources/car.mp4").status_code == 200
    gone = client.get("/api/sources/car.mp4/probe")
    assert gone.status_code == 404
    assert gone.json()["message"] == "car.mp4 is not there (any more)"


def test_samples_are_sources_that_stay(client: TestClient) -> None:
    assert client.get("/api/sources/sample:clouds/poster").status_code == 200
    assert client.delete("/api/sources/sample:clouds").status_code == 400
    assert client.get("/api/sources/sample:groove/poster").status_code == 404
    assert client.get("/api/sources/sample:groove/probe").json()["sound"]


RANGES = {
    "all": (None, 200, slice(None)),
    "the beginning": ("bytes=0-9", 206, slice(0, 10)),
    "the middle": ("bytes=100-199", 206, slice(100, 200)),
    "the end": ("bytes=-10", 206, slice(-10, None)),
    "from somewhere on": ("bytes=1000-", 206, slice(1000, None)),
    "more than there is": ("bytes=1000-999999999", 206, slice(1000, None)),
    "beyond the end": ("bytes=999999999-", 416, None),
    "backward": ("bytes=9-1", 400, None),
    "no numbers": ("bytes=a-b", 400, None),
}


@pytest.mark.parametrize("case", RANGES)
def test_parts_of_a_file_are_sent(client: TestClient, roomy: Studio, photo: bytes, case: str) -> None:
    asked, status, part = RANGES[case]
    (roomy.workspace.folder / "a.jpg").write_bytes(photo)
    headers = {} if asked is None else {"Range": asked}
    answer = client.get("/api/sources/a.jpg/file", headers=headers)
    assert answer.status_code == status
    if part is not None:
        assert answer.content == photo[part]
        assert answer.headers["content-type"] == "image/jpeg"
    head = client.head("/api/sources/a.jpg/file", headers=headers)
    assert head.status_code == status
    assert head.content == b""


@pytest.mark.skipif(os.name == "nt", reason="no permissions of this kind there")
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may read and write everything")
def test_a_folder_that_may_not_be_written_is_said(client: TestClient, roomy: Studio, photo: bytes) -> None:
    roomy.workspace.folder.chmod(0o500)
    try:
        answer = client.post("/api/sources?name=a.jpg", content=photo)
    finally:
        roomy.workspace.folder.chmod(0o700)
    assert answer.status_code == 500
    assert "Permission denied" in answer.json()["message"]


def test_an_upload_that_ends_midway_leaves_nothing(roomy: Studio) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x" * 5000
        raise ClientDisconnect

    with pytest.raises(ClientDisconnect):
        anyio.run(roomy.sources.receive, "a.jpg", body(), 10_000)

    async def half() -> AsyncIterator[bytes]:
        yield b"x" * 5000

    with pytest.raises(Refused, match="has not come whole: 5000 of 10000 bytes"):
        anyio.run(roomy.sources.receive, "a.jpg", half(), 10_000)
    assert sorted(path.name for path in roomy.workspace.folder.iterdir()) == [".zoomdream", "mine.yaml"]


def test_what_the_disk_has_no_room_for_is_told_before_it_comes(roomy: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=2_000_000))

    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("nothing is read")
        yield b""

    with pytest.raises(Refused, match=r"a\.jpg has .* MB, and the disk has room for \d+ MB") as refused:
        anyio.run(roomy.sources.receive, "a.jpg", body(), 9_000_000)
    assert refused.value.status == 507
