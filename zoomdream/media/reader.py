"""Read a film's frames: streamed, counted, and exact to the frame from any start."""

from __future__ import annotations

import os
import queue
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zoomdream import interruption
from zoomdream.errors import FFmpegError, SourceError, TruncatedError, UsageError
from zoomdream.images.colors.color_names import BLACK, Color
from zoomdream.media.clip import AnyPath, Clip
from zoomdream.media.decoding import Decoding, decoding
from zoomdream.media.decoding import Pixels as Pixels
from zoomdream.media.ffmpeg import (
    KILL_TIMEOUT,
    FFmpeg,
    error_summary,
    input_file,
    queue_length,
    signal_name,
    start_thread,
)
from zoomdream.media.frame_times import SHOW_TIMES, FrameTimes
from zoomdream.media.probing.probe import probe
from zoomdream.prefetch import on_early_end
from zoomdream.settings import Deinterlace

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

_TimedPixels = tuple[Pixels, Fraction | None]

# Containers with an index that ffmpeg seeks in reliably; elsewhere all frames before the range are decoded.
_SEEKABLE = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
# Decoding begins that many frames early: those that follow a key frame in the file but precede it on screen refer to
# pictures before it (open GOP), and come out damaged or not at all. H.264 and H.265 reorder 16 frames at most.
_LEAD_IN = 32
# What is damaged in a frame is filled from other pictures that the decoder has at hand: with several threads, from
# different ones each time.
_ONE_THREAD = ("-threads", "1")
# A frame's line is on its way when its pixels have come; one that does not come must not hold up the film.
_LINE_TIMEOUT = 10.0  # seconds


@contextmanager
def read_frames(
    source: Clip | AnyPath,
    *,
    start: int = 0,
    frames: int | None = None,
    size: Size | None = None,
    fps: Fraction | None = None,
    allow_truncated: bool = False,
    background: Color = BLACK,
    deinterlace: Deinterlace = "auto",
) -> Iterator[Iterator[Pixels]]:
    """Frames `start` to `start + frames - 1` (default: all to the end) as HxWx3 uint8 RGB arrays of their own.

        with read_frames(clip, start=10) as frames:
            for frame in frames: ...

    A few frames are decoded ahead in a thread. Rotation and all color tags are honoured; a stream without a matrix is
    BT.709 from 720 lines up, else BT.601. What is transparent shows the `background`, and interlaced frames are
    deinterlaced unless `deinterlace` is "off". Frames come in `size` (width, height; default: the clip's), also where
    the stream changes its size midway. `fps` makes the rate constant at that value by real timestamps, and `start`
    and `frames` then count at that rate; a clip with a variable rate is read at `clip.fps`.

    Raises UsageError for a range or size that cannot be; TruncatedError when it is cut short or frames are missing,
    unless `allow_truncated`, which shows the frame before for one that is missing (at the beginning, the first that
    comes) and ends the iteration where the frames end; SourceError when the file changes while it is read, and
    FFmpegError when ffmpeg cannot be started or is ended by a signal.
    """
    clip = source if isinstance(source, Clip) else probe(source)
    if (size is not None and min(size) < 1) or (fps is not None and fps <= 0):
        raise UsageError(f"size {size} and fps {fps}: both must be above 0")
    indices = _range(clip, clip.source_indices(fps), start, frames)
    if clip.frames < clip.promised_frames and not allow_truncated:
        raise _missing(clip, clip.frames, clip.promised_frames, "the file ends too early")
    if clip.pictures:
        yield clip.pictures.frames(indices, size or clip.size, background)
        return
    how = decoding(clip, size, background=background, deinterlace=deinterlace)
    # a damaged file may give a frame more than once: all are looked through for those that are sought
    most = None if allow_truncated else indices[-1] - indices[0] + 1
    options = _ONE_THREAD if allow_truncated else ()
    arguments = _arguments(clip, indices[0], most, how, options)
    file, times = _SourceFile(clip.path), FrameTimes()
    with FFmpeg(arguments, stdout=True, on_info=times.put_line) as ffmpeg:
        ahead = _ReadAhead(ffmpeg, times, how, clip.path.name)
        on_early_end(ffmpeg.kill)
        try:
            yield _select(clip, file, _Positions(clip, ahead), indices, allow_truncated)
        finally:
            ahead.close()


