"""`--open`: shows a file in the program that the system opens it with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.cli.echo import echo
from zoomdream.errors import UsageError
from zoomdream.farm.storage import is_address

if TYPE_CHECKING:
    from zoomdream.cli.film_request import FilmRequest

OpenOption = Annotated[bool, typer.Option("--open", help="Show it in the system's program for it when it is there.")]

_OPENERS = (("xdg-open",), ("gio", "open"), ("wslview",))  # of Linux, in the order in which they are tried


def refuse_showing(film: FilmRequest, option: str | None) -> None:
    """Raise UsageError where there will be no file of this machine to open: `option` makes none, or the output does."""
    if option is not None:
        raise UsageError(f"--open: {option} makes no film that could be opened: leave one of the two out")
    if film.is_stream or is_address(film.output):
        raise UsageError(f"--open: {film.output} is no file of this machine: leave it out, or name a file with -o")


def show(path: Path) -> None:
    """Open a file in the system's program for it, and go on; says so in one sentence where there is none."""
    if sys.platform == "win32":
        os.startfile(path)
        return
    command = ("open",) if sys.platform == "darwin" else _opener()
    if command is None:
        echo(f"--open: there is no screen or no program here that shows {path}: copy it to where there is one")
        return
    subprocess.Popen(
        [*command, str(path.absolute())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C here does not close it
    )


def _opener() -> tuple[str, ...] | None:
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or shutil.which("wslview")):
        return None
    return next((command for command in _OPENERS if shutil.which(command[0])), None)
