"""A contact sheet of a finished film: pictures from all along it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoomdream.errors import UsageError
from zoomdream.images.contact_sheet import Cell, Layout, draw_sheet, lay_out, scaled_to
from zoomdream.images.frame import Frame, from_uint8
from zoomdream.media import Clip, Pixels, probe, read_frames
from zoomdream.media.clip import display_size

COUNT = 20
"""Pictures of a sheet."""
MOST = 400
"""Pictures of a sheet, at most."""
CELL = 256
"""Longer side of a picture, in pixels."""

_NEAR = 30  # frames from one picture to the next, up to which all between are decoded: seeking takes as long


@dataclass(frozen=True)
class ContactSheet:
    """A film's contact sheet, laid out and not yet drawn."""

    clip: Clip
    frames: tuple[int, ...]
    """Which frames it shows, from 0, at the clip's own rate."""
    layout: Layout

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the sheet, in pixels."""
        return self.layout.size

    def draw(self) -> Frame:
        """Read the pictures and draw the sheet. Raises SourceError."""
        fps = float(self.clip.fps)
        cells = [
            Cell(from_uint8(picture), _label(index / fps, fps))
            for index, picture in zip(self.frames, self._pictures(), strict=False)
        ]
        layout = self.layout if len(cells) == self.layout.count else lay_out(len(cells), self.layout.cell)
        width, height = self.clip.size
        sound = "" if self.clip.audio is None else f"   sound: {self.clip.audio}"
        facts = f"{width}x{height}   {fps:.6g} per second   {_label(float(self.clip.duration), fps)}{sound}"
        return draw_sheet(cells, layout, self.clip.path.name, facts)

    def _pictures(self) -> Iterator[Pixels]:
        steps = np.diff(self.frames)
        if len(steps) and steps.mean() > _NEAR:
            for index in self.frames:
                with read_frames(self.clip, start=index, frames=1, size=self.layout.cell, allow_truncated=True) as one:
                    yield from one
            return
        wanted = set(self.frames)
        with read_frames(
            self.clip, frames=self.frames[-1] + 1, size=self.layout.cell, allow_truncated=True
        ) as pictures:
            yield from (picture for index, picture in enumerate(pictures) if index in wanted)


def contact_sheet(
    film: Path, *, count: int | None = None, columns: int | None = None, cell: int = CELL
) -> ContactSheet:
    """Lay out a contact sheet of a film's file, or of a folder of numbered pictures.

    Args:
        film: any film that ffmpeg decodes.
        count: how many pictures, evenly spaced, the first and the last frame among them; None: `COUNT`, or fewer.
        columns: pictures in a row; None: as suits a screen.
        cell: longer side of a picture, in pixels.

    Raises SourceError, UsageError for a sheet that would be too large.
    """
    clip = probe(film)
    total = len(clip.source_indices())
    wanted = min(total, COUNT) if count is None else count
    if not 1 <= wanted <= MOST:
        raise UsageError(f"{wanted} pictures: a contact sheet has from 1 to {MOST}")
    if wanted > total:
        raise UsageError(f"{film} has {total} frames: a sheet of {wanted} pictures would show some of them twice")
    return ContactSheet(clip, _spread(total, wanted), lay_out(wanted, scaled_to(display_size(clip), cell), columns))


def _spread(total: int, count: int) -> tuple[int, ...]:
    places: Sequence[float] = [(total - 1) / 2] if count == 1 else np.linspace(0, total - 1, count).tolist()
    return tuple(round(place) for place in places)


def _label(seconds: float, fps: float) -> str:
    """`0:03.25`; with as many digits as tell frames apart."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    digits = 2 if fps > 10 else 1
    text = f"{rest:0{3 + digits}.{digits}f}"
    return f"{hours}:{minutes:02}:{text}" if hours else f"{minutes}:{text}"
