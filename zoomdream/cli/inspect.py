"""The commands that examine films: probe, shots, stability.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoomdream.cli.echo import echo_data, echo_json, telling_downloads
from zoomdream.cli.options import DeviceOption, JsonOption, OfflineOption

if TYPE_CHECKING:
    from zoomdream.media import Clip

app = typer.Typer()


@app.command()
def probe(
    clip: Annotated[Path, typer.Argument(help="A film.")],
    as_json: JsonOption = False,
) -> None:
    """What a film is: size, exact rate, frames, length, colors, sound."""
    from zoomdream.media import probe as probe_clip

    facts = _clip_facts(probe_clip(clip))
    if as_json:
        return echo_json(facts)
    return echo_data("\n".join(f"{key.replace('_', ' '):16} {_in_words(value)}" for key, value in facts.items()))


def _clip_facts(clip: Clip) -> dict[str, Any]:
    return {
        "file": str(clip.path),
        "size": f"{clip.size[0]}x{clip.size[1]}",
        "fps": str(clip.fps),
        "variable_rate": clip.variable_rate,
        "frames": clip.frames,
        "promised_frames": clip.promised_frames,
        "seconds": round(float(clip.duration), 6),
        "codec": clip.codec,
        "pixel_format": clip.pixel_format,
        "bit_depth": clip.bit_depth,
        "color_matrix": clip.color_matrix,
        "color_range": clip.color_range,
        "rotation": clip.rotation,
        "sample_aspect": str(clip.sample_aspect),
        "audio": clip.audio,
    }


def _in_words(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else value


@app.command()
def shots(clip: Annotated[Path, typer.Argument(help="A film.")], as_json: JsonOption = False) -> None:
    """A film's shots, as a render finds them: first frame, last frame, beginning in seconds."""
    from zoomdream.motion.cuts import find_shots

    source, spans = find_shots(clip)
    rows = [
        {"first": span.first, "last": span.stop - 1, "seconds": round(float(span.first / source.fps), 3)}
        for span in spans
    ]
    if as_json:
        return echo_json(rows)
    lines = [f"{'first':>8} {'last':>8} {'begins':>10}"]
    lines += [f"{row['first']:8} {row['last']:8} {row['seconds']:9.3f}s" for row in rows]
    return echo_data("\n".join(lines))


@app.command()
def stability(
    output: Annotated[Path, typer.Argument(help="A dreamed film.")],
    source: Annotated[Path, typer.Option("--source", help="The clip that it was dreamed over.")],
    start: Annotated[int, typer.Option(min=0, help="The clip's frame that the film begins with.")] = 0,
    flow: Annotated[
        str, typer.Option(help="fast, medium, fine, farneback, raft; auto: another one than the film used.")
    ] = "auto",
    plot: Annotated[Path | None, typer.Option(help="Draw every measure over time, as a PNG.")] = None,
    device: DeviceOption = "auto",
    offline: OfflineOption = False,
    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the plot if it exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """How steadily a dream follows its source: nE, E_warp, strength, sharpness, mean color, second by second."""
    from zoomdream.output_lock import output_lock
    from zoomdream.runtime import choose_device
    from zoomdream.stability import check_plot, format_table, measure, save_plot

    with ExitStack() as lock:
        if plot is not None:
            check_plot(plot, overwrite=overwrite, inputs=(output, source))
            lock.enter_context(output_lock(plot))
            check_plot(plot, overwrite=overwrite, inputs=(output, source))  # another run may just have ended
        lock.enter_context(telling_downloads(offline))
        result = measure(output, source, method=flow, start=start, device=choose_device(device))
        if plot is not None:
            save_plot(result, plot, overwrite=overwrite)
    return echo_json(result.to_json()) if as_json else echo_data(format_table(result))
