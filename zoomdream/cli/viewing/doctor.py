"""The command that says what is here and what is missing: doctor.

Nothing heavy is imported before the command needs it.
"""

from __future__ import annotations

from dataclasses import asdict

import typer

from zoomdream.cli.echo import echo, echo_data, echo_json, visible
from zoomdream.cli.options import JsonOption
from zoomdream.errors import ZoomdreamError

app = typer.Typer()


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """What this installation has: torch, device, ffmpeg's encoders, weights, memory, disk; and what to do about it."""
    from zoomdream.cli.viewing.checkup import findings

    found = []
    for finding in findings():
        found.append(finding)
        if not as_json:
            mark = "ok" if not finding.advice else "!!" if finding.is_essential else "! "
            echo_data(visible(f"{mark:3} {finding.name:10} {finding.state}"))
    if as_json:
        echo_json([asdict(finding) for finding in found])
    for finding in found:
        if finding.advice:
            echo(f"{finding.name}: {finding.advice}")
    essential = [finding.name for finding in found if finding.advice and finding.is_essential]
    if essential:
        raise ZoomdreamError(f"no film can be made before this is mended: {', '.join(essential)}")
    if not as_json:
        echo("all that a film needs is here")
