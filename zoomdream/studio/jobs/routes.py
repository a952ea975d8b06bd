"""The addresses of jobs: what is rendered, and what is done with it."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from zoomdream.journal import journal_folder
from zoomdream.journal.segments import newest_png
from zoomdream.studio.answers import Data, Refused, answer, text_of
from zoomdream.studio.editing.loading import load_text
from zoomdream.studio.files.films import SUFFIXES
from zoomdream.studio.files.posters import small_jpeg
from zoomdream.studio.jobs.record import Quality
from zoomdream.studio.workspace import check_name


def _all(request: Request, data: Data) -> object:
    return [job.facts() for job in request.app.state.studio.jobs.all()]


def _add(request: Request, data: Data) -> object:
    studio = request.app.state.studio
    quality = data.get("quality", "final")
    if quality not in get_args(Quality):
        raise Refused(400, f"quality is {quality!r:.40}: it must be draft or final")
    name = text_of(data, "name", longest=255)
    preset = load_text(text_of(data, "text"), studio.workspace)
    stem = Path(name).stem + ("-draft" if quality == "draft" else "")
    output = data.get("output") or studio.jobs.free_output(check_name(stem))
    if not isinstance(output, str) or Path(output).suffix.lower() not in SUFFIXES:
        raise Refused(400, f"{output!r:.80} is no film's name: it must end in {', '.join(SUFFIXES)}")
    return studio.jobs.add(name, preset, cast(Quality, quality), check_name(output)).facts()


def _pause(request: Request, data: Data) -> object:
    return request.app.state.studio.jobs.pause(request.path_params["id"]).facts()


def _resume(request: Request, data: Data) -> object:
    return request.app.state.studio.jobs.resume(request.path_params["id"]).facts()


def _cancel(request: Request, data: Data) -> object:
    return request.app.state.studio.jobs.cancel(request.path_params["id"]).facts()


def _delete(request: Request, data: Data) -> object:
    request.app.state.studio.jobs.delete(request.path_params["id"])
    return {}


def _log(request: Request, data: Data) -> object:
    return PlainTextResponse(request.app.state.studio.jobs.log(request.path_params["id"]))


def _picture(request: Request, data: Data) -> object:
    """The newest frame that is kept of a film that is being made, or a picture of the film that is whole."""
    studio = request.app.state.studio
    job = studio.jobs.get(request.path_params["id"])
    if job.state == "done":
        return studio.films.poster(job.output)
    try:
        newest = newest_png(journal_folder(studio.jobs.output(job)))
    except FileNotFoundError:
        newest = None
    if newest is None:
        raise Refused(404, "no frame is finished yet")
    return Response(small_jpeg(newest[1]), media_type="image/jpeg")


ROUTES = [
    Route("/api/jobs", answer(_all), methods=["GET"]),
    Route("/api/jobs", answer(_add), methods=["POST"]),
    Route("/api/jobs/{id}", answer(_delete), methods=["DELETE"]),
    Route("/api/jobs/{id}/pause", answer(_pause), methods=["POST"]),
    Route("/api/jobs/{id}/resume", answer(_resume), methods=["POST"]),
    Route("/api/jobs/{id}/cancel", answer(_cancel), methods=["POST"]),
    Route("/api/jobs/{id}/log", answer(_log), methods=["GET"]),
    Route("/api/jobs/{id}/picture", answer(_picture), methods=["GET"]),
]
