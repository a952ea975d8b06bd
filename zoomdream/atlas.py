"""What goes on a sheet: a photo dreamed at every layer, a dream at its stages, channels and classes from noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zoomdream.ascent import Step, octave_sizes
from zoomdream.image import Frame, Size, resize, size_of
from zoomdream.networks import Network
from zoomdream.objectives import ClassSpec, LayerSpec, class_index, parse
from zoomdream.progress import Steps
from zoomdream.recipes import recipe
from zoomdream.settings import DreamSettings, VisualizeSettings
from zoomdream.sheet import Cell, draw_sheet, lay_out, within
from zoomdream.still import STILL, prepare_still
from zoomdream.tour import needed_input, pace
from zoomdream.visualization import Visualization, prepare_visualization

CELL = 256
"""Longer side of a dreamed photo on a sheet, in pixels."""
CHANNEL_CELL = 128
"""Side of a channel's picture on a sheet, in pixels."""
FIRST_CHANNELS = 64
"""How many channels a sheet shows when nothing is said."""

OnStep = Callable[[Step], None]
OnSteps = Callable[[Steps], None]


def photo_at(photo: Frame, cell: int = CELL) -> Frame:
    """The photo as a sheet shows it: its longer side `cell` pixels."""
    return resize(photo, within(size_of(photo), cell)).clamp(0, 1)


@dataclass(frozen=True)
class Drawing:
    """A picture to be made: everything resolved and checked, and nothing made yet.

    `size` is (width, height) in pixels; `recipe` and `notices` are for its metadata and for people.
    """

    size: Size
    recipe: str
    notices: tuple[str, ...]
    make: Callable[[OnSteps | None], Frame]

    def draw(self, on_step: OnSteps | None = None) -> Frame:
        """The picture, a frame on the CPU; `on_step` is told the steps that are done of all."""
        return self.make(on_step)


def layer_sheet(
    network: Network,
    photo: Frame,
    stops: Sequence[str],
    settings: DreamSettings | None = None,
    *,
    columns: int | None = None,
    seed: int = 0,
    max_memory: int | None = None,
) -> Drawing:
    """A photo dreamed at one layer after the other, and before them the photo itself.

    Args:
        network: from `load_network`.
        photo: a frame in the size of a cell, which is the size it is dreamed at: see `photo_at`.
        stops: layers, or other objectives in their short form; `tour.plan_tour` finds those that the size allows.
        settings: octaves, steps and so on; a still's when left out. Shallow layers take shorter steps: see `tour.pace`.
        columns: of the sheet; a good number for a screen when left out.
        seed: another seed, other dreams.
        max_memory: bytes that this process may come to hold; above it the photo is dreamed in tiles.

    Raises UsageError, UnknownNameError, OutOfMemoryError.
    """
    settings = settings or DreamSettings(**STILL)
    layout = lay_out(1 + len(stops), size_of(photo), columns)
    stills = [
        prepare_still(photo, network, {stop: 1.0}, paced(settings, network, stop), seed=seed, max_memory=max_memory)
        for stop in stops
    ]
    todo = [
        settings.steps * len(octave_sizes(size_of(photo), settings, still.objective.smallest_input)) for still in stills
    ]

    def make(on_step: OnSteps | None) -> Frame:
        cells = [Cell(photo, "photo")]
        for index, (stop, still) in enumerate(zip(stops, stills, strict=True)):
            tell = _told(on_step, sum(todo[:index]), sum(todo), f"{stop}, {index + 1} of {len(stops)}")
            cells.append(Cell(still.dream(tell), label_of(network, stop)))
        return draw_sheet(cells, layout, network.name, note)

    only_layers = all(isinstance(parse(stop), LayerSpec) for stop in stops)
    note = "dreamed layer by layer, shallow to deep" if only_layers else "a dream of each"
    made_by = recipe(network.name, f"photo at {', '.join(stops)}", seed, settings.model_dump_json())
    notices = dict.fromkeys(notice for still in stills for notice in still.notices)
    return Drawing(layout.size, made_by, tuple(notices), make)


def paced(settings: DreamSettings, network: Network, stop: str) -> DreamSettings:
    """The settings with the step size that suits an objective."""
    return settings.model_copy(update={"step_size": settings.step_size * pace(network, stop)})


def label_of(network: Network, objective: str) -> str:
    """What is written under an objective's picture: a class's name, a file's without its folder."""
    spec = parse(objective)
    if isinstance(spec, ClassSpec) and network.categories:
        return network.categories[class_index(network, spec.name)]
    return str(spec)


