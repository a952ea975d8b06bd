"""A dream at its stages, on one sheet."""

from __future__ import annotations

from zoomdream.dreaming.ascent import Step
from zoomdream.images.contact_sheet import Cell, draw_sheet, lay_out, scaled_to
from zoomdream.images.frame import Frame, Size
from zoomdream.images.resample import resize
from zoomdream.progress import OnProgress
from zoomdream.settings import DreamSettings
from zoomdream.stills.sheets import CELL
from zoomdream.stills.still import Still


def stages_size(photo: Size, settings: DreamSettings, every: int) -> Size:
    """(width, height) of a sheet of stages if no octave is left out. Raises UsageError when it would be too large."""
    return lay_out(1 + settings.octaves * -(-settings.steps // every), scaled_to(photo, CELL)).size


def dream_in_stages(still: Still, every: int, title: str, on_progress: OnProgress | None = None) -> tuple[Frame, Frame]:
    """Dream a picture, and draw it as it was every few steps.

    Args:
        still: from `prepare_still`.
        every: steps between two stages; an octave's last step is always one.
        title: written above the stages.
        on_progress: called after each step.

    Returns the picture, bit for bit the one that `still.run` makes, and the sheet of its stages, small octaves enlarged
    to the size of the others; on the CPU.
    """
    size = scaled_to(still.size, CELL)
    cells = [_cell(still.frame, size, "photo")]

    def keep(step: Step) -> None:
        if step.step % every == 0 or step.step == step.steps:
            cells.append(_cell(step.frame, size, f"octave {step.octave}, step {step.step}"))

    frame = still.run(on_progress, on_step=keep)
    sheet = draw_sheet(cells, lay_out(len(cells), size), title, f"every {every} steps of the ascent")
    return frame, sheet


def _cell(frame: Frame, size: Size, label: str) -> Cell:
    return Cell(resize(frame, size).cpu(), label)  # small at once: a dream of 4K has frames of 100 MB
