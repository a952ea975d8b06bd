"""A dream in stages: the picture, and a sheet of it after every few steps."""

from __future__ import annotations

from dataclasses import dataclass

from zoomdream.dreaming.ascent import Step
from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out, scaled_to
from zoomdream.images.frame import Frame, Size
from zoomdream.images.sampling.resample import resize
from zoomdream.progress import OnProgress
from zoomdream.settings import DreamSettings
from zoomdream.stills.sheets import CELL
from zoomdream.stills.still import Still


def stages_size(photo: Size, settings: DreamSettings, every: int) -> Size:
    """(width, height) of a sheet of stages if no octave is left out. Raises UsageError when it would be too large."""
    return lay_out(1 + settings.octaves * -(-settings.steps // every), scaled_to(photo, CELL)).size


@dataclass(frozen=True)
class StagesJob:
    """A `zoomdream.progress.Job` whose result is a dreamed picture and the sheet of its stages."""

    still: Still
    """The picture, from `prepare_still`."""
    every: int
    """Steps between two stages; an octave's last step is always one."""
    title: str
    """Written above the stages."""

    @property
    def size(self) -> Size:
        """(width, height) of the picture, in pixels."""
        return self.still.size

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know before the work begins."""
        return self.still.warnings

    @property
    def provenance(self) -> str:
        """What makes both pictures, in one line for their metadata."""
        return self.still.provenance

    def run(self, on_progress: OnProgress | None = None) -> tuple[Frame, Frame]:
        """Dream the picture and draw the sheet, on which small octaves are enlarged to the size of the others.

        Returns the picture, bit for bit the one that `still.run` makes, and the sheet, which is on the CPU.
        """
        size = scaled_to(self.still.size, CELL)
        cells = [_cell(self.still.frame, size, "photo")]

        def keep(step: Step) -> None:
            if step.step % self.every == 0 or step.step == step.steps:
                cells.append(_cell(step.frame, size, f"octave {step.octave}, step {step.step}"))

        frame = self.still.run(on_progress, on_step=keep)
        sheet = draw_sheet(cells, lay_out(len(cells), size), self.title, f"every {self.every} steps of the ascent")
        return frame, sheet


def _cell(frame: Frame, size: Size, label: str) -> Cell:
    return Cell(resize(frame, size).cpu(), label)  # reduced at once: each frame of a 4K dream takes 100 MB