def _range(clip: Clip, indices: Sequence[int], start: int, frames: int | None) -> Sequence[int]:
    total = len(indices)
    count = total - start if frames is None else frames
    if start < 0 or start >= total or count < 1 or start + count > total:
        request = f"start {start}" if frames is None else f"start {start} and {frames} frames"
        raise UsageError(f"{clip.path.name}: {request} asked for, but it has {total} frames, 0 to {total - 1}")
    return indices[start : start + count]


def _arguments(clip: Clip, first: int, most: int | None, how: Decoding, options: Sequence[str]) -> list[str]:
    """ffmpeg's arguments to decode source frames from `first` on, at most `most`, after others that precede them."""
    seek, filters, before = _seek(clip, first)
    return [
        *input_file(clip.path, *how.input_options, *options, *seek),
        *("-map", f"0:{clip.stream}", "-an", "-sn", "-dn"),
        *("-vf", ",".join([*how.field_filters, *filters, SHOW_TIMES, *how.filters])),
        # every decoded frame once: otherwise ffmpeg repeats or drops frames to reach a constant rate
        *("-fps_mode", "passthrough", *(() if most is None else ("-frames:v", str(before + most)))),
        *("-f", "rawvideo", "pipe:1"),
    ]


def _seek(clip: Clip, first: int) -> tuple[list[str], list[str], int]:
    """Input options and filters to begin shortly before frame `first`, and the most frames that come before it."""
    times, tick = clip.timestamps, clip.time_base
    copy_times = ["-copyts"] if clip.is_continuous else []
    begin = first - 1  # a filter that looks at neighbours sees the one before
    can_seek = clip.container in _SEEKABLE and clip.has_times and clip.is_continuous
    if first <= _LEAD_IN or not can_seek or times[begin - 1] == times[begin]:
        return copy_times, [], clip.undecodable_start + first
    cut = (times[begin - 1] + times[begin]) / 2 * float(tick)
    # after the file's beginning: ffmpeg would add the beginning once more to a time that is the file's own
    seek_time = float((times[first - _LEAD_IN] - times[0]) * tick + clip.start_time)
    options = ["-ss", f"{seek_time:.6f}"] if seek_time > 0 else []
    return [*copy_times, *options], [f"trim=start={cut:.6f}"], 1


def _select(
    clip: Clip, file: _SourceFile, decoded: _Positions, indices: Sequence[int], allow_truncated: bool
) -> Iterator[Pixels]:
    """Yield the decoded frames with these indices (ascending, with repetitions), each as an array of its own."""
    shown: _Decoded | None = None
    coming: _Decoded | None = None
    for count, index in enumerate(indices):
        while shown is None or shown.position < index:
            if coming is None:
                coming = decoded.next()
                file.refuse_changes()
            if coming is None or coming.position > index:  # the frames end, or this one is missing
                if coming is None or not allow_truncated:
                    errors = decoded.errors(at_end=coming is None)
                if not allow_truncated:
                    raise _missing(clip, count, len(indices), error_summary(errors))
                break
            shown, coming = coming, None
        frame = shown or coming
        if coming is None and (frame is None or frame.position < index):
            return
        assert frame is not None
        is_repeated = indices[count + 1 : count + 2] == [index]
        yield frame.pixels.copy() if is_repeated or allow_truncated else frame.pixels


class _Decoded(NamedTuple):
    """A decoded frame, and the clip's frame that it is."""

    position: int
    pixels: Pixels


