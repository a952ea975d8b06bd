"""The commands about films that are there: probe, shots, stability.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from zoomdream.cli.echo import echo_json
from zoomdream.cli.options import Device, DeviceOption, JsonOption

app = typer.Typer()


@app.command()
def probe(
    clip: Annotated[Path, typer.Argument(help="A film.")],
    as_json: JsonOption = False,
) -> None:
    """What a film is: size, exact rate, frames, length, colors, sound."""
    from zoomdream.media import probe as probe_clip

    found = probe_clip(clip)
    facts: dict[str, Any] = {
        "file": str(clip),
        "size": f"{found.size[0]}x{found.size[1]}",
        "fps": str(found.fps),
        "variable_rate": found.variable_rate,
        "frames": found.frames,
        "promised_frames": found.promised_frames,
        "seconds": round(float(found.duration), 6),
        "codec": found.codec,
        "pixel_format": found.pixel_format,
        "bit_depth": found.bit_depth,
        "color_matrix": found.color_matrix,
        "color_range": found.color_range,
        "rotation": found.rotation,
        "sample_aspect": str(found.sample_aspect),
        "audio": found.audio,
    }
    if as_json:
        return echo_json(facts)
    return typer.echo("\n".join(f"{key.replace('_', ' '):16} {_in_words(value)}" for key, value in facts.items()))


def _in_words(value: object) -> object:
    return {None: "none", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else value


@app.command()
def shots(clip: Annotated[Path, typer.Argument(help="A film.")], as_json: JsonOption = False) -> None:
    """A film's shots, as a render finds them: first frame, last frame, beginning in seconds."""
    from zoomdream.motion.cuts import find_shots

    found, cut_list = find_shots(clip)
    rows = [
        {"first": shot.first, "last": shot.stop - 1, "seconds": round(float(shot.first / found.fps), 3)}
        for shot in cut_list
    ]
    if as_json:
        return echo_json(rows)
    lines = [f"{'first':>8} {'last':>8} {'begins':>10}"]
    lines += [f"{row['first']:8} {row['last']:8} {row['seconds']:9.3f}s" for row in rows]
    return typer.echo("\n".join(lines))


@app.command()
def stability(
    output: Annotated[Path, typer.Argument(help="A dreamed film.")],
    source: Annotated[Path, typer.Option("--source", help="The clip that it was dreamed over.")],
    start: Annotated[int, typer.Option(min=0, help="The clip's frame that the film begins with.")] = 0,
    flow: Annotated[str, typer.Option(help="fast, medium, fine, farneback, raft; auto: not the renderer's.")] = "auto",
    plot: Annotated[Path | None, typer.Option(help="Draw every measure over time, as a PNG.")] = None,
    device: DeviceOption = Device.auto,
    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the plot if it exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """How steadily a dream follows its source: nE, E_warp, strength, sharpness, mean color, second by second."""
    from zoomdream.runtime import choose_device
    from zoomdream.stability import check_plot, format_table, measure, save_plot

    if plot is not None:
        check_plot(plot, overwrite=overwrite, inputs=(output, source))
    found = measure(output, source, method=flow, start=start, device=choose_device(device))
    if plot is not None:
        save_plot(found, plot)
    return echo_json(found.to_json()) if as_json else typer.echo(format_table(found))
