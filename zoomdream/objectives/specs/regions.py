"""Masks that move or are drawn: a video, a folder of pictures, a shape whose numbers are tracks, or what moves.

A region is a plain value; `films.masks.moving_masks` makes a mask of it for each frame. Needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal, NamedTuple

MotionPart = Literal["subject", "background"]


class RegionNumber(NamedTuple):
    """A number of a region that may change over time, in fractions of the frame."""

    name: str
    low: float
    high: float


_FARTHEST = 10.0  # frames away from the frame
_PLACE = (RegionNumber("x", -_FARTHEST, _FARTHEST), RegionNumber("y", -_FARTHEST, _FARTHEST))

SHAPES: Mapping[str, tuple[RegionNumber, ...]] = {
    "circle": (*_PLACE, RegionNumber("radius", 0, _FARTHEST)),
    "ellipse": (*_PLACE, RegionNumber("radius across", 0, _FARTHEST), RegionNumber("radius down", 0, _FARTHEST)),
    "box": (*_PLACE, RegionNumber("width", 0, _FARTHEST), RegionNumber("height", 0, _FARTHEST)),
}
"""The numbers of each shape. All are around their center `x`, `y`; a circle's radius is in fractions of the width."""

FEATHER = RegionNumber("feather", 0, 1)
"""How wide the soft edge is, in fractions of the frame's width."""


@dataclass(frozen=True)
class Region:
    """Where an objective works in each frame: by exactly one of `file`, `shape` and `motion`."""

    file: Path | None = None
    """A picture, a video or a folder of pictures: white where the objective works."""
    fps: Fraction | None = None
    """The rate of a folder's pictures; None: the video's that the film is over, else the film's."""
    shape: str | None = None
    """One of `SHAPES`."""
    numbers: Hashable | None = field(default=None, hash=False)
    """The track of a shape's numbers (`schedule.tracks.AnyTrack`), a component for each."""
    motion: MotionPart | None = None
    """Of a film over a video: what moves against the camera, or all else."""
    invert: bool = False
    """Whether it works where the mask is black."""
    feather: Hashable | None = field(default=None, hash=False)
    """The track of the soft edge's width; None: the edge stays as it is."""

    @property
    def kind(self) -> str:
        """The key of a preset that says what it is: `file`, `circle`, `motion`."""
        return self.shape or ("motion" if self.motion else "file")

    @property
    def tracks(self) -> tuple[Hashable, ...]:
        """What its columns are compiled from."""
        return tuple(track for track in (self.numbers, self.feather) if track is not None)

    @property
    def columns(self) -> tuple[RegionNumber, ...]:
        """What its tracks' components are, in order."""
        of_shape = SHAPES[self.shape] if self.shape else ()
        return of_shape if self.feather is None else (*of_shape, FEATHER)

    @property
    def without_tracks(self) -> Region:
        """What it is, without its numbers over time."""
        return replace(self, numbers=None, feather=None)

    def located(self, locate: Callable[[Path], Path]) -> Region:
        """The same, with its file's path replaced by `locate(path)`."""
        return self if self.file is None else replace(self, file=locate(self.file))

    def __str__(self) -> str:
        name = self.shape or self.motion or (self.file.name if self.file else "")
        return f"{name} inverted" if self.invert else name


def no_motion(part: MotionPart) -> str:
    """What is wrong with a mask of what moves in a film that is over no video."""
    return (
        f"{part} is told by the motion of a video, and this film is over none: name a video as source, draw a shape, "
        f"or name a mask's file"
    )
