"""A dream at its stages, on one sheet."""

from __future__ import annotations

from zoomdream.dreaming.ascent import Step
from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out, scaled_to
from zoomdream.images.frame import Frame, size_of
from zoomdream.images.resample import resize
from zoomdream.settings import DreamSettings
from zoomdream.stills.sheets import (
    CELL,
)


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
        self._size = scaled_to(size_of(photo), cell)
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