class _Positions:
    """Decoded frames with their places in the clip, by their times: damaged ones may not come."""

    def __init__(self, clip: Clip, ahead: _ReadAhead) -> None:
        self._clip = clip
        self._ahead = ahead
        self._previous = -1

    def next(self) -> _Decoded | None:
        """The next frame that is the clip's, None at the end."""
        while (item := self._ahead.next()) is not None:
            pixels, time = item
            position = self._position(time)
            if position > self._previous:
                self._previous = position
                return _Decoded(position, pixels)
        return None

    def errors(self, *, at_end: bool) -> str:
        """What ffmpeg has said: at its end, or so far, and then it is ended."""
        return self._ahead.end_errors() if at_end else self._ahead.errors_so_far()

    def _position(self, time: Fraction | None) -> int:
        """The index of the frame with this time in seconds; one that has come already where there is none."""
        following = self._previous + 1
        if time is None or not self._clip.has_times:
            return following
        times, tick = self._clip.timestamps, round(time / self._clip.time_base)
        if following < len(times) and times[following] == tick:  # also the second of two with one time
            return following
        return bisect_right(times, tick) - 1


def _missing(clip: Clip, count: int, expected: int, reason: str) -> TruncatedError:
    return TruncatedError(
        f"{clip.path.name}: {count} of {expected} frames could be read; the file is cut short or damaged ({reason})"
    )


class _SourceFile:
    """A file that must not change while it is read, nor be another afterwards: a resumed film reads it again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = self._status()

    def refuse_changes(self) -> None:
        """Raises SourceError where it has another size or time than at first. A file that is gone has not changed."""
        before, now = self._before, self._status()
        if before is None or now is None or (now.st_size, now.st_mtime_ns) == (before.st_size, before.st_mtime_ns):
            return  # not the inode alone: some network drives number a file anew
        what = "changed" if now.st_ino == before.st_ino else "replaced by another file"
        raise SourceError(
            f"{self._path} was {what} while it was read: put the former file back to go on, or begin anew with this one"
        )

    def _status(self) -> os.stat_result | None:
        try:
            return self._path.stat()
        except OSError:  # ffmpeg says what is wrong
            return None


class _ReadAhead:
    """A thread that reads raw frames from ffmpeg into a bounded queue."""

    def __init__(self, ffmpeg: FFmpeg, times: FrameTimes, how: Decoding, name: str) -> None:
        self._ffmpeg = ffmpeg
        self._times = times
        self._decoding = how
        self._name = name
        self._queue: queue.Queue[_TimedPixels | BaseException | None] = queue.Queue(queue_length(how.frame_bytes))
        self._ended = False
        self._thread = start_thread(self._run, "ffmpeg-frames")

    def next(self) -> _TimedPixels | None:
        """The next frame with its time in seconds, None at the end."""
        if self._ended:
            return None
        with interruption.waiting(f"ffmpeg to read a frame of {self._name} (process {self._ffmpeg.process_id})"):
            item = self._queue.get()
        self._ended = not isinstance(item, tuple)
        if isinstance(item, BaseException):
            raise item
        return item

    def end_errors(self) -> str:
        """What ffmpeg has said at its end. Raises FFmpegError where a signal has ended it."""
        errors, ended_by = self._ffmpeg.error_output(), self._ffmpeg.end_signal
        if ended_by is not None:
            raise FFmpegError(f"ffmpeg was ended by {signal_name(ended_by)} while it read {self._name}")
        return errors

    def errors_so_far(self) -> str:
        """End ffmpeg, and what it has said."""
        self._ffmpeg.kill()
        return self._ffmpeg.error_output()

    def close(self) -> None:
        """End ffmpeg and the thread, which ends with the pipe; emptying the queue keeps it from waiting for room."""
        self._ffmpeg.kill()
        with interruption.waiting(f"ffmpeg to end (process {self._ffmpeg.process_id})"), suppress(queue.Empty):
            while not self._ended:
                self._ended = not isinstance(self._queue.get(timeout=KILL_TIMEOUT), tuple)
            self._thread.join()

    def _run(self) -> None:
        end: BaseException | None = None
        try:
            while (frame := self._read()) is not None:
                self._queue.put((frame, (self._times.next(_LINE_TIMEOUT) or (None,))[0]))
        except BaseException as error:  # handed to the reader, e.g. no memory for a frame
            end = error
        self._queue.put(end)

    def _read(self) -> Pixels | None:
        data = bytearray(self._decoding.frame_bytes)
        if self._ffmpeg.stdout.readinto(data) < len(data):  # type: ignore[attr-defined]
            return None
        return self._decoding.pixels(data)
