"""The page is there at once; what it asks for is answered when all is loaded, a second later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from zoomdream.studio.answers import Data, answer
from zoomdream.studio.page_files import page_file


def page_and(load: Callable[[], ASGIApp], page: Path, on_ready: Callable[[], None] | None = None) -> ASGIApp:
    """An application that serves the page's files, and hands all else to the one that `load` gives in a thread.

    `on_ready` is called when it begins to serve. Loading begins then, too.
    """
    late = _Late(load)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if on_ready:
            on_ready()
        loading = late.loading
        yield
        await asyncio.wait({loading})

    def index(request: Request, data: Data) -> Response:
        return page_file(page, "index.html")

    def static(request: Request, data: Data) -> Response:
        return page_file(page, request.path_params["path"])

    routes = [Route("/", answer(index)), Route("/page/{path:path}", answer(static)), Mount("/", late)]
    return Starlette(routes=routes, lifespan=lifespan)


class _Late:
    """An application that is loaded while others are served already."""

    def __init__(self, load: Callable[[], ASGIApp]) -> None:
        self._load = load

    @cached_property
    def loading(self) -> asyncio.Task[ASGIApp]:
        """The application, or the way to it; for the loop that runs."""
        return asyncio.create_task(run_in_threadpool(self._load))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = await asyncio.shield(self.loading)
        await app(scope, receive, send)
