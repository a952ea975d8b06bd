"""The command that opens the studio.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zoomdream.cli.echo import echo, echo_data
from zoomdream.errors import UsageError

app = typer.Typer()


@app.command()
def studio(
    folder: Annotated[
        Path, typer.Argument(help="Where presets, sources and films are.", show_default="this folder")
    ] = Path(),
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0 is all of this machine's.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at; 0: any that is free.")] = 8700,
    token: Annotated[
        str | None,
        typer.Option(help="What the page's address carries.", show_default="a new one that nobody guesses"),
    ] = None,
    *,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page in the browser.")] = False,
) -> None:
    """Open the studio: a page in the browser to choose, edit, see and render films. Ctrl-C ends it."""
    try:
        from zoomdream.studio.server import Address, serve
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn", "anyio", "websockets"):
            raise
        raise UsageError(
            f"the studio needs {error.name}, which is not installed: pip install 'zoomdream[studio]'"
        ) from None
    if host not in ("127.0.0.1", "localhost", "::1") and token is None:
        raise UsageError(f"--host {host} lets other machines in: choose with --token what they have to know")

    def on_ready(url: str) -> None:
        echo(f"the studio of {folder.absolute()} is open; Ctrl-C ends it, and films that are rendered go on next time")
        echo_data(url)

    serve(folder, Address(host, port, token), on_ready=on_ready, open_browser=not no_browser)
