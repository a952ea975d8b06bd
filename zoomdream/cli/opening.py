"""`--open`: shows a file in the program that the system opens it with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from zoomdream.cli.echo import echo

OpenOption = Annotated[bool, typer.Option("--open", help="Show it in the system's program for it when it is there.")]

_OPENERS = (("xdg-open",), ("gio", "open"), ("wslview",))  # of Linux, in the order in which they are tried


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
