"""The commands that make films: render, sweep.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from zoomdream.cli.echo import echo_warnings
from zoomdream.cli.film_request import FilmRequest
from zoomdream.cli.options import (
    ComputeOptions,
    JournalFlags,
    LayersOption,
    NetworkOptions,
    RunOptions,
    command,
)
from zoomdream.cli.parsing import split_names
from zoomdream.cli.parts_request import PartsRequest, WorkerOptions
from zoomdream.cli.preset_options import (
    BACKGROUND_HELP,
    FPS_HELP,
    SEED_HELP,
    SIZE_HELP,
    ChangesOption,
    DryRunOption,
    FilmOption,
    PresetArgument,
    QualityOption,
    option_changes,
    preset_option,
    set_changes,
)
from zoomdream.cli.render_options import RenderOptions
from zoomdream.cli.viewing.opening import OpenOption, refuse_showing, show

app = typer.Typer()


@command(app)
def render(
    preset: PresetArgument,
    output: FilmOption = None,
    *,
    options: RenderOptions,
    workers: WorkerOptions,
    task: Annotated[
        int | None,
        typer.Option(min=0, help="Finish one part of the film, as `plan` counts them.", show_default="the whole film"),
    ] = None,
    dry_run: DryRunOption = False,
    quality: QualityOption = "final",
    shown: OpenOption = False,
) -> None:
    """Render a preset to a film: .mp4 .mov .mkv .webm .gif .webp .apng .avif .y4m, a folder of PNGs, - for stdout."""
    film = options.request(preset, output, draft=quality == "draft")
    if shown:
        refuse_showing(film, "--task" if task is not None else "--dry-run" if dry_run else None)
    if task is not None and not dry_run:
        with film.staged(frames=range(0), task=f"part {task}") as request:
            PartsRequest(request, workers).render_task(task)
        return
    with film.staged() as request:
        if dry_run:
            request.check()
        elif workers.are_several:
            PartsRequest(request, workers).render()
        else:
            request.render()
    if shown:
        show(Path(film.output))


@command(app)
def sweep(
    photo: Annotated[Path, typer.Argument(help="A photo.")],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="The film; its suffix chooses the format.", show_default="PHOTO-sweep.mp4"),
    ] = None,
    *,
    network: NetworkOptions,
    layers: LayersOption = None,
    hold: Annotated[str | None, typer.Option(help="How long each layer stays alone.", show_default="5s")] = None,
    fade: Annotated[
        str | None, typer.Option(help="How long the crossfade to the next takes.", show_default="1s")
    ] = None,
    zoom: Annotated[
        float | None, typer.Option(help="Magnification per second; 1 stands still.", show_default="1.2")
    ] = None,
    changes: ChangesOption = None,
    size: Annotated[str | None, preset_option(SIZE_HELP, "the photo's own, at most 1280x720")] = None,
    fps: Annotated[str | None, preset_option(FPS_HELP, "30")] = None,
    background: Annotated[str | None, preset_option(BACKGROUND_HELP, "black")] = None,
    seed: Annotated[int | None, preset_option(SEED_HELP, "0", least=0)] = None,
    compute: ComputeOptions,
    journal: JournalFlags,
    run: RunOptions,
    dry_run: DryRunOption = False,
) -> None:
    """Render a sweep: every layer of a network in turn over a photo, shallow to deep, while the camera zooms on."""
    from zoomdream.films.sweep import sweep_preset

    lengths = option_changes({"dream.layers.hold": hold, "dream.layers.fade": fade, "camera.zoom": zoom})
    canvas = {"canvas.size": size, "canvas.fps": fps, "canvas.background": background and json.dumps(background)}
    options = option_changes({**canvas, "seed": seed})
    preset, warnings = sweep_preset(
        photo,
        network=network.network,
        weights=network.weights,
        layers=split_names(layers, "--layers"),
        changes=[*lengths, *set_changes(changes), *options],
    )
    echo_warnings(warnings)
    output = f"{photo.stem}-sweep.mp4" if output is None else output
    request = FilmRequest(preset, output, compute, journal, run)
    with request.staged() as staged:
        staged.check() if dry_run else staged.render()
