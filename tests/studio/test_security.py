"""Who is let in, and how far: a table of attacks on the real application."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.support.studio import ACCESS, HOST, ORIGIN, PRESET, PROGRAM, TOKEN, client_of
from zoomdream.errors import UsageError
from zoomdream.studio.security import access, new_token
from zoomdream.studio.server import Address
from zoomdream.studio.studio import Studio
from zoomdream.studio.workspace import Workspace

COOKIE = {"Cookie": f"{ACCESS.cookie}={ACCESS.cookie_value}"}
PAGE = {**COOKIE, "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
"""What a browser sends from the studio's own page."""


@pytest.fixture
def stranger(studio: Studio, tmp_path: Path) -> Iterator[TestClient]:
    """A client that shows nothing by itself; what each test shows is in its headers."""
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>studio</title>")
    (page / "app.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    with client_of(studio, page, headers={}) as client:
        yield client


def test_the_page_with_its_cookie_is_let_in(stranger: TestClient) -> None:
    assert stranger.get("/", headers=COOKIE).text.startswith("<!doctype html>")
    assert stranger.get("/api/workspace", headers=COOKIE).status_code == 200
    assert stranger.post("/api/check", headers=PAGE, json={"text": PRESET}).json()["errors"] == []
    script = stranger.get("/page/app.js", headers=COOKIE)
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "no-cache"
    assert script.headers["etag"]


def test_the_token_moves_from_the_address_into_a_cookie_that_no_script_and_no_other_site_has(
    stranger: TestClient,
) -> None:
    answer = stranger.get(f"/?token={TOKEN}&view=jobs")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?view=jobs")
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert stranger.get("/").status_code == 200  # the client keeps it


NO_ENTRY = {
    "nothing": ({}, 401),
    "a wrong cookie": ({"Cookie": f"{ACCESS.cookie}=0000"}, 401),
    "the token as a cookie": ({"Cookie": f"{ACCESS.cookie}={TOKEN}"}, 401),
    "the cookie of another port": ({"Cookie": f"zoomdream-studio-9000={ACCESS.cookie_value}"}, 401),
    "a wrong bearer": ({"Authorization": "Bearer no"}, 401),
    "an empty bearer": ({"Authorization": "Bearer"}, 401),
    "another scheme": ({"Authorization": f"Basic {TOKEN}"}, 401),
    "a name that was made to mean this machine": ({**PAGE, "Host": "evil.example:8700"}, 400),
    "a name that ends like this machine's": ({**PAGE, "Host": "127.0.0.1.evil.example"}, 400),
    "a user in the host": ({**PAGE, "Host": "127.0.0.1@evil.example"}, 400),
    "no host": ({**PAGE, "Host": ""}, 400),
    "a broken host": ({**PAGE, "Host": "[::1"}, 400),
    "another machine's number": ({**PAGE, "Host": "192.168.1.5:8700"}, 400),
    "a foreign origin": ({**PAGE, "Origin": "http://evil.example"}, 403),
    "another program of this machine": ({**PAGE, "Origin": "http://127.0.0.1:3000"}, 403),
    "no origin at all: a file or a sandboxed frame": ({**PAGE, "Origin": "null"}, 403),
    "an origin that begins like the page's": ({**PAGE, "Origin": f"{ORIGIN}.evil.example"}, 403),
    "a picture in a foreign page": ({**COOKIE, "Sec-Fetch-Site": "cross-site"}, 403),
    "a picture in a page of another port": ({**COOKIE, "Sec-Fetch-Site": "same-site"}, 403),
}


@pytest.mark.parametrize("case", NO_ENTRY)
def test_others_are_refused_with_a_sentence(stranger: TestClient, case: str) -> None:
    headers, status = NO_ENTRY[case]
    for path in ("/", "/api/workspace", "/page/app.js", "/films/a.mp4", "/api/nothing"):
        answer = stranger.get(path, headers=headers)
        assert answer.status_code == status, path
        assert answer.json()["message"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert stranger.post("/api/check", headers=headers, json={"text": PRESET}).status_code in (400, 401, 403)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", f"{TOKEN}&token={TOKEN}"])
def test_a_wrong_token_in_the_address_sets_no_cookie(stranger: TestClient, token: str) -> None:
    answer = stranger.get(f"/?token={token}")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_a_token_counts_at_the_page_only_and_only_under_its_own_name(stranger: TestClient) -> None:
    assert stranger.get(f"/api/workspace?token={TOKEN}").status_code == 401
    assert stranger.get(f"/?token={TOKEN}", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_what_changes_something_must_come_from_the_page_itself(stranger: TestClient, method: str) -> None:
    """A form of another site sends no `Origin` in old browsers, and the cookie only where it is not strict."""
    path = "/api/presets/mine.yaml"
    assert stranger.request(method, path, headers=COOKIE).status_code == 403
    assert stranger.request(method, path, headers={**COOKIE, "Origin": "http://evil.example"}).status_code == 403
    assert stranger.request(method, path, headers=PAGE).status_code in (200, 400, 405)


def test_other_methods_and_addresses_are_answered_with_a_sentence(stranger: TestClient) -> None:
    assert stranger.request("OPTIONS", "/api/check", headers=PAGE).status_code == 405
    assert "access-control-allow-origin" not in stranger.request("OPTIONS", "/api/check", headers=PAGE).headers
    assert stranger.get("/api/nothing", headers=COOKIE).json() == {
        "message": "/api/nothing is no address of the studio"
    }
    assert stranger.put("/api/check", headers=PAGE).status_code == 405


def test_every_answer_says_that_nothing_foreign_may_be_loaded_and_nobody_may_frame_it(stranger: TestClient) -> None:
    for path in ("/", "/api/workspace", "/api/nothing", "/page/app.js"):
        headers = stranger.get(path, headers=COOKIE).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers
    assert stranger.get("/api/workspace", headers=COOKIE).headers["cache-control"] == "no-store"


WEBSOCKETS = {
    "nothing": {},
    "the cookie without an origin": COOKIE,
    "an origin without the cookie": {"Origin": ORIGIN},
    "a foreign origin": {**COOKIE, "Origin": "http://evil.example"},
    "another port's origin": {**COOKIE, "Origin": "http://127.0.0.1:3000"},
    "a wrong cookie": {"Cookie": f"{ACCESS.cookie}=0", "Origin": ORIGIN},
}


@pytest.mark.parametrize("case", WEBSOCKETS)
def test_a_websocket_is_refused_before_it_is_accepted(stranger: TestClient, case: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        stranger.websocket_connect(f"ws://{HOST}/api/events", headers=WEBSOCKETS[case]),
    ):
        pass


def test_a_websocket_of_the_page_gets_events(stranger: TestClient, studio: Studio) -> None:
    with stranger.websocket_connect(f"ws://{HOST}/api/events", headers=PAGE) as socket:
        assert socket.receive_json() == {"type": "hello"}
        studio.notice_workspace()
        assert socket.receive_json() == {"type": "workspace"}
    with (
        pytest.raises(WebSocketDisconnect),
        stranger.websocket_connect("ws://evil.example:8700/api/events", headers={**COOKIE, "Origin": ORIGIN}),
    ):
        pass


# -- no way out of the folder -----------------------------------------------------------------------------------------

WAYS_OUT = {
    "..": ("..", "%2e%2e", "%2E%2E", ".%2e"),
    "a path": ("%2e%2e%2fsecret.yaml", "..%2Fsecret.yaml", "sub%2Fother.yaml", "..%5csecret.yaml", "%2fetc%2fpasswd"),
    "twice encoded": ("%252e%252e%252fsecret.yaml",),
    "a drive": ("C:%5Csecret.yaml", "c:secret.yaml"),
    "hidden": (".secret.yaml", ".zoomdream", ".zoomdream%2fjobs%2fjob.yaml"),
    "a control character": ("a%00.yaml", "a%0a.yaml"),
    "a device": ("con.yaml", "NUL.yaml", "com1.yaml"),
    "no name": ("%20", "%20.yaml", ".yaml", "mine.yaml.", "mine.yaml%20"),
    "too long": ("a" * 300 + ".yaml",),
    "another kind": ("mine.txt", "mine.py", "secret"),
}


@pytest.mark.parametrize("name", [name for names in WAYS_OUT.values() for name in names])
def test_names_lead_nowhere_else(client: TestClient, workspace: Workspace, name: str) -> None:
    (workspace.folder.parent / "secret.yaml").write_text(PRESET)
    (workspace.folder / ".secret.yaml").write_text(PRESET)
    (workspace.folder / "sub").mkdir()
    (workspace.folder / "sub" / "other.yaml").write_text(PRESET)
    before = sorted(workspace.folder.parent.rglob("*"))
    for path in (
        "/api/presets/{}",
        "/api/sources/{}/file",
        "/films/{}",
        "/api/films/{}/preset",
        "/api/sources/{}/probe",
    ):
        if path.format(name) == "/films/..":  # any client asks for "/" instead, which is the page
            continue
        assert client.get(path.format(name)).status_code in (400, 403, 404), path
    assert client.put(f"/api/presets/{name}", json={"text": PRESET, "version": None}).status_code in (400, 403, 404)
    assert client.delete(f"/api/presets/{name}").status_code in (400, 403, 404, 405)
    assert client.delete(f"/api/films/{name}").status_code in (400, 403, 404, 405)
    assert client.post(f"/api/sources?name={name}", content=b"x").status_code in (400, 403)
    copy = {"from": "quickstart", "shipped": True, "new_name": "../evil.yaml"}
    assert client.post("/api/presets/quickstart/copy", json=copy).status_code == 400
    assert sorted(workspace.folder.parent.rglob("*")) == before


@pytest.mark.skipif(os.name == "nt", reason="links need a permission of their own there")
def test_links_out_of_the_folder_are_neither_listed_nor_opened(client: TestClient, workspace: Workspace) -> None:
    outside = workspace.folder.parent
    (outside / "secret.yaml").write_text(PRESET)
    (outside / "photo.jpg").write_bytes(b"secret")
    for name, target in {
        "link.yaml": outside / "secret.yaml",
        "link.jpg": outside / "photo.jpg",
        "state.yaml": workspace.state / "own.yaml",
        "film.mp4": outside / "film.mp4",
    }.items():
        (workspace.folder / name).symlink_to(target)
    (workspace.folder / "again.yaml").symlink_to(workspace.folder / "mine.yaml")  # a link inside is fine
    (workspace.state / "own.yaml").write_text(PRESET)
    listing = client.get("/api/workspace").json()
    assert [each["name"] for each in listing["presets"] if not each["shipped"]] == ["again.yaml", "mine.yaml"]
    assert listing["sources"] == listing["films"] == []
    assert client.get("/api/presets/again.yaml").status_code == 200
    assert client.get("/api/presets/link.yaml").status_code == 403
    assert client.get("/api/presets/state.yaml").status_code == 403
    assert client.get("/api/sources/link.jpg/file").status_code == 403
    assert client.get("/films/film.mp4").status_code == 403
    assert client.put("/api/presets/link.yaml", json={"text": "x", "version": None}).status_code == 403
    assert client.delete("/api/presets/link.yaml").status_code == 403
    assert (outside / "secret.yaml").read_text() == PRESET


@pytest.mark.skipif(os.name == "nt", reason="no pipes in folders there")
def test_a_pipe_in_the_folder_holds_nothing_up(client: TestClient, workspace: Workspace) -> None:
    os.mkfifo(workspace.folder / "pipe.yaml")
    os.mkfifo(workspace.folder / "pipe.jpg")
    assert client.get("/api/presets/pipe.yaml").status_code == 404
    assert client.get("/api/sources/pipe.jpg/file").status_code == 404
    assert len(client.get("/api/workspace").json()["presets"]) == 1 + len(
        [each for each in client.get("/api/workspace").json()["presets"] if each["shipped"]]
    )


PRESETS_WITH_A_WAY_OUT = {
    "source": "source: ../photo.jpg",
    "an absolute source": "source: /etc/hostname",
    "a home": "source: ~/photo.jpg",
    "a sequence": "source: ../frames/%04d.png",
    "a folder": "source: photo.jpg\nfolder: ..",
    "extends": "source: sample:clouds\nextends: ../other.yaml",
    "an absolute extends": "source: sample:clouds\nextends: /etc/passwd",
    "weights": "source: sample:clouds\nweights: ../w.pt",
    "a sound": "source: sample:clouds\naudio: {file: ../song.ogg}",
    "the studio's own": "source: .zoomdream/previews/a.png",
}


@pytest.mark.parametrize("case", PRESETS_WITH_A_WAY_OUT)
def test_presets_name_no_file_outside_of_the_folder(client: TestClient, workspace: Workspace, case: str) -> None:
    (workspace.folder.parent / "other.yaml").write_text("zoomdream: 1\nsource: ../../deep.jpg\n")
    text = f"zoomdream: 1\n{PRESETS_WITH_A_WAY_OUT[case]}\ndream: {{layers: {{fire8: 1}}}}\n"
    errors = client.post("/api/check", json={"text": text}).json()["errors"]
    assert "lies outside of the studio's folder" in errors[0]["message"]
    assert errors[0]["line"] in (2, 3)
    for path, more in (("/api/timeline", {}), ("/api/previews", {"kind": "motion"}), ("/api/jobs", {"name": "a.yaml"})):
        assert client.post(path, json={"text": text, **more}).status_code == 400


def test_page_files_lead_nowhere_else(stranger: TestClient, tmp_path: Path) -> None:
    if os.name != "nt":
        (tmp_path / "page" / "link.js").symlink_to(tmp_path / "secret.txt")
    for path in ("../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "%2fetc%2fpasswd", "link.js", "", "a%00b"):
        assert stranger.get(f"/page/{path}", headers=COOKIE).status_code == 404


# -- too much ---------------------------------------------------------------------------------------------------------


def test_large_requests_are_refused(client: TestClient, studio: Studio) -> None:
    assert client.post("/api/check", json={"text": "#" * 10_000_001}).status_code == 413
    assert client.post("/api/check", content=b'"' * 24_000_001).status_code == 413
    assert client.post("/api/check", content=b"[" * 100_000).status_code == 400
    assert client.post("/api/check", content=b"[]").status_code == 400
    deep = "a: " + "[" * 60 + "]" * 60
    assert "nested deeper than 40" in client.post("/api/check", json={"text": deep}).json()["errors"][0]["message"]
    assert client.post("/api/edit", json={"text": deep, "edits": []}).status_code == 400
    assert client.post("/api/edit", json={"text": PRESET, "edits": [{}] * 1001}).status_code == 400
    assert studio.jobs.all() == []


def test_tokens_and_addresses_that_are_too_open_are_refused() -> None:
    assert len({new_token() for _ in range(20)}) == 20
    assert all(len(new_token()) >= 32 for _ in range(5))
    with pytest.raises(UsageError, match="choose a token"):
        Address("0.0.0.0")
    for token in ("short", "", "with space and more", "a/b/c/d/e/f/g/h"):
        with pytest.raises(UsageError, match="at least 12"):
            Address("127.0.0.1", token=token)
    assert Address("0.0.0.0", token="a-good-long-token").port == 8700


def test_a_studio_that_other_machines_reach_is_asked_for_by_number_and_not_by_a_foreign_name() -> None:
    everywhere = access(TOKEN, "0.0.0.0", 8700)
    assert everywhere.knows_host("192.168.1.5:8700")
    assert everywhere.knows_host("[fe80::1]:8700")
    assert everywhere.knows_host("localhost")
    assert not everywhere.knows_host("evil.example")
    assert access(TOKEN, "192.168.1.5", 8700).knows_host("192.168.1.5:8700")
    assert not access(TOKEN, "192.168.1.5", 8700).knows_host("192.168.1.6")


def test_a_program_shows_the_token_in_a_header(stranger: TestClient) -> None:
    assert (
        stranger.put("/api/presets/new.yaml", headers=PROGRAM, json={"text": "x", "version": None}).status_code == 200
    )
