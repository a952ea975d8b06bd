"""The command line: options to one library call, progress, exit codes, and nothing else.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from zoomdream import __version__
from zoomdream.console import (
    Commands,
    Device,
    DeviceOption,
    OverwriteOption,
    Precision,
    PrecisionOption,
    ProgressKind,
    ProgressOption,
    SeedOption,
    SizeOption,
    Terminated,
    fetched,
    say,
)
from zoomdream.errors import UsageError
from zoomdream.networks import EMBEDDED
from zoomdream.questions import questions

app = typer.Typer(
    cls=Commands,
    help="DeepDream films: a photo that an endless zoom turns into a world, from one YAML file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    """DeepDream films: a photo that an endless zoom turns into a world, from one YAML file."""
    if version:
        typer.echo(f"zoomdream {__version__}")
        raise typer.Exit


@app.command()
def render(
    preset: Annotated[str, typer.Argument(help="A YAML file, or a shipped preset's name.")],
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="The film; its suffix chooses the format. [PRESET.mp4]")
    ] = None,
    source: Annotated[Path | None, typer.Option("--input", help="A photo or video instead of the preset's.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Change a key: dream.steps=6. May be repeated.")
    ] = None,
    size: SizeOption = None,
    fps: Annotated[str | None, typer.Option(help="Frames per second, such as 30 or 24000/1001.")] = None,
    start: Annotated[str | None, typer.Option(help="Where in a video the film begins, such as 10s.")] = None,
    duration: Annotated[str | None, typer.Option(help="Length, such as 8s or 1:30.")] = None,
    audio: Annotated[str | None, typer.Option(help="source (a video's own sound), none, or a sound file.")] = None,
    frames: Annotated[str | None, typer.Option(help="A:B renders frames A to B-1.")] = None,
    seed: SeedOption = None,
    device: DeviceOption = Device.auto,
    precision: PrecisionOption = Precision.auto,
    allow_truncated: Annotated[
        bool, typer.Option("--allow-truncated", help="Take what there is of a video that is cut short.")
    ] = False,
    overwrite: OverwriteOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, say what would be done, stop.")] = False,
    progress: ProgressOption = ProgressKind.auto,
) -> None:
    """Render a preset to a film: .mp4 .mov .mkv .webm .gif, or a folder of PNGs (frames/ or frames/%06d.png)."""
    from zoomdream.media import check_output
    from zoomdream.preset import load_preset

    signal.signal(signal.SIGTERM, _terminate)
    if audio not in (None, "source", "none"):
        audio = str(Path.cwd() / str(audio))  # named from here, not from the preset's folder
    canvas = {"canvas.size": size, "canvas.fps": fps, "canvas.start": start, "canvas.duration": duration}
    changed = {**canvas, "seed": seed, "output.audio": audio and json.dumps(audio)}
    named = [f"{key}={value}" for key, value in changed.items() if value is not None]
    loaded = load_preset(preset, [*(changes or []), *named], source)
    target = output or f"{Path(preset).stem}.mp4"
    span = _span(frames)
    check_output(target, loaded.canvas.size or (640, 360), loaded.output, overwrite=overwrite)  # before long loading

    from zoomdream import film
    from zoomdream.progress import reporting

    planned = film.prepare(
        loaded, device=device, precision=precision, allow_truncated=allow_truncated, on_download=fetched()
    )
    span = film.checked_span(span, len(planned.timeline))
    check_output(target, planned.size, planned.output, overwrite=overwrite, fps=planned.clock.fps)
    for notice in planned.notices:
        say(f"note: {notice}")
    if dry_run:
        return say(_plan(planned, target, span))
    with reporting(progress, Path(target).name) as report:
        film.render(planned, target, overwrite=overwrite, span=span, on_frame=report)
    return say(f"{target}: {_plan(planned, target, span)}")


def _terminate(number: int, frame: Any) -> None:
    raise Terminated


def _span(text: str | None) -> range | None:
    if text is None:
        return None
    first, colon, last = text.partition(":")
    if not (colon and first.isdecimal() and last.isdecimal()):
        raise UsageError(f"--frames {text!r} is no range of frames: write A:B, such as 0:30 for the first thirty")
    return range(int(first), int(last))


def _plan(film: Any, target: str, span: range) -> str:
    width, height = film.size
    layers = ", ".join(film.timeline.keys())
    return (
        f"{len(span)} frames of {width}x{height} at {film.clock.fps} per second "
        f"({float(len(span) / film.clock.fps):.1f} s), {film.network.name} {layers}, on {film.network.device}"
    )


@app.command()
def dream(
    image: Annotated[Path, typer.Argument(help="A photo.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The picture: .png, .jpg or .webp.")],
    network: Annotated[str, typer.Option(help="Which network dreams; zoomdream networks lists them.")] = EMBEDDED,
    weights: Annotated[Path | None, typer.Option(help="A file with the network's weights.")] = None,
    layers: Annotated[str, typer.Option(help="Layers and weights; zoomdream layers lists them.")] = "fire8=1",
    octaves: Annotated[int | None, typer.Option(help="Number of scales.")] = None,
    octave_scale: Annotated[float | None, typer.Option(help="An octave's size over the next smaller one's.")] = None,
    steps: Annotated[int | None, typer.Option(help="Ascent steps per octave.")] = None,
    step_size: Annotated[float | None, typer.Option(help="Mean change of a channel value in one step.")] = None,
    jitter: Annotated[int | None, typer.Option(help="Largest random shift before a step, in pixels.")] = None,
    objective: Annotated[str | None, typer.Option(help="l2 or mean.")] = None,
    natural_color: Annotated[float | None, typer.Option(help="0: neon, 1: natural.")] = None,
    smoothing: Annotated[float | None, typer.Option(help="Gaussian cascade over the gradient, in pixels.")] = None,
    laplacian: Annotated[int | None, typer.Option(help="Bands of the gradient made equally strong.")] = None,
    coherence: Annotated[float, typer.Option(min=0, max=1, help="How far the photo's colors are kept.")] = 0.0,
    size: SizeOption = None,
    seed: SeedOption = None,
    device: DeviceOption = Device.auto,
    precision: PrecisionOption = Precision.auto,
    overwrite: OverwriteOption = False,
) -> None:
    """Dream one picture."""
    given: dict[str, Any] = {
        "octaves": octaves,
        "octave_scale": octave_scale,
        "steps": steps,
        "step_size": step_size,
        "jitter": jitter,
        "objective": objective,
        "natural_color": natural_color,
        "smoothing": smoothing,
        "laplacian": laplacian,
    }
    from zoomdream.device import choose_device, choose_precision
    from zoomdream.image import load_image, save_image
    from zoomdream.networks import load_network
    from zoomdream.preset_model import parse_size
    from zoomdream.settings import DreamSettings
    from zoomdream.still import STILL, check_picture, dream_still, parse_layers

    check_picture(output, overwrite)
    mix, pixels = parse_layers(layers), parse_size(size) if size else None
    settings = DreamSettings(**{**STILL, **{key: value for key, value in given.items() if value is not None}})
    photo = load_image(image)
    where = choose_device(device)
    dtype = choose_precision(precision, where)
    net = load_network(network, weights=weights, device=where, dtype=dtype, progress=fetched())
    dreamed = dream_still(photo, net, mix, settings, size=pixels, coherence=coherence, seed=seed or 0)
    save_image(dreamed, output)
    say(f"{output}: {dreamed.shape[-1]}x{dreamed.shape[-2]}, {net.name} {layers}, on {net.device}")


app.add_typer(questions)  # after the others, so that help lists what makes films first


def main() -> None:
    """The entry point."""
    # PyTorch's threads spin while they wait for one another. As soon as anything else runs, the encoder for one, that
    # steals the core they wait for: a step of 15 ms can take a second. A short spin keeps the 15 ms and stays near 40.
    os.environ.setdefault("GOMP_SPINCOUNT", "4000")
    app(prog_name="zoomdream")
