"""The commands that make pictures: dream, saliency, visualize, sheet.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoomdream.cli.echo import echo, echo_picture, echo_warnings
from zoomdream.cli.options import (
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
    SizeOption,
    WeightsOption,
)
from zoomdream.cli.parsing import load, memory_limit, read_photo
from zoomdream.networks import EMBEDDED

if TYPE_CHECKING:
    from zoomdream.settings import DreamSettings
from functools import partial
from typing import TYPE_CHECKING

from zoomdream.cli.parsing import names
from zoomdream.errors import UsageError

if TYPE_CHECKING:
    from zoomdream.networks import Network
    from zoomdream.stills.job import PictureJob


app = typer.Typer()
_LARGEST_SALIENCY = 1024  # longer side of a photo whose size is not given: beyond it a pixel is too small to matter


@app.command()
def dream(
    image: Annotated[Path, typer.Argument(help="A photo.")],
    output: PictureOption,
    network: NetworkOption = EMBEDDED,
    weights: WeightsOption = None,
    layers: Annotated[
        str | None,
        typer.Option(
            help="Layers, or channels, classes and so on, with weights: fire8=1,fire5:17=0.3. [one that sees animals]"
        ),
    ] = None,
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
    stages: Annotated[
        int | None, typer.Option(min=1, help="Also draw OUTPUT.stages: the picture every so many steps.")
    ] = None,
    size: SizeOption = None,
    seed: SeedOption = None,
    device: DeviceOption = Device.auto,
    precision: PrecisionOption = Precision.auto,
    max_memory: MaxMemoryOption = None,
    overwrite: OverwriteOption = False,
    progress: ProgressOption = ProgressKind.auto,
) -> None:
    """Dream one picture."""
    from zoomdream.cli.parsing import parse_layers
    from zoomdream.cli.progress_bar import progress_bar
    from zoomdream.images.files import check_picture_file, check_size, save_image
    from zoomdream.images.frame import size_of
    from zoomdream.networks import blueprint
    from zoomdream.objectives import parse, verify
    from zoomdream.objectives.layer_choice import default_layer
    from zoomdream.stills.stages import dream_in_stages, stages_size
    from zoomdream.stills.still import prepare_still

    limit = memory_limit(max_memory)
    plan = blueprint(network, weights)
    layers = default_layer(plan) if layers is None else layers
    mix = parse_layers(layers)
    inputs = [image, *(path for key in mix for path in parse(key).files)]
    check_picture_file(output, overwrite=overwrite, inputs=inputs)
    beside = output.with_name(f"{output.stem}.stages{output.suffix}")
    if stages:
        check_picture_file(beside, overwrite=overwrite, inputs=inputs)
    settings = _still_settings(
        octaves=octaves,
        octave_scale=octave_scale,
        steps=steps,
        step_size=step_size,
        jitter=jitter,
        objective=objective,
        natural_color=natural_color,
        smoothing=smoothing,
        laplacian=laplacian,
    )
    photo = read_photo(image, size)
    check_size(output, size_of(photo))
    if stages:
        check_size(beside, stages_size(size_of(photo), settings, stages))
    for key in mix:  # before weights are fetched
        verify(plan, key)
    net = load(network, weights, device, precision)
    still = prepare_still(photo, net, mix, settings, coherence=coherence, seed=seed or 0, max_memory=limit)
    echo_warnings(still.warnings)
    with progress_bar(progress, output.name) as on_progress:
        if stages:
            title = f"{net.name}  {layers.removesuffix('=1')}"
            frame, sheet = dream_in_stages(still, stages, title, on_progress)
        else:
            frame = still.run(on_progress)
    save_image(frame, output, still.provenance)
    if stages:
        save_image(sheet, beside, still.provenance)
        echo_picture(beside, sheet, net, f"{layers} in stages")
    echo_picture(output, frame, net, layers)


def _still_settings(**given: Any) -> DreamSettings:
    """A still's settings with what the options say."""
    from zoomdream.settings import DreamSettings
    from zoomdream.stills.still import STILL_DEFAULTS

    return DreamSettings(**{**STILL_DEFAULTS, **{key: value for key, value in given.items() if value is not None}})


@app.command()
def saliency(
    image: Annotated[Path, typer.Argument(help="A photo.")],
    output: PictureOption,
    layer: Annotated[str, typer.Option(help="A layer, or a channel, a class and so on: fire8:17, class:espresso.")],
    network: NetworkOption = EMBEDDED,
    weights: WeightsOption = None,
    size: SizeOption = None,
    device: DeviceOption = Device.auto,
    overwrite: OverwriteOption = False,
) -> None:
    """Draw which pixels raise a layer's mean activation: the gradient with its signs, and by magnitude."""
    from zoomdream.images.files import check_picture_file, check_size, save_image
    from zoomdream.images.frame import size_of
    from zoomdream.networks import blueprint
    from zoomdream.objectives import mask_warning, parse, resolve, verify
    from zoomdream.provenance import provenance_line
    from zoomdream.stills.saliency import draw_saliency, drawn_size, is_blind, pixel_gradient
    from zoomdream.stills.sheets import cell_photo

    check_picture_file(output, overwrite=overwrite, inputs=[image, *parse(layer).files])
    photo = read_photo(image, size)
    if not size and max(size_of(photo)) > _LARGEST_SALIENCY:
        photo = cell_photo(photo, _LARGEST_SALIENCY)
    check_size(output, drawn_size(size_of(photo)))
    verify(blueprint(network, weights), layer)  # before weights are fetched
    net = load(network, weights, device, Precision.float32)
    term = resolve(net, layer, "mean")
    for warning in (*term.warnings, mask_warning(term, size_of(photo))):
        if warning:
            echo(f"warning: {warning}")
    gradient = pixel_gradient(net, layer, photo.to(net.device))
    if is_blind(net, layer, gradient):
        way_out = f"l2:{term.tap.layer} has one that is not"
        echo(f"warning: {layer} is linear, and its gradient the same for every picture; {way_out}")
    drawn = draw_saliency(photo, gradient, f"{net.name}  {layer}")
    save_image(drawn, output, provenance_line(net.name, f"gradient of {layer}", None))
    echo_picture(output, drawn, net, layer)


