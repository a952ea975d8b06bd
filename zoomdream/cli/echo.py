"""Where words go: data to stdout, everything else to stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame
    from zoomdream.networks import Network
    from zoomdream.progress import OnProgress, Progress


def echo(text: str) -> None:
    """A line for a person."""
    typer.echo(text, err=True)


def echo_json(data: Any) -> None:
    """Data as JSON on stdout."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def echo_warnings(warnings: Iterable[str]) -> None:
    """Lines for a person about what is done otherwise than one might think."""
    for warning in warnings:
        echo(f"warning: {warning}")


def echo_download() -> OnProgress:
    """A callback that writes how much of a download is there, a line for each tenth."""
    last_tenth = -1

    def on_progress(progress: Progress) -> None:
        nonlocal last_tenth
        tenth = progress.done * 10 // progress.total if progress.total else 0
        if tenth > last_tenth:
            last_tenth = tenth
            of_total = f" of {progress.total / 1e6:.0f}" if progress.total else ""
            echo(f"{progress.now}: {progress.done / 1e6:.0f}{of_total} MB")

    return on_progress


def echo_picture(output: Path, drawn: Frame, network: Network, what: str) -> None:
    """A picture is there."""
    echo(f"{output}: {drawn.shape[-1]}x{drawn.shape[-2]}, {network.name} {what}, on {network.device}")
