"""The times of decoded frames, as ffmpeg's showinfo filter says them on stderr, one line for each before its pixels."""

from __future__ import annotations

import queue
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from zoomdream import interruption
from zoomdream.errors import FFmpegError
from zoomdream.media.ffmpeg import FFmpeg, input_file, signal_name

SHOW_TIMES = "showinfo=checksum=0"
"""The filter that says them."""

# At the beginning of a line, where no metadata of the file stand
_LINE = r"^\[Parsed_showinfo_\d+ @ \w+\] (?:\[info\] )?"
_TIME_BASE = re.compile(_LINE + r"config in time_base: (\d+)/(\d+)")
_FRAME = re.compile(_LINE + r"n: *(\d+) pts: *(-?\d+|NOPTS) ")


class FrameTimes:
    """The times of the frames that come out of a running ffmpeg, in their order; taken by another thread."""

    def __init__(self) -> None:
        self._tick = Fraction(0)
        self._before = 0  # frames before the filter was set up anew, as where a stream changes its size
        self._count = 0
        self._queue: queue.SimpleQueue[_Line | None] = queue.SimpleQueue()
        self._waiting: _Line | None = None  # one that belongs to a frame further on
        self._taken = 0

    def put_line(self, line: str | None) -> None:
        """Take a line of ffmpeg's stderr; None: there are no more."""
        if line is None:
            self._queue.put(None)
        elif base := _TIME_BASE.search(line):
            self._tick = Fraction(int(base[1]), int(base[2]) or 1)
            self._before = self._count
        elif frame := _FRAME.search(line):
            number = self._before + int(frame[1])
            self._queue.put(_Line(number, None if frame[2] == "NOPTS" else int(frame[2]) * self._tick))
            self._count = number + 1

    def next(self, seconds: float | None = None) -> tuple[Fraction | None] | None:
        """The next frame's time in seconds, in a tuple; None in it for a frame without one; None at the end.

        Waits for the frame's line, at most `seconds`. A line that another's message has run into is not known as one:
        its frame has no time, be it that the next line shows it or that none comes.
        """
        number = self._taken
        self._taken += 1
        while self._waiting is None or self._waiting.number < number:
            try:
                self._waiting = self._queue.get(timeout=seconds)
            except queue.Empty:
                return (None,)
            if self._waiting is None:
                self._queue.put(None)  # for whoever asks next
                return None
        return (self._waiting.time,) if self._waiting.number == number else (None,)


class _Line(NamedTuple):
    """What a frame's line says."""

    number: int
    """Of the frame, counted from 0."""
    time: Fraction | None
    """In seconds."""


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
    awaited = f"ffmpeg to decode {name} (process {ffmpeg.process_id})"
    while True:
        with interruption.waiting(awaited):
            item = times.next()
        if item is None:
            break
        yield item[0]
    with interruption.waiting(awaited):
        ffmpeg.wait()
    if ffmpeg.end_signal is not None:
        raise FFmpegError(f"ffmpeg was ended by {signal_name(ffmpeg.end_signal)} while it read {name}")
