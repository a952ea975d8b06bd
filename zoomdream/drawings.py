"""The commands that draw what a network looks for: visualize, sheet.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.console import (
    Device,
    DeviceOption,
    MaxMemoryOption,
    NetworkOption,
    OverwriteOption,
    PictureOption,
    Precision,
    PrecisionOption,
    ProgressKind,
    ProgressOption,
    SeedOption,
    WeightsOption,
    load,
    memory_limit,
    names,
    read_photo,
    say,
    tell,
)
from zoomdream.errors import UsageError
from zoomdream.networks import EMBEDDED

if TYPE_CHECKING:
    from zoomdream.atlas import Drawing
    from zoomdream.networks import Network

drawings = typer.Typer()

_TWO_FORMS = (
    "a sheet shows a layer's channels (--layer fire8 --channels 0:64) or a photo dreamed at every layer "
    "(--image photo.jpg, with --layers for a choice of them): give what belongs to one of the two"
)


@drawings.command()
def visualize(
    objectives: Annotated[list[str], typer.Argument(help="Such as class:espresso, fire8:17 or fire8:17@center.")],
    output: PictureOption,
    network: NetworkOption = EMBEDDED,
    weights: WeightsOption = None,
    side: Annotated[int | None, typer.Option("--size", help="Side of a picture in pixels.")] = None,
    steps: Annotated[int | None, typer.Option(help="Ascent steps.")] = None,
    columns: Annotated[int | None, typer.Option(min=1, help="Of the sheet of several pictures.")] = None,
    seed: SeedOption = None,
    device: DeviceOption = Device.auto,
    precision: PrecisionOption = Precision.auto,
    max_memory: MaxMemoryOption = None,
    overwrite: OverwriteOption = False,
    progress: ProgressOption = ProgressKind.auto,
) -> None:
    """Make a picture from noise that shows what a channel, a neuron or a class looks for; of several, a sheet."""
    from zoomdream.atlas import label_of, objective_picture, objective_sheet
    from zoomdream.networks import blueprint
    from zoomdream.objectives import parse, verify
    from zoomdream.settings import VisualizeSettings
    from zoomdream.still import check_picture

    limit = memory_limit(max_memory)
    check_picture(output, overwrite, [path for objective in objectives for path in parse(objective).files])
    given = {key: value for key, value in (("size", side), ("steps", steps)) if value is not None}
    settings = VisualizeSettings(**given)
    plan = blueprint(network, weights)
    for objective in objectives:  # before weights are fetched
        verify(plan, objective)
    net = load(network, weights, device, precision)
    if len(objectives) == 1:
        if columns is not None:
            say("note: --columns: without effect, for one objective makes one picture and no sheet")
        drawing = objective_picture(net, objectives[0], settings, seed=seed or 0, max_memory=limit)
    else:
        drawing = objective_sheet(
            net,
            objectives,
            [label_of(net, objective) for objective in objectives],
            cell=settings.size,
            steps=steps,
            columns=columns,
            seed=seed or 0,
            max_memory=limit,
        )
    _draw(drawing, output, progress, net, ", ".join(objectives))


@drawings.command()
def sheet(
    network: Annotated[str, typer.Argument(help="A network's name.")],
    output: PictureOption,
    layer: Annotated[str | None, typer.Option(help="Show this layer's channels, from noise.")] = None,
    channels: Annotated[str | None, typer.Option(help="Which: 0:64, 5 or 3,17,31. [the first 64]")] = None,
    image: Annotated[Path | None, typer.Option(help="Show this photo dreamed at every layer.")] = None,
    layers: Annotated[
        str | None, typer.Option(help="Which layers, such as fire2,fire5,fire8. [a dozen, shallow to deep]")
    ] = None,
    columns: Annotated[int | None, typer.Option(min=1, help="Pictures in a row. [what suits a screen]")] = None,
    cell: Annotated[
        int | None, typer.Option(min=16, max=2048, help="Longer side of a picture in pixels. [128, with --image 256]")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Ascent steps; with --image per octave.")] = None,
    seed: SeedOption = None,
    weights: WeightsOption = None,
    device: DeviceOption = Device.auto,
    precision: PrecisionOption = Precision.auto,
    max_memory: MaxMemoryOption = None,
    overwrite: OverwriteOption = False,
    progress: ProgressOption = ProgressKind.auto,
) -> None:
    """Draw a labelled sheet: a layer's channels, or a photo dreamed at every layer, shallow to deep."""
    from zoomdream.networks import blueprint
    from zoomdream.objectives import parse
    from zoomdream.still import check_picture

    if (layer is None) == (image is None) or (image and channels) or (layer and layers):
        raise UsageError(_TWO_FORMS)
    limit = memory_limit(max_memory)
    shown = [path for objective in names(layers, "--layers") for path in parse(objective).files]
    check_picture(output, overwrite, [*shown, *([image] if image else [])])
    plan = blueprint(network, weights)
    planned = (
        _photo_sheet(plan, image, names(layers, "--layers"), cell, steps)
        if image
        else _channel_sheet(plan, str(layer), channels, cell, steps)
    )
    net = load(network, weights, device, precision)
    drawing = planned(net, columns=columns, seed=seed or 0, max_memory=limit)
    _draw(drawing, output, progress, net, layer or "photo")


def _draw(drawing: Drawing, output: Path, progress: ProgressKind, network: Network, what: str) -> None:
    """Make a picture and write it, with all that is to be told."""
    from zoomdream.image import check_size, save_image
    from zoomdream.progress import PICTURE, reporting

    check_size(output, drawing.size)
    for notice in drawing.notices:
        say(f"note: {notice}")
    with reporting(progress, output.name, work=PICTURE) as report:
        drawn = drawing.draw(report)
    save_image(drawn, output, drawing.recipe)
    tell(output, drawn, network, what)


def _photo_sheet(
    plan: Network, image: Path, layers: tuple[str, ...], cell: int | None, steps: int | None
) -> Callable[..., Drawing]:
    """`layer_sheet` without its network, with all that can be wrong found out."""
    from zoomdream.atlas import CELL, layer_sheet, photo_at
    from zoomdream.image import size_of
    from zoomdream.settings import DreamSettings
    from zoomdream.still import STILL
    from zoomdream.tour import plan_tour

    photo = photo_at(read_photo(image, None), cell or CELL)
    tour = plan_tour(plan, size_of(photo), layers)
    for note in tour.notes:
        say(f"note: {note}")
    settings = DreamSettings(**{**STILL, **({"steps": steps} if steps else {})})
    return partial(layer_sheet, photo=photo, stops=tour.stops, settings=settings)


def _channel_sheet(
    plan: Network, layer: str, channels: str | None, cell: int | None, steps: int | None
) -> Callable[..., Drawing]:
    """`channel_sheet` without its network, with all that can be wrong found out."""
    from zoomdream.atlas import CHANNEL_CELL, FIRST_CHANNELS, channel_sheet
    from zoomdream.objectives import ChannelSpec, parse_channels, resolve

    found = plan.layer(layer)
    wanted = parse_channels(channels) if channels is not None else tuple(range(min(found.channels, FIRST_CHANNELS)))
    resolve(plan, ChannelSpec(found.label, wanted))  # refuses a channel that the layer does not have
    return partial(channel_sheet, layer=found.label, channels=wanted, cell=cell or CHANNEL_CELL, steps=steps)