_TWO_FORMS = (
    "a sheet shows a layer's channels (--layer fire8 --channels 0:64) or a photo dreamed at every layer "
    "(--image photo.jpg, with --layers for a choice of them): give what belongs to one of the two"
)


@app.command()
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
    from zoomdream.images.files import check_picture_file
    from zoomdream.networks import blueprint
    from zoomdream.objectives import parse, verify
    from zoomdream.settings import VisualizeSettings
    from zoomdream.stills.sheets import objective_label, objective_picture, objective_sheet

    limit = memory_limit(max_memory)
    check_picture_file(
        output, overwrite=overwrite, inputs=[path for objective in objectives for path in parse(objective).files]
    )
    given = {key: value for key, value in (("size", side), ("steps", steps)) if value is not None}
    settings = VisualizeSettings(**given)
    plan = blueprint(network, weights)
    for objective in objectives:  # before weights are fetched
        verify(plan, objective)
    net = load(network, weights, device, precision)
    if len(objectives) == 1:
        if columns is not None:
            echo("warning: --columns: without effect, for one objective makes one picture and no sheet")
        drawing = objective_picture(net, objectives[0], settings, seed=seed or 0, max_memory=limit)
    else:
        drawing = objective_sheet(
            net,
            objectives,
            [objective_label(net, objective) for objective in objectives],
            cell=settings.size,
            steps=steps,
            columns=columns,
            seed=seed or 0,
            max_memory=limit,
        )
    _draw(drawing, output, progress, net, ", ".join(objectives))


@app.command()
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
    from zoomdream.images.files import check_picture_file
    from zoomdream.networks import blueprint
    from zoomdream.objectives import parse

    if (layer is None) == (image is None) or (image and channels) or (layer and layers):
        raise UsageError(_TWO_FORMS)
    limit = memory_limit(max_memory)
    shown = [path for objective in names(layers, "--layers") for path in parse(objective).files]
    check_picture_file(output, overwrite=overwrite, inputs=[*shown, *([image] if image else [])])
    plan = blueprint(network, weights)
    planned = (
        _photo_sheet(plan, image, names(layers, "--layers"), cell, steps)
        if image
        else _channel_sheet(plan, str(layer), channels, cell, steps)
    )
    net = load(network, weights, device, precision)
    drawing = planned(net, columns=columns, seed=seed or 0, max_memory=limit)
    _draw(drawing, output, progress, net, layer or "photo")


def _draw(drawing: PictureJob, output: Path, progress: ProgressKind, network: Network, what: str) -> None:
    """Make a picture and write it, with all that is to be told."""
    from zoomdream.cli.progress_bar import progress_bar
    from zoomdream.images.files import check_size, save_image

    check_size(output, drawing.size)
    echo_warnings(drawing.warnings)
    with progress_bar(progress, output.name) as on_progress:
        drawn = drawing.run(on_progress)
    save_image(drawn, output, drawing.provenance)
    echo_picture(output, drawn, network, what)


def _photo_sheet(
    plan: Network, image: Path, layers: tuple[str, ...], cell: int | None, steps: int | None
) -> Callable[..., PictureJob]:
    """`layer_sheet` without its network, with all that can be wrong found out."""
    from zoomdream.images.frame import size_of
    from zoomdream.objectives.layer_choice import choose_layers
    from zoomdream.settings import DreamSettings
    from zoomdream.stills.sheets import CELL, cell_photo, layer_sheet
    from zoomdream.stills.still import STILL_DEFAULTS

    photo = cell_photo(read_photo(image, None), cell or CELL)
    choice = choose_layers(plan, size_of(photo), layers)
    echo_warnings(choice.warnings)
    settings = DreamSettings(**{**STILL_DEFAULTS, **({"steps": steps} if steps else {})})
    return partial(layer_sheet, photo=photo, objectives=choice.stops, settings=settings)


def _channel_sheet(
    plan: Network, layer: str, channels: str | None, cell: int | None, steps: int | None
) -> Callable[..., PictureJob]:
    """`channel_sheet` without its network, with all that can be wrong found out."""
    from zoomdream.objectives import ChannelSpec, parse_channels, resolve
    from zoomdream.stills.sheets import CHANNEL_CELL, FIRST_CHANNELS, channel_sheet

    found = plan.layer(layer)
    wanted = parse_channels(channels) if channels is not None else tuple(range(min(found.channels, FIRST_CHANNELS)))
    resolve(plan, ChannelSpec(found.label, wanted))  # refuses a channel that the layer does not have
    return partial(channel_sheet, layer=found.label, channels=wanted, cell=cell or CHANNEL_CELL, steps=steps)
