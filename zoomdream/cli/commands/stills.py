"""The commands that make one picture: dream, saliency, visualize.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.cli.echo import echo_warnings
from zoomdream.cli.options.loading import blueprint_of, located, photo_file, read_photo
from zoomdream.cli.options.parsing import parse_layers
from zoomdream.cli.options.shared_options import (
    BackgroundOption,
    ComputeOptions,
    DeviceOption,
    FromSettings,
    NetworkOptions,
    PictureOption,
    RunOptions,
    SeedOption,
    SizeOption,
    command,
)
from zoomdream.cli.requests.pictures_request import make_pictures
from zoomdream.errors import UsageError

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame
    from zoomdream.networks import Network
    from zoomdream.progress import Job
    from zoomdream.settings import ColorSettings, DreamSettings, VisualizeSettings
    from zoomdream.settings.dreaming import STILL_DEFAULTS, STILL_SETTINGS

app = typer.Typer()


@command(app)
def dream(
    image: Annotated[Path, typer.Argument(help="A photo.")],
    output: PictureOption,
    *,
    network: NetworkOptions,
    layers: Annotated[
        str | None,
        typer.Option(
            help="Layers, or channels, classes and so on, with weights: fire8=1,fire5:17=0.3.",
            show_default="one that sees animals",
        ),
    ] = None,
    settings: Annotated[DreamSettings, FromSettings(STILL_SETTINGS, STILL_DEFAULTS)],
    color: Annotated[ColorSettings, FromSettings(("coherence",))],
    quality: Annotated[bool, typer.Option("--quality", help="For prints: more octaves, steps that fall.")] = False,
    stages: Annotated[
        int | None, typer.Option(min=1, help="Also draw OUTPUT.stages: the picture every so many steps.")
    ] = None,
    size: SizeOption = None,
    background: BackgroundOption = None,
    seed: SeedOption = 0,
    compute: ComputeOptions,
    run: RunOptions,
) -> None:
    """Dream one picture."""
    from zoomdream.images.frame import size_of
    from zoomdream.objectives.layer_choice import default_layer
    from zoomdream.stills.stages import StagesJob, stages_size
    from zoomdream.stills.still import prepare_still

    if quality and stages:
        raise UsageError("--stages shows the steps of a dream without --quality: leave out one of the two")
    text = default_layer(blueprint_of(network)) if layers is None else layers
    mix = {located(objective): weight for objective, weight in parse_layers(text).items()}
    image, memory = photo_file(image), compute.max_memory
    photo = read_photo(image, size, background=background, max_memory=memory)
    outputs = {output: size_of(photo)}
    if stages:
        outputs[output.with_name(f"{output.stem}.stages{output.suffix}")] = stages_size(
            size_of(photo), settings, stages
        )

    def prepare(net: Network) -> Job[Frame] | Job[tuple[Frame, ...]]:
        still = prepare_still(
            photo, net, mix, settings, coherence=color.coherence, seed=seed, max_memory=memory, quality=quality
        )
        return StagesJob(still, stages, f"{net.name}  {text.removesuffix('=1')}") if stages else still

    make_pictures(prepare, outputs, mix, network, compute, run, subject=text, inputs=[image])


@command(app)
def saliency(
    image: Annotated[Path, typer.Argument(help="A photo.")],
    output: PictureOption,
    *,
    layer: Annotated[str, typer.Option(help="A layer, or a channel, a class and so on: fire8:17, class:espresso.")],
    network: NetworkOptions,
    samples: Annotated[
        int, typer.Option(min=1, max=10_000, help="Of so many pictures with noise and shifts the mean is drawn, too.")
    ] = 1,
    size: SizeOption = None,
    background: BackgroundOption = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
    run: RunOptions,
) -> None:
    """Draw which pixels raise a layer's mean activation: the gradient with its signs, and by magnitude."""
    from zoomdream.images.contact_sheet import scaled_to
    from zoomdream.images.frame import size_of
    from zoomdream.stills.saliency import LARGEST_SIDE, drawn_size, saliency_picture

    image, objective = photo_file(image), located(layer)
    photo = read_photo(
        image,
        size,
        background=background,
        scaled=lambda own: scaled_to(own, LARGEST_SIDE) if max(own) > LARGEST_SIDE else own,
    )
    prepare = partial(saliency_picture, photo=photo, objective=objective, samples=samples, seed=seed)
    compute = ComputeOptions(device, precision="float32")  # bfloat16's rounding is visible in so fine a picture
    outputs = {output: drawn_size(size_of(photo), samples)}
    make_pictures(prepare, outputs, [objective], network, compute, run, subject=layer, inputs=[image])


@command(app)
def visualize(
    objectives: Annotated[list[str], typer.Argument(help="Such as class:espresso, fire8:17 or fire8:17@center.")],
    output: PictureOption,
    *,
    network: NetworkOptions,
    settings: Annotated[VisualizeSettings, FromSettings(("size", "steps"))],
    quality: Annotated[bool, typer.Option("--quality", help="The whole thing, coarse to fine.")] = False,
    columns: Annotated[int | None, typer.Option(min=1, help="Columns of the sheet of several pictures.")] = None,
    seed: SeedOption = 0,
    compute: ComputeOptions,
    run: RunOptions,
) -> None:
    """Make a picture from noise that shows what a channel, a neuron or a class looks for; of several, a sheet."""
    from zoomdream.images.contact_sheet import lay_out
    from zoomdream.stills.sheets import objective_picture, objective_sheet

    cell, memory = (settings.size, settings.size), compute.max_memory
    if len(objectives) == 1:
        if columns is not None:
            echo_warnings(["--columns: no effect, since one objective makes one picture and no sheet"])
        size = cell
        prepare = partial(objective_picture, objective=objectives[0], settings=settings)
    else:
        size = lay_out(len(objectives), cell, columns).size
        prepare = partial(
            objective_sheet, objectives=objectives, cell=settings.size, steps=settings.steps, columns=columns
        )
    prepare = partial(prepare, seed=seed, max_memory=memory, quality=quality)
    make_pictures(prepare, {output: size}, objectives, network, compute, run, subject=", ".join(objectives))
