"""The addresses of previews."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from zoomdream.studio.answers import Data, answer, number_of, text_of
from zoomdream.studio.editing.loading import load_text
from zoomdream.studio.workspace import check_name


def _request(request: Request, data: Data) -> object:
    studio = request.app.state.studio
    preset = load_text(text_of(data, "text"), studio.workspace)
    at = None if data.get("at") is None else number_of(data, "at")
    output = data.get("output")
    film = studio.workspace.folder / check_name(output) if isinstance(output, str) else None
    return studio.previews.request(data.get("kind"), preset, at, film).facts()


def _get(request: Request, data: Data) -> object:
    return request.app.state.studio.previews.get(request.path_params["id"]).facts()


def _picture(request: Request, data: Data) -> object:
    return FileResponse(request.app.state.studio.previews.picture(request.path_params["id"]))


def _film(request: Request, data: Data) -> object:
    path = request.app.state.studio.previews.film(request.path_params["id"])
    return FileResponse(path, media_type="video/mp4")


ROUTES = [
    Route("/api/previews", answer(_request), methods=["POST"]),
    Route("/api/previews/{id}", answer(_get), methods=["GET"]),
    Route("/api/previews/{id}/picture", answer(_picture), methods=["GET"]),
    Route("/api/previews/{id}/film", answer(_film), methods=["GET"]),
]
