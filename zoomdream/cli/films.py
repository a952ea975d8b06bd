"""The commands that make films: render, sweep.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.cli.echo import echo_warnings
from zoomdream.cli.film_request import FilmRequest
from zoomdream.cli.options import (
    AllowTruncatedOption,
    ComputeOptions,
    JournalFlags,
    LayersOption,
    NetworkOptions,
    RunOptions,
    command,
)
from zoomdream.cli.parsing import frame_span, split_names
from zoomdream.cli.preset_options import (
    BACKGROUND_HELP,
    FPS_HELP,
    SEED_HELP,
    SIZE_HELP,
    ChangesOption,
    DryRunOption,
    option_changes,
    preset_option,
    set_changes,
)

if TYPE_CHECKING:
    from zoomdream.settings import Deinterlace

app = typer.Typer()


@command(app)
def render(
    preset: Annotated[
        str, typer.Argument(help="A YAML file, a shipped preset's name, or a film that carries its recipe.")
    ],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="The film; its suffix chooses the format.", show_default="PRESET.mp4"),
    ] = None,
    *,
    source: Annotated[
        Path | None,
        typer.Option(
            "--input", help="A photo, a video, or a folder of numbered pictures.", show_default="the preset's"
        ),
    ] = None,
    changes: ChangesOption = None,
    size: Annotated[str | None, preset_option(SIZE_HELP)] = None,
    fps: Annotated[str | None, preset_option(FPS_HELP)] = None,
    start: Annotated[str | None, preset_option("Where in a video the film begins, such as 10s.")] = None,
    duration: Annotated[str | None, preset_option("Length, such as 8s or 1:30.")] = None,
    background: Annotated[str | None, preset_option(BACKGROUND_HELP)] = None,
    deinterlace: Annotated[
        Deinterlace | None, preset_option("Whether interlaced frames of a video are deinterlaced.")
    ] = None,
    audio: Annotated[str | None, preset_option("source (a video's own sound), none, or a sound file.")] = None,
    audio_track: Annotated[int | None, preset_option("Which of its sound tracks, from 1.", "its default", 1)] = None,
    frames: Annotated[str | None, typer.Option(help="A:B renders frames A to B-1.", show_default="all")] = None,
    seed: Annotated[int | None, preset_option(SEED_HELP, least=0)] = None,
    compute: ComputeOptions,
    allow_truncated: AllowTruncatedOption = False,
    journal: JournalFlags,
    run: RunOptions,
    dry_run: DryRunOption = False,
) -> None:
    """Render a preset to a film: .mp4 .mov .mkv .webm .gif .webp .apng .avif .y4m, a folder of PNGs, - for stdout."""
    from zoomdream.presets.loading import load_preset

    span = None if frames is None else frame_span(frames)
    if audio not in (None, "source", "none"):
        audio = str(Path(str(audio)).absolute())  # relative to this folder, not to the preset's
    canvas = {"canvas.size": size, "canvas.fps": fps, "canvas.start": start, "canvas.duration": duration}
    canvas |= {"canvas.background": background and json.dumps(background), "canvas.deinterlace": deinterlace}
    sound = {"output.audio": audio and json.dumps(audio), "output.audio_track": audio_track}
    options = option_changes({**canvas, "seed": seed, **sound})
    loaded = load_preset(preset, [*set_changes(changes), *options], source, source_label=f"--input {source}")
    output = f"{Path(preset).stem}.mp4" if output is None else output
    request = FilmRequest(loaded, output, compute, journal, run, span, allow_truncated)
    request.check() if dry_run else request.render()


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
    request.check() if dry_run else request.render()
