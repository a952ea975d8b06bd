"""The command that draws sheets: a layer's channels, or a photo at every layer.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.cli.echo import echo_warnings
from zoomdream.cli.options.loading import blueprint_of, photo_file, read_photo
from zoomdream.cli.options.parsing import split_names
from zoomdream.cli.options.shared_options import (
    BackgroundOption,
    ComputeOptions,
    LayersOption,
    NetworkOptions,
    PictureOption,
    RunOptions,
    SeedOption,
    WeightsOption,
    command,
)
from zoomdream.cli.requests.pictures_request import make_pictures
from zoomdream.errors import UsageError

if TYPE_CHECKING:
    from zoomdream.images.frame import Size
    from zoomdream.stills.job import PictureJob

app = typer.Typer()


@command(app)
def sheet(
    network: Annotated[str, typer.Argument(help="A network's name.")],
    output: PictureOption,
    *,
    layer: Annotated[str | None, typer.Option(help="Show this layer's channels, from noise.")] = None,
    channels: Annotated[
        str | None, typer.Option(help="Which: 0:64, 5 or 3,17,31.", show_default="the first 64")
    ] = None,
    image: Annotated[Path | None, typer.Option(help="Show this photo dreamed at every layer.")] = None,
    layers: LayersOption = None,
    background: BackgroundOption = None,
    columns: Annotated[
        int | None, typer.Option(min=1, help="Pictures in a row.", show_default="as suits a screen")
    ] = None,
    cell: Annotated[
        int | None,
        typer.Option(
            min=16, max=2048, help="Longer side of a picture in pixels.", show_default="128, with --image 256"
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, help="Ascent steps; with --image per octave.", show_default="256, with --image 20"),
    ] = None,
    seed: SeedOption = 0,
    weights: WeightsOption = None,
    compute: ComputeOptions,
    run: RunOptions,
) -> None:
    """Draw a labelled sheet: a layer's channels, or a photo dreamed at every layer, shallow to deep."""
    from zoomdream.images.contact_sheet import lay_out

    if (layer is None) == (image is None) or (image and channels) or (layer and (layers or background)):
        raise UsageError(_TWO_FORMS)
    options = NetworkOptions(network, weights)
    image = photo_file(image) if image else None
    if image:
        contents = _photo_at_layers(options, image, background, split_names(layers, "--layers"), cell, steps)
    else:
        contents = _channels_of(options, str(layer), channels, cell, steps)
    prepare = partial(contents.prepare, columns=columns, seed=seed, max_memory=compute.max_memory)
    outputs = {output: lay_out(contents.count, contents.cell, columns).size}
    inputs = [image] if image else []
    make_pictures(prepare, outputs, contents.objectives, options, compute, run, subject=layer or "photo", inputs=inputs)


_TWO_FORMS = (
    "a sheet shows a layer's channels (--layer fire8 --channels 0:64) or a photo dreamed at every layer "
    "(--image photo.jpg, with --layers for a choice of them and --background): give what belongs to one of the two"
)


@dataclass(frozen=True)
class _SheetContents:
    """What is on a sheet."""

    prepare: Callable[..., PictureJob]
    """Makes the job from a network, `columns`, `seed` and `max_memory`."""
    objectives: Sequence[str]
    """The objectives of its pictures."""
    count: int
    """How many pictures there are."""
    cell: Size
    """(width, height) of each, in pixels."""


def _photo_at_layers(
    network: NetworkOptions,
    image: Path,
    background: str | None,
    layers: Sequence[str],
    cell: int | None,
    steps: int | None,
) -> _SheetContents:
    from zoomdream.images.contact_sheet import scaled_to
    from zoomdream.images.frame import size_of
    from zoomdream.objectives.layer_choice import choose_layers
    from zoomdream.settings import DreamSettings
    from zoomdream.settings.dreaming import STILL_DEFAULTS
    from zoomdream.stills.sheets import CELL, layer_sheet

    photo = read_photo(image, None, background=background, scaled=lambda own: scaled_to(own, cell or CELL))
    choice = choose_layers(blueprint_of(network), size_of(photo), layers)
    echo_warnings(choice.warnings)
    settings = DreamSettings(**{**STILL_DEFAULTS, **({"steps": steps} if steps else {})})
    prepare = partial(layer_sheet, photo=photo, objectives=choice.objectives, settings=settings)
    return _SheetContents(prepare, choice.objectives, 1 + len(choice.objectives), size_of(photo))


def _channels_of(
    network: NetworkOptions, layer: str, channels: str | None, cell: int | None, steps: int | None
) -> _SheetContents:
    from zoomdream.objectives import parse_channels
    from zoomdream.stills.sheets import CHANNEL_CELL, FIRST_CHANNELS, channel_sheet

    known, side = blueprint_of(network).layer(layer), cell or CHANNEL_CELL
    indices = tuple(range(min(known.channels, FIRST_CHANNELS))) if channels is None else parse_channels(channels)
    prepare = partial(channel_sheet, layer=known.label, channels=indices, cell=side, steps=steps)
    objectives = [f"{known.label}:{index}" for index in indices]
    return _SheetContents(prepare, objectives, len(indices), (side, side))
