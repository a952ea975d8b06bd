"""A job that makes one picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zoomdream.images.frame import Frame, Size
from zoomdream.progress import OnProgress


@dataclass(frozen=True)
class PictureJob:
    """A `zoomdream.progress.Job` whose result is a frame on the CPU."""

    size: Size
    """(width, height) of the picture, in pixels."""
    provenance: str
    """What makes it, in one line for its metadata."""
    warnings: tuple[str, ...]
    """What a user should know before the work begins."""
    make: Callable[[OnProgress | None], Frame]
    """Makes the picture."""

    def run(self, on_progress: OnProgress | None = None) -> Frame:
        """Make the picture."""
        return self.make(on_progress)
