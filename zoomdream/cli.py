"""The command line: options to one library call, progress, exit codes, and nothing else.

Data goes to stdout, everything else to stderr. Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from zoomdream import __version__
from zoomdream.errors import UsageError, ZoomdreamError
from zoomdream.networks import EMBEDDED

INTERRUPTED, TERMINATED = 130, 143  # 128 + the signal's number, as shells count


class Terminated(BaseException):
    """SIGTERM, as an exception, so that everything is closed on the way out."""


class Commands(TyperGroup):
    """Turns every error that is raised on purpose into one line on stderr and its exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ZoomdreamError as error:
            say(f"error: {error}")
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            say("interrupted: nothing was written under the output's name")
            raise typer.Exit(INTERRUPTED) from None
        except Terminated:
            raise typer.Exit(TERMINATED) from None
        except BrokenPipeError:  # the reader of our stdout has gone, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


app = typer.Typer(
    cls=Commands,
    help="DeepDream films: a photo that an endless zoom turns into a world, from one YAML file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
presets_app = typer.Typer(help="The presets that come with zoomdream, and checks of your own.", no_args_is_help=True)
app.add_typer(presets_app, name="presets")


class Device(StrEnum):
    """Where the network runs."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class Precision(StrEnum):
    """The network's number format."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"


class ProgressKind(StrEnum):
    """How progress is shown."""

    auto = "auto"
    bar = "bar"
    plain = "plain"
    json = "json"
    none = "none"


DeviceOption = Annotated[Device, typer.Option(help="Where the network runs.")]
PrecisionOption = Annotated[Precision, typer.Option(help="The network's numbers; auto: the hardware's fastest.")]
ProgressOption = Annotated[ProgressKind, typer.Option(help="How progress is shown, on stderr.")]
SeedOption = Annotated[int | None, typer.Option(min=0, help="Another seed, another dream.")]
SizeOption = Annotated[str | None, typer.Option(help="Width and height in pixels, such as 640x360.")]
OverwriteOption = Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the output if it exists.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON.")]


def say(text: str) -> None:
    """A line for a person."""
    typer.echo(text, err=True)


def show(data: Any) -> None:
    """Data as JSON on stdout."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


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


def fetched() -> Callable[[int, int | None], None]:
    """Tells how much of a download is there, a line for each tenth."""
    told = -1

    def report(received: int, total: int | None) -> None:
        nonlocal told
        tenth = received * 10 // total if total else 0
        if tenth > told:
            told = tenth
            whole = f" of {total / 1e6:.0f}" if total else ""
            say(f"downloading weights: {received / 1e6:.0f}{whole} MB")

    return report


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


@presets_app.command("list")
def presets_list(as_json: JsonOption = False) -> None:
    """The shipped presets, each with what it shows."""
    from zoomdream.preset import shipped_presets

    found = shipped_presets()
    if as_json:
        return show(found)
    width = max(map(len, found), default=0)
    return typer.echo("\n".join(f"{name:{width}}  {description}" for name, description in found.items()))


@presets_app.command("show")
def presets_show(preset: Annotated[str, typer.Argument(help="A YAML file, or a shipped preset's name.")]) -> None:
    """A preset's text, to start your own from: zoomdream presets show quickstart > mine.yaml."""
    from zoomdream.preset import preset_text

    typer.echo(preset_text(preset), nl=False)


@presets_app.command("check")
def presets_check(preset: Annotated[str, typer.Argument(help="A YAML file, or a shipped preset's name.")]) -> None:
    """Check a preset against the schema, without loading its source or its network."""
    from zoomdream.preset import load_preset

    loaded = load_preset(preset)
    clock = loaded.canvas.clock()
    loaded.timeline(clock)
    say(f"{preset}: fine; {clock.frames} frames at {clock.fps} per second")


@presets_app.command("schema")
def presets_schema() -> None:
    """The JSON schema of a preset, for editors that complete and check YAML."""
    from zoomdream.preset import schema

    show(schema())


@app.command()
def networks(as_json: JsonOption = False) -> None:
    """The networks that can dream, and whether their weights are here."""
    from zoomdream.networks import describe

    found = [
        {"name": n.name, "weights": n.file, "megabytes": n.megabytes, "embedded": n.embedded, "present": n.present}
        for n in describe()
    ]
    if as_json:
        return show(found)
    for row in found:
        state = "in the box" if row["embedded"] else "here" if row["present"] else "download on first use"
        typer.echo(f"{row['name']:20} {row['megabytes']:8.1f} MB  {state}")
    return None


@app.command()
def layers(
    network: Annotated[str, typer.Argument(help="A network's name.")] = EMBEDDED, as_json: JsonOption = False
) -> None:
    """A network's layers, shallow to deep: name, channels, stride, receptive field. Needs no weights."""
    from zoomdream.networks import describe_layers

    found = describe_layers(network)
    if as_json:
        return show([asdict(layer) for layer in found])
    typer.echo(f"{'layer':28} {'channels':>8} {'stride':>6} {'sees':>6}  also called")
    for layer in found:
        others = ", ".join(name for name in (layer.name, *layer.aliases) if name != layer.label)
        sees = "all" if layer.receptive_field is None else layer.receptive_field
        typer.echo(f"{layer.label:28} {layer.channels:8} {layer.stride:6} {sees:>6}  {others}")
    return None


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
        return show(facts)
    return typer.echo("\n".join(f"{key.replace('_', ' '):16} {value}" for key, value in facts.items()))


@app.command()
def shots(clip: Annotated[Path, typer.Argument(help="A film.")], as_json: JsonOption = False) -> None:
    """A film's shots, as a render finds them: first frame, last frame, beginning in seconds."""
    from zoomdream.footage import find_shots

    found, cut_list = find_shots(clip)
    rows = [
        {"first": shot.first, "last": shot.stop - 1, "seconds": round(float(shot.first / found.fps), 3)}
        for shot in cut_list
    ]
    if as_json:
        return show(rows)
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
    as_json: JsonOption = False,
) -> None:
    """How steadily a dream follows its source: nE, E_warp, strength, sharpness, mean color, second by second."""
    from zoomdream.device import choose_device
    from zoomdream.stability import check_plot, format_table, measure, save_plot

    if plot is not None:
        check_plot(plot)
    found = measure(output, source, method=flow, start=start, device=choose_device(device))
    if plot is not None:
        save_plot(found, plot)
    return show(found.to_json()) if as_json else typer.echo(format_table(found))


def main() -> None:
    """The entry point."""
    # PyTorch's threads spin while they wait for one another. As soon as anything else runs, the encoder for one, that
    # steals the core they wait for: a step of 15 ms can take a second. A short spin keeps the 15 ms and stays near 40.
    os.environ.setdefault("GOMP_SPINCOUNT", "4000")
    app(prog_name="zoomdream")
