"""Serves the studio's page to a browser of this machine, until it is interrupted."""

from __future__ import annotations

import errno
import logging
import re
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
import websockets  # noqa: F401  uvicorn serves events by it, and says nothing where it is missing
from starlette.types import ASGIApp

from zoomdream.errors import OutputError, UsageError
from zoomdream.studio.page_files import PAGE
from zoomdream.studio.page_first import page_and
from zoomdream.studio.security import SHORTEST_TOKEN, Gate, access, new_token
from zoomdream.studio.workspace import open_workspace

PORT = 8700
_LOCAL = ("127.0.0.1", "localhost", "::1")
_SECONDS_TO_CLOSE = 3  # that answers under way get when the server ends
_TOKEN = re.compile(r"[A-Za-z0-9_.~-]+")  # what an address holds as it is


@dataclass(frozen=True)
class Address:
    """Where a studio listens."""

    host: str = "127.0.0.1"
    port: int = PORT
    """0: any that is free."""
    token: str | None = None
    """What the page's address carries; None: a new one that nobody guesses."""

    def __post_init__(self) -> None:
        if self.host not in _LOCAL and self.token is None:
            raise UsageError(
                f"{self.host} can be reached by other machines, and whoever opens the page there may read and write in "
                "its folder: choose a token that they have to know"
            )
        if self.token is not None and not (len(self.token) >= SHORTEST_TOKEN and _TOKEN.fullmatch(self.token)):
            raise UsageError(
                f"the token must have at least {SHORTEST_TOKEN} letters, digits or any of - _ . ~, so that nobody "
                "guesses it and every address can carry it"
            )


def serve(
    folder: Path,
    address: Address | None = None,
    *,
    on_ready: Callable[[str], None] | None = None,
    open_browser: bool = True,
) -> None:
    """Serve a folder's studio until SIGINT or SIGTERM.

    `on_ready` is given the page's address, with its token, when it can be opened.

    Raises UsageError for what is no folder, OutputBusyError where another studio is open on it, OutputError where
    nothing can be written there, and where the port is taken.
    """
    address = address or Address()
    token = address.token or new_token()
    workspace = open_workspace(folder)
    with workspace.opened(), _listening(address) as listening, ExitStack() as open_studio:
        port = listening.getsockname()[1]
        url = f"http://{_shown(address.host)}:{port}/?token={token}"

        def ready() -> None:
            if on_ready:
                on_ready(url)
            if open_browser:  # which may take its time, or the terminal
                threading.Thread(target=webbrowser.open, args=(url,), name="browser", daemon=True).start()

        def load() -> ASGIApp:
            try:
                from zoomdream.studio.application import create_api
                from zoomdream.studio.editing.warm_up import warm_up
                from zoomdream.studio.studio import Studio

                api = create_api(open_studio.enter_context(Studio(workspace)))
                warm_up(workspace)
                return api
            except BaseException as error:
                server.failure = error
                server.should_exit = True
                raise

        app = Gate(page_and(load, PAGE, ready), access(token, address.host, port))
        server = _Server(_configuration(app))
        server.run(sockets=[listening])
        if server.failure is not None:
            raise server.failure


def _configuration(app: ASGIApp) -> uvicorn.Config:
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SECONDS_TO_CLOSE,
        ws_max_size=2**16,
    )


class _Server(uvicorn.Server):
    """A server that signals end: the first in order, a second at once. That is how a studio is left, and no error."""

    failure: BaseException | None = None
    """What has gone wrong while the studio was loaded."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals over as long as the block lasts."""
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        is_main = threading.current_thread() is threading.main_thread()
        numbers = [getattr(signal, name) for name in names if is_main and hasattr(signal, name)]
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listening(address: Address) -> socket.socket:
    """A socket that listens. Raises OutputError where the port is taken, UsageError for no address of this machine."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # asyncio sends each part of an answer at once only on sockets that say that they are TCP: else 40 ms are waited.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share a port with another
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address.host, address.port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise OutputError(
                f"port {address.port} is taken by another program, maybe another studio: choose another port"
            ) from None
        raise UsageError(
            f"the studio cannot listen at {address.host}, port {address.port}: {error.strerror or error}"
        ) from None
    except OverflowError:
        listening.close()
        raise UsageError(f"there is no port {address.port}: it is from 0 to 65535") from None
    return listening


def _shown(host: str) -> str:
    """The host in an address that can be opened here."""
    if host in ("0.0.0.0", "::", ""):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
