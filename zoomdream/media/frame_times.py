"""The times of decoded frames, as ffmpeg's showinfo filter says them on stderr, one line for each before its pixels."""

from __future__ import annotations

import queue
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from zoomdream import interruption
from zoomdream.errors import FFmpegError
from zoomdream.media.ffmpeg import FFmpeg, input_file, signal_name

SHOW_TIMES = "showinfo=checksum=0"
"""The filter that says them."""

# At the beginning of a line, where no metadata of the file stand
_LINE = r"^\[Parsed_showinfo_\d+ @ \w+\] (?:\[info\] )?"
_TIME_BASE = re.compile(_LINE + r"config in time_base: (\d+)/(\d+)")
_FRAME = re.compile(_LINE + r"n: *\d+ pts: *(-?\d+|NOPTS) ")


class ShownTimes:
    """Times of frames in seconds, from the lines of stderr; None for a frame without one."""

    def __init__(self) -> None:
        self._tick = Fraction(0)

    def parse(self, line: str) -> tuple[Fraction | None] | None:
        """The time that a line says, in a tuple of its own; None for a line that is not about a frame."""
        if base := _TIME_BASE.search(line):
            self._tick = Fraction(int(base[1]), int(base[2]) or 1)
            return None
        frame = _FRAME.search(line)
        if frame is None:
            return None
        return (None if frame[1] == "NOPTS" else int(frame[1]) * self._tick,)


class FrameTimes:
    """The times of the frames that come out of a running ffmpeg, in their order; taken by another thread."""

    def __init__(self) -> None:
        self._shown = ShownTimes()
        self._queue: queue.SimpleQueue[tuple[Fraction | None] | None] = queue.SimpleQueue()

    def put_line(self, line: str | None) -> None:
        """Take a line of ffmpeg's stderr; None: there are no more."""
        time = None if line is None else self._shown.parse(line)
        if line is None or time is not None:
            self._queue.put(time)

    def next(self) -> Fraction | None:
        """The next frame's time in seconds; None for a frame without one. Waits for its line, which comes first."""
        return next(iter(self), None)

    def __iter__(self) -> Iterator[Fraction | None]:
        """The times of all further frames."""
        while (time := self._queue.get()) is not None:
            yield time[0]
        self._queue.put(None)  # for whoever asks next


@contextmanager
def decoded_times(path: Path, stream: str, *, copy_times: bool) -> Iterator[Iterator[Fraction | None]]:
    """Decode a stream, and iterate over the times of its frames in seconds; None for a frame without one.

    With `copy_times` they are the file's own. Raises FFmpegError where ffmpeg cannot be started or a signal ends it.
    """
    times = FrameTimes()
    arguments = (*input_file(path, *(("-copyts",) if copy_times else ())), "-map", stream, "-an", "-sn", "-dn")
    show = ("-vf", SHOW_TIMES, "-fps_mode", "passthrough", "-f", "null", "-")
    with FFmpeg([*arguments, *show], on_info=times.put_line) as ffmpeg:
        yield _until_the_end(ffmpeg, times, path.name)


def _until_the_end(ffmpeg: FFmpeg, times: FrameTimes, name: str) -> Iterator[Fraction | None]:
    with interruption.waiting(f"ffmpeg to decode {name} (process {ffmpeg.process_id})"):
        yield from times
        ffmpeg.wait()
    if ffmpeg.end_signal is not None:
        raise FFmpegError(f"ffmpeg was ended by {signal_name(ffmpeg.end_signal)} while it read {name}")
