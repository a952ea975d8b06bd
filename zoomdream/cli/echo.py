"""Where words go: data to stdout, everything else to stderr."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame
    from zoomdream.networks import Network


def echo(text: str) -> None:
    """A line for a person."""
    typer.echo(text, err=True)


def echo_json(data: Any) -> None:
    """Data as JSON on stdout."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def echo_download() -> Callable[[int, int | None], None]:
    """Tells how much of a download is there, a line for each tenth."""
    told = -1

    def report(received: int, total: int | None) -> None:
        nonlocal told
        tenth = received * 10 // total if total else 0
        if tenth > told:
            told = tenth
            whole = f" of {total / 1e6:.0f}" if total else ""
            echo(f"downloading weights: {received / 1e6:.0f}{whole} MB")

    return report


def echo_picture(output: Path, drawn: Frame, network: Network, what: str) -> None:
    """A picture is there."""
    echo(f"{output}: {drawn.shape[-1]}x{drawn.shape[-2]}, {network.name} {what}, on {network.device}")
