"""In which order a film's frames are seen: forward, backward, or there and back; needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from zoomdream.errors import OutputError
from zoomdream.images.pictures.png import decode_png, encode_png
from zoomdream.settings import OutputSettings
from zoomdream.temporary_files import Temporary, create_file

if TYPE_CHECKING:
    from zoomdream.images.frame import Levels


def playing_order(output: OutputSettings, span: range) -> Sequence[range]:
    """The frames of a span in the order in which they are seen, as ranges, some of which may count down.

    There and back shows the frames at both ends once: so a film that is played again and again never halts.
    """
    there = span[::-1] if output.reverse else span
    return (there, there[-2:0:-1]) if output.pingpong else (there,)


def played_frames(output: OutputSettings, span: range) -> int:
    """How many frames the file has that shows a span."""
    return sum(map(len, playing_order(output, span)))


def plays_forward(output: OutputSettings) -> bool:
    """Whether frames are seen in the order in which they are dreamed, so that none has to be kept until later."""
    return not (output.reverse or output.pingpong)


Read = Callable[[int], "Sequence[Levels]"]
"""Gives the frame of an index, or none where it is missing."""


class FrameSpool:
    """Context manager: frames on a disk, in a nameless place of `folder`, until they are seen. Raises OSError.

    For a film that keeps no journal. It takes no memory that grows with the frames but for their places.
    """

    def __init__(self, folder: Path, first: int) -> None:
        """`first` is the index of the first frame that is written."""
        self._folder, self._first = folder, first
        self._places: list[tuple[int, int]] = []

    def write(self, frame: Levels) -> None:
        """Append the next frame, HxWx3 RGB. Raises OSError."""
        data = encode_png(frame)
        self._file.seek(0, 2)
        self._places.append((self._file.tell(), len(data)))
        self._file.write(data)

    def read(self, index: int) -> Sequence[Levels]:
        """The frame of an index; none where it was never written. Raises OSError, OutputError for a damaged one."""
        place = index - self._first
        if not 0 <= place < len(self._places):
            return ()
        start, size = self._places[place]
        self._file.seek(start)
        pixels = decode_png(self._file.read(size))
        if pixels is None:
            raise OutputError(f"{self._temporary.path}: frame {index} cannot be read back: its disk may be failing")
        return (pixels,)

    def __enter__(self) -> FrameSpool:
        self._temporary: Temporary = create_file(self._folder)
        self._file = self._temporary.path.open("r+b")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # a full disk: what was to be flushed is of no use any more
            self._file.close()
        self._temporary.path.unlink(missing_ok=True)
        self._temporary.release()
