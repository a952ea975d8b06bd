"""The commands about presets: list, show, new, import, check, schema.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.cli.echo import echo, echo_data, echo_json
from zoomdream.cli.options.shared_options import JsonOption

if TYPE_CHECKING:
    from zoomdream.objectives.specs.spec import Spec
    from zoomdream.presets.preset import Preset

app = typer.Typer(help="The presets that come with zoomdream, and checks of your own.", no_args_is_help=True)


@app.command("list")
def presets_list(as_json: JsonOption = False) -> None:
    """The shipped presets, each with what it shows."""
    from zoomdream.presets.shipped import shipped_presets

    presets = shipped_presets()
    if as_json:
        return echo_json(presets)
    width = max(map(len, presets), default=0)
    return echo_data("\n".join(f"{name:{width}}  {description}" for name, description in presets.items()))


@app.command("show")
def presets_show(
    preset: Annotated[str, typer.Argument(help="A YAML file, a shipped preset's name, or a film with its recipe.")],
    *,
    is_resolved: Annotated[
        bool, typer.Option("--resolved", help="With what it extends, and where each value comes from.")
    ] = False,
) -> None:
    """A preset's text, to start your own from: zoomdream presets show quickstart > mine.yaml."""
    from zoomdream.presets.loading import load_preset, preset_text
    from zoomdream.presets.resolved_text import resolved_text

    echo_data(resolved_text(load_preset(preset)) if is_resolved else preset_text(preset), newline=False)


@app.command("new")
def presets_new(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("film.yaml"),
    *,
    source: Annotated[
        str | None,
        typer.Option("--input", help="A photo or a video.", show_default="a picture that comes along", metavar="PATH"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the file if it exists.")] = False,
) -> None:
    """Write a preset to start from, with a comment for each line."""
    from zoomdream.presets.starter import write_starter

    write_starter(file, source, overwrite=overwrite)
    echo(f"{file}: written; zoomdream render {file} makes a film of it")


@app.command("import")
def presets_import(
    file: Annotated[Path, typer.Argument(help="A settings file of Deforum, or a document of Parseq.")],
    *,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The preset to write.", show_default="the file's name with .yaml"),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--input", help="A photo or a video to begin with.", show_default="the one that FILE names", metavar="PATH"
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the preset if it exists.")] = False,
) -> None:
    """Make a preset of a Deforum settings file or a Parseq document, and say what became of each setting."""
    from zoomdream.presets.importing import import_preset, table

    preset = output or Path(file.with_suffix(".yaml").name)
    findings = import_preset(file, preset, source, overwrite=overwrite)
    echo(table(findings))
    echo(f"{preset}: written; zoomdream render {preset} makes a film of it")


@app.command("check")
def presets_check(preset: Annotated[str, typer.Argument(help="A YAML file, or a shipped preset's name.")]) -> None:
    """Check a preset: its keys, its values, and all names in its network, without its weights and its source.

    Of a weights file that is there, the number of classes is read.
    """
    from zoomdream.images.pictures.kinds import is_picture
    from zoomdream.media import is_picture_sequence
    from zoomdream.presets.loading import load_preset

    loaded = load_preset(preset)
    clock = loaded.clock()
    _check_names(loaded, loaded.timeline(clock).objectives)
    source = loaded.source
    is_over_video = source is not None and (is_picture_sequence(source) or not is_picture(source))
    if not is_over_video:
        loaded.refuse_motion_masks()
    echo(f"{preset}: fine" if is_over_video else f"{preset}: fine; {clock.frames} frames at {clock.fps} per second")


def _check_names(preset: Preset, objectives: Sequence[str | Spec]) -> None:
    """Check what a preset names of its network: without PyTorch, which takes seconds to load, where that is enough."""
    from zoomdream.images.pictures.regular_files import exists
    from zoomdream.networks.registry import network_info
    from zoomdream.objectives.specs.known_names import is_known
    from zoomdream.objectives.specs.short_form import parse

    weights = preset.weights
    with preset.locating_errors(preset.networks_key):
        names = [network_info(name).name for name in preset.networks]
    with preset.locating_errors("dream", "layers"):
        specs = [parse(each) if isinstance(each, str) else each for each in objectives]
        if weights is None and all(is_known(names, spec) for spec in specs):
            return
    from zoomdream.networks import blueprints
    from zoomdream.objectives import verify

    with preset.locating_errors(preset.networks_key):
        network = blueprints(preset.networks, weights if weights and exists(weights) else None)
    with preset.locating_errors("dream", "layers"):
        for objective in objectives:
            verify(network, objective)


@app.command("schema")
def presets_schema() -> None:
    """The JSON schema of a preset, for editors that complete and check YAML."""
    from zoomdream.presets.loading import json_schema

    echo_json(json_schema())
