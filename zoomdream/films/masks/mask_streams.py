"""Pictures of masks over a film's frames: streamed from a video or a folder, read at any frame, one held at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

from zoomdream.errors import SettingError, SourceError
from zoomdream.films.footage import Footage
from zoomdream.images.frame import Size, from_uint8
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.images.shapes import Gray
from zoomdream.media import Clip, Pixels, read_frames
from zoomdream.media.display_size import open_clip, scaled_size
from zoomdream.settings import Fit

Begin = Callable[[int], Generator[Gray, None, None]]
"""Pictures from a film's frame on, one for each."""


class MaskStream:
    """A gray picture for each of a film's frames. Not for several threads at once.

    Asked for one frame after the other, it reads on; asked for any other, it seeks: the pictures are the same.
    """

    def __init__(self, begin: Begin, last: int) -> None:
        """`last` is the last frame that there is a picture for: it stays after that."""
        self._begin = begin
        self._last = last
        self._reading: Generator[Gray, None, None] | None = None
        self._index = -1
        self._picture: Gray | None = None

    def at(self, index: int) -> Gray:
        """The picture of a frame. Raises SourceError."""
        index = min(index, self._last)
        if self._picture is None or index != self._index:
            if self._reading is None or index != self._index + 1:
                self.close()
                self._reading = self._begin(index)
            self._picture, self._index = next(self._reading, None), index
        if self._picture is None:
            raise SourceError(f"a mask ended before the film's frame {index}: was its file changed?")
        return self._picture

    def close(self) -> None:
        """End what reads ahead. It begins anew where another frame is asked for."""
        if self._reading is not None:
            self._reading.close()
        self._reading, self._picture = None, None


@dataclass(frozen=True)
class MaskFile:
    """A video or a folder of pictures whose frames are a film's masks."""

    clip: Clip
    fps: Fraction
    """The film's rate."""
    fit: Fit
    """How it meets a frame of another shape, as the film's source does."""
    first: int
    """The frame of the mask, counted at the film's rate, that the film begins with."""
    pictures: Sequence[int]
    """The clip's frame at each frame of the mask, counted at the film's rate."""

    @classmethod
    def opened(
        cls, path: Path, fps: Fraction, fit: Fit, over: Footage | None, own_fps: Fraction | None = None
    ) -> MaskFile:
        """Probe a mask for a film of this rate, `over` a video, whose time it follows.

        A folder's pictures come at `own_fps`, else one for each frame of the video, else one for each of the film's.
        Raises SourceError, and SettingError for a rate that only a folder has.
        """
        clip = open_clip(path)
        if own_fps is not None and not clip.pictures:
            raise SettingError(f"{path.name} is a video and has its own rate: fps is for a folder of pictures")
        first = over.first if over else 0
        return cls(clip, fps, fit, first, _pictures(clip, fps, over, own_fps))

    @property
    def frames(self) -> int:
        """How many frames of the film it has a picture for."""
        return len(self.pictures) - self.first

    @property
    def seconds(self) -> float:
        """How long it lasts, from its own beginning."""
        return float(len(self.pictures) / self.fps)

    def stream(self, size: Size) -> MaskStream:
        """Its pictures, in a film's size (width, height)."""
        return MaskStream(partial(self._pictures, size), self.frames - 1)

    def _pictures(self, size: Size, index: int) -> Generator[Gray, None, None]:
        scaled, start = scaled_size(self.clip, size, self.fit), self.first + index
        if self.clip.pictures:
            yield from (self._gray(pixels, size) for pixels in self.clip.pictures.frames(self.pictures[start:], scaled))
            return
        with read_frames(self.clip, start=start, size=scaled, fps=self.fps) as frames:
            yield from (self._gray(pixels, size) for pixels in frames)

    def _gray(self, pixels: Pixels, size: Size) -> Gray:
        gray: Gray = fit_frame(from_uint8(pixels), size, self.fit).mean(1)[0].numpy()
        return gray


def _pictures(clip: Clip, fps: Fraction, over: Footage | None, own_fps: Fraction | None) -> Sequence[int]:
    """For each frame of the mask at the film's rate, the clip's frame that it shows."""
    if not clip.pictures:
        return clip.source_indices(fps)
    if own_fps is not None:
        count = max(1, round(clip.frames / own_fps * fps))
        # A picture begins at the frame nearest to its time, as a video's frames do.
        return [min(clip.frames - 1, math.ceil((frame + Fraction(1, 2)) * own_fps / fps) - 1) for frame in range(count)]
    if over is not None and not over.clip.pictures:
        return [index for index in over.clip.source_indices(fps) if index < clip.frames]
    return range(clip.frames)