def _told(on_step: OnSteps | None, before: int, total: int, now: str) -> OnStep | None:
    """One of several dreams, told as a part of all."""
    return on_step and (lambda step: on_step(Steps(before + _done(step), total, now)))


def step_counter(on_step: OnSteps) -> OnStep:
    """Tells a single dream's steps."""
    return lambda step: on_step(
        Steps(_done(step), step.octaves * step.steps, f"octave {step.octave} of {step.octaves}")
    )


def _done(step: Step) -> int:
    return (step.octave - 1) * step.steps + step.step


class Stages:
    """Takes a dream's steps and keeps the picture every few of them, to draw all on one sheet.

        stages = Stages(photo, settings, every=10)
        dream_still(photo, network, {"fire8": 1}, settings, on_step=stages.take)
        sheet = stages.draw("squeezenet1_1  fire8")

    Small octaves are enlarged to the size of the finished picture. `largest` is the sheet's (width, height) if
    no octave is left out. Raises UsageError at once when it would be too large.
    """

    def __init__(self, photo: Frame, settings: DreamSettings, every: int, cell: int = CELL) -> None:
        self._every = every
        self._size = within(size_of(photo), cell)
        self.cells = [self._cell(photo, "photo")]
        self.largest = lay_out(1 + settings.octaves * -(-settings.steps // every), self._size).size

    def take(self, step: Step) -> None:
        """Keep the picture if it is its turn: every so many steps, and an octave's last."""
        if step.step % self._every == 0 or step.step == step.steps:
            self.cells.append(self._cell(step.frame, f"octave {step.octave}, step {step.step}"))

    def draw(self, title: str) -> Frame:
        """The sheet as a frame, on the CPU."""
        layout = lay_out(len(self.cells), self._size)
        return draw_sheet(self.cells, layout, title, f"every {self._every} steps of the ascent")

    def _cell(self, frame: Frame, label: str) -> Cell:
        return Cell(resize(frame, self._size).cpu(), label)  # small at once: a dream of 4K has frames of 100 MB


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
) -> Drawing:
    """A layer's channels, each as the picture from noise that it answers to most.

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
    found = network.layer(layer)
    return objective_sheet(
        network,
        [f"{found.label}:{channel}" for channel in channels],
        [str(channel) for channel in channels],
        title=f"{network.name}  {found.label}",
        note=f"{len(channels)} of {found.channels} channels, from noise",
        cell=cell,
        steps=steps,
        columns=columns,
        seed=seed,
        max_memory=max_memory,
    )


def objective_sheet(
    network: Network,
    objectives: Sequence[str],
    labels: Sequence[str],
    *,
    title: str = "",
    note: str = "what each looks for, from noise",
    cell: int = CHANNEL_CELL,
    steps: int | None = None,
    columns: int | None = None,
    seed: int = 0,
    max_memory: int | None = None,
) -> Drawing:
    """Several objectives in their short form, each as a labelled picture from noise. See `channel_sheet`."""
    layout = lay_out(len(objectives), (cell, cell), columns)
    needed = max(needed_input(network, objective) for objective in objectives)
    settings = VisualizeSettings(size=max(cell, needed, 32), **({"steps": steps} if steps else {}))
    pictures = prepare_visualization(network, objectives, settings, seed=seed, max_memory=max_memory)

    def make(on_step: OnSteps | None) -> Frame:
        made = [resize(frame, (cell, cell)).clamp(0, 1) for frame in pictures.frames(_counted(on_step, pictures))]
        cells = [Cell(frame, label) for frame, label in zip(made, labels, strict=True)]
        return draw_sheet(cells, layout, title or network.name, note)

    return Drawing(layout.size, pictures.recipe, pictures.notices, make)


def objective_picture(
    network: Network,
    objective: str,
    settings: VisualizeSettings | None = None,
    *,
    seed: int = 0,
    max_memory: int | None = None,
) -> Drawing:
    """One objective's picture from noise, without a label. The arguments and errors are `visualize`'s."""
    pictures = prepare_visualization(network, [objective], settings, seed=seed, max_memory=max_memory)
    side = pictures.settings.size

    def make(on_step: OnSteps | None) -> Frame:
        return pictures.frames(_counted(on_step, pictures))[0].cpu()

    return Drawing((side, side), pictures.recipe, pictures.notices, make)


def _counted(on_step: OnSteps | None, pictures: Visualization) -> Callable[[int, int], None] | None:
    named = [str(term.spec) for term in pictures.terms]
    now = named[0] if len(named) == 1 else f"{len(named)} pictures"
    return on_step and (lambda done, total: on_step(Steps(done, total, now)))
