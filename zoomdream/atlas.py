"""What goes on a sheet: a photo dreamed at every layer, a dream at its stages, channels and classes from noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zoomdream.ascent import Step, octave_sizes
from zoomdream.image import Frame, resize, size_of
from zoomdream.networks import Network
from zoomdream.progress import Steps
from zoomdream.settings import DreamSettings, VisualizeSettings
from zoomdream.sheet import Cell, draw_sheet, lay_out, within
from zoomdream.still import STILL, dream_still
from zoomdream.tour import needed_input
from zoomdream.visualization import visualize

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


def layer_sheet(
    network: Network,
    photo: Frame,
    stops: Sequence[str],
    settings: DreamSettings | None = None,
    *,
    columns: int | None = None,
    seed: int = 0,
    max_memory: int | None = None,
    on_step: OnSteps | None = None,
) -> Frame:
    """A photo dreamed at one layer after the other, and before them the photo itself.

    Args:
        network: from `load_network`.
        photo: a frame in the size of a cell, which is the size it is dreamed at: see `photo_at`.
        stops: layers, or other objectives in their short form; `tour.plan_tour` finds those that the size allows.
        settings: octaves, steps and so on; a still's when left out.
        columns: of the sheet; a good number for a screen when left out.
        seed: another seed, other dreams.
        max_memory: bytes that this process may come to hold; above it the photo is dreamed in tiles.
        on_step: told the steps that are done of all.

    Returns the sheet as a frame, on the CPU. Raises UsageError, UnknownNameError, OutOfMemoryError.
    """
    settings = settings or DreamSettings(**STILL)
    layout = lay_out(1 + len(stops), size_of(photo), columns)
    todo = [settings.steps * len(octave_sizes(size_of(photo), settings, needed_input(network, stop))) for stop in stops]
    cells = [Cell(photo, "photo")]
    for index, stop in enumerate(stops):
        tell = _told(on_step, sum(todo[:index]), sum(todo), f"{stop}, {index + 1} of {len(stops)}")
        dreamed = dream_still(photo, network, {stop: 1.0}, settings, seed=seed, max_memory=max_memory, on_step=tell)
        cells.append(Cell(dreamed, stop))
    return draw_sheet(cells, layout, network.name, "dreamed layer by layer, shallow to deep")


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

    Small octaves are enlarged to the size of the finished picture. Raises UsageError at once when the sheet would be
    too large.
    """

    def __init__(self, photo: Frame, settings: DreamSettings, every: int, cell: int = CELL) -> None:
        self._every = every
        self._size = within(size_of(photo), cell)
        self.cells = [self._cell(photo, "photo")]
        lay_out(1 + settings.octaves * -(-settings.steps // every), self._size)

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
    on_step: OnSteps | None = None,
) -> Frame:
    """A layer's channels, each as the picture from noise that it answers to most.

    Args:
        network: from `load_network`.
        layer: its name.
        channels: their indices.
        cell: side of a picture in pixels; smaller ones than the layer can see are made larger and then reduced.
        steps: of each picture; the default of `VisualizeSettings` when left out.
        columns: of the sheet; a good number for a screen when left out.
        seed: another seed, other pictures.
        max_memory: bytes that this process may come to hold, which may mean fewer pictures at once.
        on_step: told the steps that are done of all.

    Returns the sheet as a frame, on the CPU. Raises UsageError, UnknownNameError, SettingError,
    OutOfMemoryError.
    """
    found = network.layer(layer)
    return objective_sheet(
        network,
        [f"{found.label}:{channel}" for channel in channels],
        f"{network.name}  {found.label}",
        [str(channel) for channel in channels],
        note=f"{len(channels)} of {found.channels} channels, from noise",
        cell=cell,
        steps=steps,
        columns=columns,
        seed=seed,
        max_memory=max_memory,
        on_step=on_step,
    )


def objective_sheet(
    network: Network,
    objectives: Sequence[str],
    title: str,
    labels: Sequence[str],
    *,
    note: str = "what each looks for, from noise",
    cell: int = CHANNEL_CELL,
    steps: int | None = None,
    columns: int | None = None,
    seed: int = 0,
    max_memory: int | None = None,
    on_step: OnSteps | None = None,
) -> Frame:
    """Several objectives in their short form, each as a labelled picture from noise. See `channel_sheet`."""
    layout = lay_out(len(objectives), (cell, cell), columns)
    needed = max(needed_input(network, objective) for objective in objectives)
    given = {"size": max(cell, needed, 32), **({"steps": steps} if steps else {})}

    def tell(done: int, total: int) -> None:
        if on_step:
            on_step(Steps(done, total, f"{len(objectives)} pictures"))

    made = visualize(network, objectives, VisualizeSettings(**given), seed=seed, max_memory=max_memory, on_step=tell)
    cells = [
        Cell(resize(frame, (cell, cell)).clamp(0, 1).cpu(), label) for frame, label in zip(made, labels, strict=True)
    ]
    return draw_sheet(cells, layout, title, note)
