"""The commands that make a picture of a photo: dream, saliency.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    SizeOption,
    WeightsOption,
    load,
    memory_limit,
    read_photo,
    say,
    tell,
)
from zoomdream.networks import EMBEDDED

if TYPE_CHECKING:
    from zoomdream.ascent import Step
    from zoomdream.atlas import Stages
    from zoomdream.settings import DreamSettings

gallery = typer.Typer()

_LARGEST_SALIENCY = 1024  # longer side of a photo whose size is not given: beyond it a pixel is too small to matter


@gallery.command()
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
    from zoomdream.atlas import Stages
    from zoomdream.image import check_size, save_image, size_of
    from zoomdream.networks import blueprint
    from zoomdream.objectives import parse, verify
    from zoomdream.progress import PICTURE, reporting
    from zoomdream.still import check_picture, default_layer, parse_layers, prepare_still

    limit = memory_limit(max_memory)
    plan = blueprint(network, weights)
    layers = default_layer(plan) if layers is None else layers
    mix = parse_layers(layers)
    inputs = [image, *(path for key in mix for path in parse(key).files)]
    check_picture(output, overwrite, inputs)
    beside = output.with_name(f"{output.stem}.stages{output.suffix}")
    if stages:
        check_picture(beside, overwrite, inputs)
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
    kept = Stages(photo, settings, stages) if stages else None
    if kept:
        check_size(beside, kept.largest)
    for key in mix:  # before weights are fetched
        verify(plan, key)
    net = load(network, weights, device, precision)
    still = prepare_still(photo, net, mix, settings, coherence=coherence, seed=seed or 0, max_memory=limit)
    for notice in still.notices:
        say(f"note: {notice}")
    with reporting(progress, output.name, work=PICTURE) as report:
        dreamed = still.dream(_on_step(report, kept))
    save_image(dreamed, output, still.recipe)
    if kept:
        sheet = kept.draw(f"{net.name}  {layers.removesuffix('=1')}")
        save_image(sheet, beside, still.recipe)
        tell(beside, sheet, net, f"{layers} in {len(kept.cells)} stages")
    tell(output, dreamed, net, layers)


def _still_settings(**given: Any) -> DreamSettings:
    """A still's settings with what the options say."""
    from zoomdream.settings import DreamSettings
    from zoomdream.still import STILL

    return DreamSettings(**{**STILL, **{key: value for key, value in given.items() if value is not None}})


def _on_step(report: Callable[[Any], None], kept: Stages | None) -> Callable[[Step], None]:
    """Count a step, and keep it for the sheet of stages if there is one."""
    from zoomdream.atlas import step_counter

    count = step_counter(report)

    def done(step: Step) -> None:
        count(step)
        if kept:
            kept.take(step)

    return done


@gallery.command()
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
    from zoomdream.atlas import photo_at
    from zoomdream.image import check_size, save_image, size_of
    from zoomdream.networks import blueprint
    from zoomdream.objectives import mask_remark, parse, resolve, verify
    from zoomdream.recipes import recipe
    from zoomdream.saliency import draw_saliency, drawn_size, is_blind, pixel_gradient
    from zoomdream.still import check_picture

    check_picture(output, overwrite, [image, *parse(layer).files])
    photo = read_photo(image, size)
    if not size and max(size_of(photo)) > _LARGEST_SALIENCY:
        photo = photo_at(photo, _LARGEST_SALIENCY)
    check_size(output, drawn_size(size_of(photo)))
    verify(blueprint(network, weights), layer)  # before weights are fetched
    net = load(network, weights, device, Precision.float32)
    term = resolve(net, layer, "mean")
    for notice in (*term.remarks, mask_remark(term, size_of(photo))):
        if notice:
            say(f"note: {notice}")
    gradient = pixel_gradient(net, layer, photo.to(net.device))
    if is_blind(net, layer, gradient):
        way_out = f"l2:{term.tap.layer} has one that is not"
        say(f"note: {layer} is linear, and its gradient the same for every picture; {way_out}")
    drawn = draw_saliency(photo, gradient, f"{net.name}  {layer}")
    save_image(drawn, output, recipe(net.name, f"gradient of {layer}", None))
    tell(output, drawn, net, layer)
