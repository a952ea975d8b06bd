"""The addresses of sources and films."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from zoomdream.studio.answers import Data, Refused, answer, failure

_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".avif": "image/avif",
    ".apng": "image/apng",
    ".webp": "image/webp",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".flac": "audio/flac",
}
_KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}  # its address has the file's version


def whole_file(path: Path, request: Request) -> Response:
    """A photo, a sound, a clip or a film, or the ranges of it that are asked for."""
    kind = _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or ""
    if not kind.startswith(("image/", "video/", "audio/")) or kind == "image/svg+xml":
        kind = "application/octet-stream"
    name = path.name if request.query_params.get("download") else None
    return FileResponse(path, media_type=kind, filename=name, headers={"Cache-Control": "no-cache"})


async def _receive(request: Request) -> Response:
    """Keep a file that is dropped into the page: its bytes are the request's body."""
    studio = request.app.state.studio
    length = request.headers.get("content-length", "")
    try:
        announced = int(length) if length.isdecimal() else None
        name = await studio.sources.receive(request.query_params.get("name", ""), request.stream(), announced)
    except ClientDisconnect:
        return failure(Refused(400, "the page has ended the upload midway"))
    except Exception as error:
        return failure(error)
    studio.notice_workspace()
    return JSONResponse({"name": name})


def _probe(request: Request, data: Data) -> object:
    return request.app.state.studio.sources.probe(request.path_params["name"])


def _source_poster(request: Request, data: Data) -> object:
    at = request.query_params.get("at")
    try:
        seconds = None if at is None else float(at)
    except ValueError:
        raise Refused(400, f"at is {at!r:.40}: it must be seconds") from None
    if seconds is not None and not 0 <= seconds < 1e7:
        raise Refused(400, f"at is {at}: it must be seconds of the clip")
    poster = request.app.state.studio.sources.poster(request.path_params["name"], seconds)
    return Response(poster, media_type="image/jpeg", headers=_KEPT if "v" in request.query_params else None)


def _source_file(request: Request, data: Data) -> object:
    return whole_file(request.app.state.studio.sources.file(request.path_params["name"]), request)


def _delete_source(request: Request, data: Data) -> object:
    studio = request.app.state.studio
    studio.sources.delete(request.path_params["name"])
    studio.notice_workspace()
    return {}


def _film(request: Request, data: Data) -> object:
    return whole_file(request.app.state.studio.films.file(request.path_params["name"]), request)


def _film_preset(request: Request, data: Data) -> object:
    return {"text": request.app.state.studio.films.preset(request.path_params["name"])}


def _film_poster(request: Request, data: Data) -> object:
    return request.app.state.studio.films.poster(request.path_params["name"])


def _delete_film(request: Request, data: Data) -> object:
    studio = request.app.state.studio
    studio.films.delete(request.path_params["name"])
    studio.notice_workspace()
    return {}


ROUTES = [
    Route("/api/sources", _receive, methods=["POST"]),
    Route("/api/sources/{name}", answer(_delete_source), methods=["DELETE"]),
    Route("/api/sources/{name}/probe", answer(_probe), methods=["GET"]),
    Route("/api/sources/{name}/poster", answer(_source_poster), methods=["GET"]),
    Route("/api/sources/{name}/file", answer(_source_file), methods=["GET"]),
    Route("/films/{name}", answer(_film), methods=["GET"]),
    Route("/api/films/{name}/preset", answer(_film_preset), methods=["GET"]),
    Route("/api/films/{name}/poster", answer(_film_poster), methods=["GET"]),
    Route("/api/films/{name}", answer(_delete_film), methods=["DELETE"]),
]
