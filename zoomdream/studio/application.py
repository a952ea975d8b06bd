"""The studio's addresses, the page before them, and the gate before all."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from zoomdream.studio import catalog
from zoomdream.studio.answers import Data, answer
from zoomdream.studio.editing.routes import ROUTES as EDITING
from zoomdream.studio.files.routes import ROUTES as FILES
from zoomdream.studio.jobs.routes import ROUTES as JOBS
from zoomdream.studio.page_files import PAGE
from zoomdream.studio.page_first import page_and
from zoomdream.studio.previews.routes import ROUTES as PREVIEWS
from zoomdream.studio.security import Access, Gate
from zoomdream.studio.studio import Studio


def create_application(studio: Studio, access: Access, *, page: Path = PAGE) -> ASGIApp:
    """The studio as an ASGI application: the page, the API, and the gate before both."""
    return Gate(page_and(lambda: create_api(studio), page), access)


def create_api(studio: Studio) -> ASGIApp:
    """The studio without its page and without a gate."""
    routes = [
        Route("/api/workspace", answer(_workspace)),
        Route("/api/schema", answer(lambda request, data: catalog.schema())),
        Route("/api/networks", answer(lambda request, data: catalog.networks())),
        Route("/api/networks/{name}/layers", answer(lambda request, data: catalog.layers(request.path_params["name"]))),
        Route("/api/networks/{name}/classes", answer(_classes)),
        Route("/api/families", answer(lambda request, data: catalog.families())),
        *EDITING,
        *FILES,
        *JOBS,
        *PREVIEWS,
        WebSocketRoute("/api/events", _events),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _missing, 405: _missing})
    app.state.studio = studio
    return app


def _workspace(request: Request, data: Data) -> object:
    return request.app.state.studio.listing()


def _classes(request: Request, data: Data) -> object:
    return catalog.classes(request.path_params["name"], request.query_params.get("query", ""))


async def _missing(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    what = "is no address of the studio" if status == 404 else f"does not take {request.method}"
    return JSONResponse({"message": f"{request.url.path:.120} {what}"}, status)


async def _events(socket: WebSocket) -> None:
    """Send events until the page goes."""
    with socket.app.state.studio.events.reader() as queue:
        await socket.accept()
        await socket.send_json({"type": "hello"})  # from now on nothing is missed
        leaving = asyncio.create_task(_until_left(socket))
        try:
            while not leaving.done():
                coming = asyncio.create_task(queue.get())
                await asyncio.wait({coming, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    coming.cancel()
                    continue
                await socket.send_json(coming.result())
        except (WebSocketDisconnect, RuntimeError):  # it went between two events
            return
        finally:
            leaving.cancel()
            with suppress(asyncio.CancelledError):
                await leaving


async def _until_left(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_text()
