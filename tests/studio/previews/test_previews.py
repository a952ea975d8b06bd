"""What is seen before a film is rendered, by processes of its own."""

from __future__ import annotations

import io
import json
import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from starlette.testclient import TestClient

from tests.support.clips import fill, lossless
from tests.support.studio import PRESET
from zoomdream.errors import SourceError
from zoomdream.films.previews.outline import outline
from zoomdream.media import probe
from zoomdream.studio.answers import Refused
from zoomdream.studio.editing.loading import load_text
from zoomdream.studio.previews import cuts as cut_search
from zoomdream.studio.previews import makers
from zoomdream.studio.previews.cuts import Cuts
from zoomdream.studio.previews.previews import Preview, Previews
from zoomdream.studio.previews.tasks import Requests, Task, Unwanted
from zoomdream.studio.workspace import Workspace

TIMEOUT = 120.0  # seconds: of a machine that is busy with other tests


def test_motion_is_made_by_a_process_and_a_newer_request_replaces_an_older_one(workspace: Workspace) -> None:
    changes: queue.Queue[Preview] = queue.Queue()
    previews = Previews(workspace, changes.put)
    previews.open(warm=())
    try:
        preset = load_text(PRESET, workspace)
        first = previews.request("motion", preset)
        second = previews.request("motion", preset)
        assert previews.get(first.id).state == "replaced"
        with pytest.raises(Refused, match="no film yet"):
            previews.film(second.id)
        done = second
        while done.state not in ("done", "failed"):
            done = changes.get(timeout=TIMEOUT)
        assert (done.id, done.state, done.message) == (second.id, "done", "")
        assert done.facts()["url"] == f"/api/previews/{second.id}/film"
        assert probe(previews.film(second.id)).frames == 8
        with pytest.raises(Refused, match="kind is"):
            previews.request("explosion", preset)
        with pytest.raises(Refused, match="at is missing"):
            previews.request("frame", preset)
        with pytest.raises(Refused, match="not there"):
            previews.get("nothing")
    finally:
        previews.close()
    assert not (workspace.state / "previews").exists()


class SameProcess:
    """In place of a process: makes what it is asked for in a thread."""

    requests: ClassVar[list[Mapping[str, Any]]] = []

    def __init__(self, kind: str, on_report: Callable[[Mapping[str, Any]], None], on_end: object) -> None:
        self._kind, self._on_report = kind, on_report

    def send(self, request: Mapping[str, Any]) -> None:
        """Begin with it."""
        self.requests.append(request)
        threading.Thread(target=self._make, args=(request,)).start()

    def _make(self, request: Mapping[str, Any]) -> None:
        makers.MAKERS[self._kind](Task(request, Requests(), self._on_report))
        self._on_report({"id": request["id"], "event": "done"})

    def close(self) -> None:
        """Nothing runs."""


def test_the_cuts_of_a_clip_are_looked_for_once_and_kept(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut_search, "PreviewProcess", SameProcess)
    SameProcess.requests.clear()
    halves = [fill(color, (64, 48)) for color in ((200, 30, 30), (30, 30, 200)) for _ in range(10)]
    lossless(workspace.folder / "clip.mkv", halves, fps=10)
    text = PRESET.replace("sample:clouds", "clip.mkv").replace("fps: 4", "fps: 10")
    found = threading.Event()
    cuts, film = Cuts(workspace.state / "cuts", found.set), outline(load_text(text, workspace))
    assert cuts.of(film) is None
    assert found.wait(TIMEOUT)
    assert cuts.of(film) == [1.0]
    assert Cuts(workspace.state / "cuts", found.set).of(film) == [1.0]
    assert cuts.of(outline(load_text(PRESET, workspace))) == []
    assert len(SameProcess.requests) == 1
    cuts.close()


# -- in the process itself --------------------------------------------------------------------------------------------


def task_of(workspace: Workspace, text: str, reports: list[dict[str, Any]], **more: object) -> Task:
    """A task whose reports are kept."""
    folder = workspace.state / "previews"
    folder.mkdir(exist_ok=True)
    preset = load_text(text, workspace).located_text
    request = {"id": "p1", "preset": preset, "at": 1.0, "folder": str(folder), "film": None, **more}
    return Task(request, Requests(), lambda report: reports.append(dict(report)))


def test_a_frame_is_shown_as_it_grows(workspace: Workspace) -> None:
    reports: list[dict[str, Any]] = []
    facts = makers.make_frame(task_of(workspace, PRESET, reports))
    assert facts == {"how": "exact", "message": "of a draft: 5 frames dreamed up to it"}
    pictures = [report["path"] for report in reports if report["event"] == "picture"]
    assert len(pictures) >= 5
    assert Path(pictures[-1]).read_bytes()[:2] == b"\xff\xd8"
    assert {"event": "progress", "id": "p1", "done": 5, "total": 5} in reports


def test_a_draft_is_a_film(workspace: Workspace) -> None:
    reports: list[dict[str, Any]] = []
    makers.make_draft(task_of(workspace, PRESET.replace("duration: 2s", "duration: 0.5s"), reports))
    (film,) = [report["path"] for report in reports if report["event"] == "film"]
    assert probe(film).frames == 2


def test_what_nobody_waits_for_any_more_ends_at_its_next_frame(workspace: Workspace) -> None:
    reports: list[dict[str, Any]] = []
    task = task_of(workspace, PRESET, reports)
    task.requests.unwanted.add("p1")
    for make in (makers.make_frame, makers.make_motion):
        with pytest.raises(Unwanted):
            make(task)
    assert reports == []


def test_what_cannot_be_made_is_said(workspace: Workspace) -> None:
    task = task_of(workspace, PRESET.replace("sample:clouds", "gone.jpg"), [])
    with pytest.raises(SourceError, match=r"gone\.jpg"):
        makers.make_frame(task)


def test_requests_come_as_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr("os._exit", ended.append)
    requests = Requests()
    requests.read(io.StringIO(json.dumps({"id": "a"}) + "\n" + json.dumps({"cancel": "a"}) + "\n"))
    assert requests.waiting.get_nowait() == {"id": "a"}
    assert requests.unwanted == {"a"}
    assert ended == [0]  # the studio has ended


def test_previews_of_what_is_no_preset_are_refused(client: TestClient) -> None:
    for body in ({"kind": "frame", "text": "a: ["}, {"kind": "frame", "text": PRESET, "at": "x"}, {"text": 1}):
        answer = client.post("/api/previews", json=body)
        assert answer.status_code == 400
        assert answer.json()["message"]
    for what in ("", "/picture", "/film"):
        assert client.get(f"/api/previews/none{what}").status_code == 404
