"""What commands write: data to stdout, everything else to stderr."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame
    from zoomdream.networks import Network
    from zoomdream.progress import OnProgress, Progress


Tell = Callable[[str], None]

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_COMMANDS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # of the direction of writing

_displays: list[Tell] = []


@contextmanager
def telling_downloads(offline: bool) -> Iterator[None]:
    """A block whose downloads of weights are told of, name and size first, or refused where `offline` is set."""
    from zoomdream.networks.downloads import downloads

    with downloads(allowed=not offline, on_progress=echo_download()):
        yield


@contextmanager
def echo_above(tell: Tell) -> Iterator[None]:
    """A block in which lines for a person go through `tell`: they would break a bar that is on the screen."""
    _displays.append(tell)
    try:
        yield
    finally:
        _displays.remove(tell)


def visible(text: str) -> str:
    """A text for a terminal, on which names and tags of a stranger's files command nothing: `\\x1b[2J` for ESC.

    Line breaks and tabs stay; the characters that turn the direction of writing do not.
    """
    return _COMMANDS.sub(lambda found: found[0].encode("ascii", "backslashreplace").decode(), _controls(text))


def _controls(text: str) -> str:
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def echo(text: str) -> None:
    """Write a line for a person."""
    text = visible(text)
    if _displays:
        _displays[-1](text)
    else:
        typer.echo(text, err=True)


def echo_data(text: str, *, newline: bool = True) -> None:
    """Write what a command was asked for to stdout, at once.

    The only function that writes data. `streams.protect_streams` has made stdout raise StdoutError where it does not
    take it, and end the command, without an error, where its reader has gone.
    """
    typer.echo(text, nl=newline)


def echo_json(data: Any) -> None:
    """Write data as JSON to stdout."""
    echo_data(json.dumps(data, indent=2, ensure_ascii=False))


def echo_warnings(warnings: Iterable[str]) -> None:
    """Write a line for each thing that a user should know before the work begins."""
    for warning in warnings:
        echo(f"warning: {warning}")


def echo_download() -> OnProgress:
    """A callback that writes how much of a download has arrived, a line for each tenth."""
    last_tenth = -1

    def on_progress(progress: Progress) -> None:
        nonlocal last_tenth
        tenth = progress.done * 10 // progress.total if progress.total else 0
        if tenth > last_tenth:
            last_tenth = tenth
            of_total = f" of {progress.total / 1e6:.0f}" if progress.total else ""
            echo(f"{progress.now}: {progress.done / 1e6:.0f}{of_total} MB")

    return on_progress


def echo_picture(output: Path, frame: Frame, network: Network, subject: str) -> None:
    """Write that a picture was made: its file, its size, the network and what it shows."""
    width, height = frame.shape[-1], frame.shape[-2]
    echo(f"{output}: {width}x{height}, {network.name} {subject}, on {network.device}")
