"""The commands that make films: render, sweep.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.cli.echo import echo, echo_download, echo_warnings
from zoomdream.cli.options import (
    Device,
    DeviceOption,
    MaxMemoryOption,
    NetworkOption,
    OverwriteOption,
    Precision,
    PrecisionOption,
    ProgressKind,
    ProgressOption,
    SeedOption,
    SizeOption,
    WeightsOption,
)
from zoomdream.cli.parsing import memory_limit, names
from zoomdream.errors import UsageError
from zoomdream.networks import EMBEDDED

if TYPE_CHECKING:
    from zoomdream.films.film import Film
    from zoomdream.presets.document import Change
    from zoomdream.presets.preset import Preset

app = typer.Typer()

ChangesOption = Annotated[list[str] | None, typer.Option("--set", help="Change a key: dream.steps=6. May be repeated.")]
RateOption = Annotated[str | None, typer.Option(help="Frames per second, such as 30 or 24000/1001.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check everything, say what would be done, stop.")]


@app.command()
def render(
    preset: Annotated[
        str, typer.Argument(help="A YAML file, a shipped preset's name, or a film that carries its recipe.")
    ],
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="The film; its suffix chooses the format. [PRESET.mp4]")
    ] = None,
    source: Annotated[Path | None, typer.Option("--input", help="A photo or video instead of the preset's.")] = None,
    changes: ChangesOption = None,
    size: SizeOption = None,
    fps: RateOption = None,
    start: Annotated[str | None, typer.Option(help="Where in a video the film begins, such as 10s.")] = None,
    duration: Annotated[str | None, typer.Option(help="Length, such as 8s or 1:30.")] = None,
    audio: Annotated[str | None, typer.Option(help="source (a video's own sound), none, or a sound file.")] = None,
    frames: Annotated[str | None, typer.Option(help="A:B renders frames A to B-1.")] = None,
    seed: SeedOption = None,
    device: DeviceOption = Device.auto,
    precision: PrecisionOption = Precision.auto,
    max_memory: MaxMemoryOption = None,
    allow_truncated: Annotated[
        bool, typer.Option("--allow-truncated", help="Take what there is of a video that is cut short.")
    ] = False,
    overwrite: OverwriteOption = False,
    dry_run: DryRunOption = False,
    progress: ProgressOption = ProgressKind.auto,
) -> None:
    """Render a preset to a film: .mp4 .mov .mkv .webm .gif, or a folder of PNGs (frames/ or frames/%06d.png)."""
    from zoomdream.presets.loading import load_preset

    span = _span(frames)
    if audio not in (None, "source", "none"):
        audio = str(Path.cwd() / str(audio))  # named from here, not from the preset's folder
    canvas = {"canvas.size": size, "canvas.fps": fps, "canvas.start": start, "canvas.duration": duration}
    named = _changes({**canvas, "seed": seed, "output.audio": audio and json.dumps(audio)})
    loaded = load_preset(preset, [*_set(changes), *named], source, source_label=f"--input {source}")
    _make_film(
        loaded,
        f"{Path(preset).stem}.mp4" if output is None else output,
        span,
        device=device,
        precision=precision,
        max_memory=max_memory,
        overwrite=overwrite,
        dry_run=dry_run,
        progress=progress,
        allow_truncated=allow_truncated,
    )


@app.command()
def sweep(
    photo: Annotated[Path, typer.Argument(help="A photo.")],
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="The film; its suffix chooses the format. [PHOTO-sweep.mp4]")
    ] = None,
    network: NetworkOption = EMBEDDED,
    weights: WeightsOption = None,
    layers: Annotated[
        str | None, typer.Option(help="Which layers, such as fire2,fire5,fire8. [a dozen, shallow to deep]")
    ] = None,
    hold: Annotated[str, typer.Option(help="How long each layer stays alone.")] = "5s",
    fade: Annotated[str, typer.Option(help="How long the crossfade to the next takes.")] = "1s",
    zoom: Annotated[float, typer.Option(help="Magnification per second; 1 stands still.")] = 1.2,
    changes: ChangesOption = None,
    size: SizeOption = None,
    fps: RateOption = None,
    seed: SeedOption = None,
    device: DeviceOption = Device.auto,
    precision: PrecisionOption = Precision.auto,
    max_memory: MaxMemoryOption = None,
    overwrite: OverwriteOption = False,
    dry_run: DryRunOption = False,
    progress: ProgressOption = ProgressKind.auto,
) -> None:
    """Render a sweep: every layer of a network in turn over a photo, shallow to deep, while the camera zooms on."""
    from zoomdream.films.sweep import sweep_preset

    named = _changes({"canvas.size": size, "canvas.fps": fps, "seed": seed})
    made, warnings = sweep_preset(
        photo,
        network=network,
        weights=weights,
        layers=names(layers, "--layers"),
        hold=hold,
        fade=fade,
        zoom=zoom,
        changes=[*_set(changes), *named],
    )
    for warning in warnings:
        echo(f"warning: {warning}")
    _make_film(
        made,
        f"{photo.stem}-sweep.mp4" if output is None else output,
        device=device,
        precision=precision,
        max_memory=max_memory,
        overwrite=overwrite,
        dry_run=dry_run,
        progress=progress,
    )


def _changes(options: Mapping[str, object]) -> list[Change]:
    """Options as changes of a preset, which messages call by their own names."""
    from zoomdream.presets.document import Change

    return [Change(f"{k}={v}", f"--{k.rpartition('.')[2]} {v}") for k, v in options.items() if v is not None]


def _set(assignments: list[str] | None) -> list[Change]:
    from zoomdream.presets.document import Change

    return [Change(assignment, f"--set {assignment}") for assignment in assignments or []]


def _make_film(
    preset: Preset,
    target: str,
    span: range | None = None,
    *,
    device: Device,
    precision: Precision,
    max_memory: str | None,
    overwrite: bool,
    dry_run: bool,
    progress: ProgressKind,
    allow_truncated: bool = False,
) -> None:
    """From a preset to a file, the same for every command that makes a film."""
    from zoomdream.media import check_output

    if not target:
        raise UsageError("the output has no name: give it one such as film.mp4")
    check_output(target, preset.canvas.size or (640, 360), preset.output, overwrite=overwrite)  # before long loading

    from zoomdream.cli.progress_bar import progress_bar
    from zoomdream.films.preparation import prepare
    from zoomdream.films.rendering import frame_range
    from zoomdream.films.rendering import render as render_film

    planned = prepare(
        preset,
        device=device,
        precision=precision,
        max_memory=memory_limit(max_memory),
        allow_truncated=allow_truncated,
        on_progress=echo_download(),
    )
    span = frame_range(span, len(planned.timeline))
    check_output(
        target,
        planned.size,
        planned.output,
        overwrite=overwrite,
        fps=planned.clock.fps,
        inputs=planned.inputs,
    )
    echo_warnings(planned.warnings)
    if dry_run:
        return echo(_plan(planned, target, span))
    with progress_bar(progress, Path(target).name) as on_progress:
        render_film(planned, target, overwrite=overwrite, span=span, on_progress=on_progress)
    return echo(f"{target}: {_plan(planned, target, span)}")


def _span(text: str | None) -> range | None:
    if text is None:
        return None
    first, colon, last = text.partition(":")
    if not (colon and first.isdecimal() and last.isdecimal()):
        raise UsageError(f"--frames {text!r} is no range of frames: write A:B, such as 0:30 for the first thirty")
    return range(int(first), int(last))


def _plan(film: Film, target: str, span: range) -> str:
    width, height = film.size
    layers = ", ".join(map(str, film.timeline.keys()))
    return (
        f"{len(span)} frames of {width}x{height} at {film.clock.fps} per second "
        f"({float(len(span) / film.clock.fps):.1f} s), {film.network.name} {layers}, on {film.network.device}"
    )
