"""The commands that make pictures: dream, saliency, visualize, sheet.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.cli.echo import echo_picture, echo_warnings
from zoomdream.cli.options.loading import blueprint_of, load_with_options, located, photo_file, read_photo
from zoomdream.cli.options.parsing import parse_layers, split_names
from zoomdream.cli.options.shared_options import (
    BackgroundOption,
    ComputeOptions,
    DeviceOption,
    FromSettings,
    LayersOption,
    NetworkOptions,
    PictureOption,
    RunOptions,
    SeedOption,
    SizeOption,
    WeightsOption,
    command,
)
from zoomdream.errors import UsageError

if TYPE_CHECKING:
    from zoomdream.images.frame import Frame, Size
    from zoomdream.networks import Network
    from zoomdream.objectives import Spec
    from zoomdream.progress import Job
    from zoomdream.settings import ColorSettings, DreamSettings, VisualizeSettings
    from zoomdream.settings.dreaming import STILL_DEFAULTS, STILL_SETTINGS
    from zoomdream.stills.job import PictureJob

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


def make_pictures(
    prepare: Callable[[Network], Job[Frame] | Job[tuple[Frame, ...]]],
    outputs: Mapping[Path, Size],
    objectives: Collection[str | Spec],
    network: NetworkOptions,
    compute: ComputeOptions,
    run: RunOptions,
    *,
    subject: str,
    inputs: Iterable[Path] = (),
) -> None:
    """Make pictures and write them, the same way for every command.

    Everything that may be wrong is checked before weights are fetched: the files, the sizes for their formats, and the
    objectives in their network. From then on no other run may write the files.

    Args:
        prepare: makes the job from the network with its weights.
        outputs: the files in the order of the job's frames, each with the (width, height) that its picture will have.
        objectives: those of the job, as specs or in their short form.
        network, compute, run: the options of these groups.
        subject: what the pictures show, for the last line.
        inputs: files that are read, other than the objectives' own.
    """
    from zoomdream.cli.progress.progress_bar import progress_bar
    from zoomdream.images.pictures.saving import check_picture_file, save_image
    from zoomdream.objectives import parse, verify
    from zoomdream.output_lock import output_lock

    specs = [parse(objective) if isinstance(objective, str) else objective for objective in objectives]
    files = [*inputs, *(path for spec in specs for path in spec.files)]

    def check_outputs() -> None:
        for output, size in outputs.items():
            check_picture_file(output, size, overwrite=run.overwrite, inputs=files)

    check_outputs()
    with ExitStack() as locks:
        for output in outputs:
            locks.enter_context(output_lock(output))
        check_outputs()  # another run may just have ended
        for spec in specs:
            verify(blueprint_of(network), spec)
        loaded = load_with_options(network, compute)
        job = prepare(loaded)
        echo_warnings(job.warnings)
        with progress_bar(run.progress, next(iter(outputs)).name) as on_progress:
            result = job.run(on_progress)
        frames = result if isinstance(result, tuple) else (result,)
        for output, frame in zip(outputs, frames, strict=True):
            save_image(frame, output, job.provenance, overwrite=run.overwrite)
            echo_picture(output, frame, loaded, subject)
