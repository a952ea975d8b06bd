"""The addresses of presets: their texts, and what is asked about a text while it is edited."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from zoomdream.studio.answers import Data, Refused, answer, text_of
from zoomdream.studio.editing.checks import check_text
from zoomdream.studio.editing.documents import Text
from zoomdream.studio.editing.edits import Edit, edited
from zoomdream.studio.editing.keyframes import Change, changed
from zoomdream.studio.editing.loading import load_text
from zoomdream.studio.editing.timelines import timeline

_MOST_EDITS = 1000


def _text_facts(text: Text) -> dict[str, Any]:
    return {"name": text.name, "shipped": text.shipped, "text": text.text, "version": text.version}


def _is_shipped(request: Request) -> bool:
    return request.query_params.get("shipped", "") in ("1", "true")


def _read(request: Request, data: Data) -> object:
    studio = request.app.state.studio
    return _text_facts(studio.documents.read(request.path_params["name"], shipped=_is_shipped(request)))


def _write(request: Request, data: Data) -> object:
    studio, name = request.app.state.studio, request.path_params["name"]
    version = data.get("version")
    if version is not None and not isinstance(version, str):
        raise Refused(400, "version is no text: it is that of the text that is replaced, or null for a new preset")
    new = studio.documents.write(name, text_of(data, "text"), version)
    studio.notice_preset(name, new)
    return {"version": new}


def _delete(request: Request, data: Data) -> object:
    studio = request.app.state.studio
    studio.documents.delete(request.path_params["name"])
    studio.notice_workspace()
    return {}


def _copy(request: Request, data: Data) -> object:
    studio = request.app.state.studio
    name = data.get("from", request.path_params["name"])
    if not isinstance(name, str):
        raise Refused(400, "from is no text: it is the name of the preset to copy")
    text = studio.documents.copy(name, text_of(data, "new_name"), shipped=bool(data.get("shipped")))
    studio.notice_workspace()
    return _text_facts(text)


def _check(request: Request, data: Data) -> object:
    return check_text(text_of(data, "text"), request.app.state.studio.workspace).facts()


def _edit(request: Request, data: Data) -> object:
    edits = data.get("edits")
    if not isinstance(edits, list) or len(edits) > _MOST_EDITS:
        raise Refused(400, f"edits is no list of at most {_MOST_EDITS} edits")
    return {"text": edited(text_of(data, "text"), [Edit.of(each) for each in edits])}


def _timeline(request: Request, data: Data) -> object:
    studio = request.app.state.studio
    return timeline(load_text(text_of(data, "text"), studio.workspace), studio.cuts.of)


def _keyframes(request: Request, data: Data) -> object:
    text = text_of(data, "text")
    preset = load_text(text, request.app.state.studio.workspace)
    return {"text": changed(text, preset, Change.of(data))}


ROUTES = [
    Route("/api/presets/{name}", answer(_read), methods=["GET"]),
    Route("/api/presets/{name}", answer(_write), methods=["PUT"]),
    Route("/api/presets/{name}", answer(_delete), methods=["DELETE"]),
    Route("/api/presets/{name}/copy", answer(_copy), methods=["POST"]),
    Route("/api/check", answer(_check), methods=["POST"]),
    Route("/api/edit", answer(_edit), methods=["POST"]),
    Route("/api/timeline", answer(_timeline), methods=["POST"]),
    Route("/api/keyframes", answer(_keyframes), methods=["POST"]),
]
