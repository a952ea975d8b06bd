"""Sheets: a photo dreamed at every layer, channels and classes from noise."""

from __future__ import annotations

from collections.abc import Sequence

from zoomdream.dreaming.ascent import octave_sizes
from zoomdream.dreaming.feature_visualization import prepare_visualization
from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out, scaled_to
from zoomdream.images.frame import Frame, size_of
from zoomdream.images.sampling.resample import resize
from zoomdream.networks import Network
from zoomdream.objectives import ClassSpec, LayerSpec, class_index, parse
from zoomdream.objectives.layer_choice import smallest_input_of, step_size_factor
from zoomdream.progress import OnProgress, part_of
from zoomdream.provenance import provenance_line
from zoomdream.settings import DreamSettings, VisualizeSettings
from zoomdream.settings.dreaming import STILL_DEFAULTS, STILL_SETTINGS
from zoomdream.stills.job import PictureJob
from zoomdream.stills.still import prepare_still

CELL = 256
"""Longer side of a dreamed photo on a sheet, in pixels."""

CHANNEL_CELL = 128
"""Side of a channel's picture on a sheet, in pixels."""

FIRST_CHANNELS = 64
"""How many channels a sheet shows where nobody chose them."""


def cell_photo(photo: Frame, cell: int = CELL) -> Frame:
    """The photo as a sheet shows it: its longer side `cell` pixels."""
    return resize(photo, scaled_to(size_of(photo), cell)).clamp(0, 1)


def layer_sheet(
    network: Network,
    photo: Frame,
    objectives: Sequence[str],
    settings: DreamSettings | None = None,
    *,
    columns: int | None = None,
    seed: int = 0,
    max_memory: int | None = None,
) -> PictureJob:
    """A photo dreamed at one layer after the other, and before them the photo itself.

    Args:
        network: from `load_network`.
        photo: a frame in the size of a cell, which is the size it is dreamed at: see `cell_photo`.
        objectives: layers, or other objectives in their short form; `choose_layers` finds those that the size allows.
        settings: octaves, steps and so on; a still's when left out. Shallow layers take shorter steps: see
            `step_size_factor`.
        columns: of the sheet; a good number for a screen when left out.
        seed: another seed, other dreams.
        max_memory: bytes that this process may come to hold; above it the photo is dreamed in tiles.

    Raises UsageError, UnknownNameError, OutOfMemoryError.
    """
    settings = settings or DreamSettings(**STILL_DEFAULTS)
    layout = lay_out(1 + len(objectives), size_of(photo), columns)
    stills = [
        prepare_still(
            photo, network, {each: 1.0}, _with_step_size(settings, network, each), seed=seed, max_memory=max_memory
        )
        for each in objectives
    ]
    steps = [
        settings.steps * len(octave_sizes(size_of(photo), settings, still.objective.smallest_input)) for still in stills
    ]

    def make(on_progress: OnProgress | None) -> Frame:
        cells = [Cell(photo, "photo")]
        for index, (objective, still) in enumerate(zip(objectives, stills, strict=True)):
            now = f"{objective}, {index + 1} of {len(objectives)}"
            frame = still.run(part_of(on_progress, sum(steps[:index]), sum(steps), now))
            cells.append(Cell(frame, objective_label(network, objective)))
        return draw_sheet(cells, layout, network.name, subtitle)

    only_layers = all(isinstance(parse(objective), LayerSpec) for objective in objectives)
    subtitle = "dreamed layer by layer, shallow to deep" if only_layers else "a dream of each"
    shown = settings.model_dump_json(include=set(STILL_SETTINGS))
    provenance = provenance_line(network.name, f"photo at {', '.join(objectives)}", seed, shown)
    warnings = dict.fromkeys(warning for still in stills for warning in still.warnings)
    return PictureJob(layout.size, provenance, tuple(warnings), make)


def _with_step_size(settings: DreamSettings, network: Network, objective: str) -> DreamSettings:
    """The settings with the step size that suits an objective: see `step_size_factor`."""
    return settings.model_copy(update={"step_size": settings.step_size * step_size_factor(network, objective)})


def objective_label(network: Network, objective: str) -> str:
    """What is written under an objective's picture: a class's name, a file's without its folder."""
    spec = parse(objective)
    if isinstance(spec, ClassSpec) and network.categories:
        return network.categories[class_index(network, spec.name)]
    return str(spec)


def channel_sheet(
    network: Network,
    layer: str,
    channels: Sequence[int],
    cell: int = CHANNEL_CELL,
    steps: int | None = None,
    *,
    columns: int | None = None,
    seed: int = 0,
    max_memory: int | None = None,
) -> PictureJob:
    """A layer's channels, each as the picture from noise that excites it most.

    Args:
        network: from `load_network`.
        layer: its name.
        channels: their indices.
        cell: side of a picture in pixels; smaller ones than the layer can see are made larger and then reduced.
        steps: of each picture; the default of `VisualizeSettings` when left out.
        columns: of the sheet; a good number for a screen when left out.
        seed: another seed, other pictures.
        max_memory: bytes that this process may come to hold: see `visualize`.

    Raises UsageError, UnknownNameError, SettingError, OutOfMemoryError.
    """
    known = network.layer(layer)
    return objective_sheet(
        network,
        [f"{known.label}:{channel}" for channel in channels],
        [str(channel) for channel in channels],
        title=f"{network.name}  {known.label}",
        subtitle=f"{len(channels)} of {known.channels} channels, from noise",
        cell=cell,
        steps=steps,
        columns=columns,
        seed=seed,
        max_memory=max_memory,
    )


def objective_sheet(
    network: Network,
    objectives: Sequence[str],
    labels: Sequence[str] | None = None,
    *,
    title: str = "",
    subtitle: str = "what each looks for, from noise",
    cell: int = CHANNEL_CELL,
    steps: int | None = None,
    columns: int | None = None,
    seed: int = 0,
    max_memory: int | None = None,
    quality: bool = False,
) -> PictureJob:
    """Several objectives in their short form, each as a picture from noise; for the rest see `channel_sheet`.

    Without `labels`, `objective_label` gives them. `quality` is that of `visualize`.
    """
    labels = labels or [objective_label(network, objective) for objective in objectives]
    layout = lay_out(len(objectives), (cell, cell), columns)
    needed = max(smallest_input_of(network, objective) for objective in objectives)
    settings = VisualizeSettings(size=max(cell, needed, 32), **({"steps": steps} if steps else {}))
    pictures = prepare_visualization(network, objectives, settings, seed=seed, max_memory=max_memory, quality=quality)

    def make(on_progress: OnProgress | None) -> Frame:
        frames = [resize(frame, (cell, cell)).clamp(0, 1) for frame in pictures.run(on_progress)]
        cells = [Cell(frame, label) for frame, label in zip(frames, labels, strict=True)]
        return draw_sheet(cells, layout, title or network.name, subtitle)

    return PictureJob(layout.size, pictures.provenance, pictures.warnings, make)


def objective_picture(
    network: Network,
    objective: str,
    settings: VisualizeSettings | None = None,
    *,
    seed: int = 0,
    max_memory: int | None = None,
    quality: bool = False,
) -> PictureJob:
    """One objective's picture from noise, without a label. The arguments and errors are `visualize`'s."""
    pictures = prepare_visualization(network, [objective], settings, seed=seed, max_memory=max_memory, quality=quality)
    return PictureJob(
        pictures.size,
        pictures.provenance,
        pictures.warnings,
        lambda on_progress: pictures.run(on_progress)[0].cpu(),
    )
