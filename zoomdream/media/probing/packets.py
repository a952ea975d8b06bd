"""The packets of a video stream, listed by ffmpeg's `-c copy -f framecrc` without decoding any of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median

from zoomdream.errors import SourceError
from zoomdream.media.ffmpeg import RunResult, input_file, run

FIRST_VIDEO = "0:V:0"
"""The first video stream: `V` leaves out covers and thumbnails, which `v` does not."""

MOST_REORDERED = 16
"""H.264 and H.265 allow that many frames out of order."""

MOST_STRETCHED = 20
"""Times that a pixel may be as wide as it is high, or as high as wide; anamorphic films have 2, and 4 at most."""

CLOCK_MAY_JUMP = ("mpegts", "mpeg", "ogg")
"""Formats whose clock may jump (AVFMT_TS_DISCONT), as where recordings are joined: ffmpeg closes such jumps unless it
is to copy the times."""

# Decoding order, far below all real times: the muxer would else move a presentation time that precedes its decoding
# time, as Matroska's guesses and joined recordings have them.
_KEEP_TIMES = "setts=pts=PTS:dts=N-1000000000000000"
_MOVED_TIMES = re.compile(r"Non-monotonic DTS|Invalid DTS")
_NO_TIMESTAMP = -(2**63)
_KEY = 0x1  # AV_PKT_FLAG_KEY; framecrc leaves the flags out where they are just that
_DISCARD = 0x4  # AV_PKT_FLAG_DISCARD: decoded because other frames refer to it, then cut away by an edit list
_LONGEST_GAP = 10  # seconds without a frame that are no jump of the clock: ffmpeg's dts_delta_threshold


@dataclass(frozen=True)
class Packets:
    """A video stream's packets. Times are in ticks of `time_base`."""

    header: dict[str, str]
    """Keys such as `tb`, `dimensions` and `sar`, and what ffmpeg says of them."""
    times: tuple[int, ...]
    """Presentation times, sorted, of all packets that are shown and hold a frame."""
    all_times: tuple[int, ...]
    """Those of empty packets as well, by which AVI and Theora say that the frame before stays."""
    order: tuple[int, ...]
    """The same times in the order of decoding."""
    last_duration: int
    """Of the packet that is shown last, and of empty ones after it; 0: unknown."""
    usual_duration: float
    """The median of the packets' durations."""
    has_times: bool
    """Whether these are presentation times; else decoding times, which AVI and raw streams have alone."""
    before_key: frozenset[int]
    """Times of packets that come before the first key frame: they cannot be decoded by themselves."""
    key_frames: int
    """How many packets are marked as such."""
    is_continuous: bool = True
    """Whether the times are the file's own; else its clock jumps, and ffmpeg's corrected times begin near 0."""
    clock_offset: int = 0
    """Ticks to add to the first times for those that the file has."""

    @property
    def time_base(self) -> Fraction:
        """A tick in seconds."""
        return Fraction(self.header["tb"])

    @property
    def first_key(self) -> int | None:
        """The time of the first key frame that is shown; None where none is marked as one."""
        return next((time for time in self.order if time not in self.before_key), None)

    @property
    def doubtful(self) -> bool:
        """Whether it takes a decoder to find the first frame: some come before the first key frame."""
        return self.has_times and bool(self.before_key)

    def from_time(self, first: int) -> Packets:
        """The packets from the time `first` on."""
        return replace(
            self,
            times=tuple(time for time in self.times if time >= first),
            all_times=tuple(time for time in self.all_times if time >= first),
            order=tuple(time for time in self.order if time >= first),
            before_key=frozenset(),
        )


@dataclass(frozen=True)
class _Row:
    decoding: int
    presentation: int
    duration: int
    size: int
    flags: int


def list_packets(path: Path, stream: str = FIRST_VIDEO) -> tuple[Packets, RunResult]:
    """List a stream's packets; with what ffmpeg said. Reads the whole file, twice where its times are irregular.

    Raises FFmpegError.
    """
    result = _list(path, stream)
    packets = _parse(result.stdout)
    if packets.has_times and _MOVED_TIMES.search(result.stderr):
        packets = _parse(_list(path, stream, "-bsf:v", _KEEP_TIMES).stdout)
    return packets, result


def list_corrected(path: Path, stream: str, listed: Packets) -> Packets:
    """List packets again with jumps of the file's clock closed, and times that begin near 0. Raises FFmpegError."""
    result = _list(path, stream, "-bsf:v", _KEEP_TIMES, copy_times=False)
    corrected = _parse(result.stdout)
    offset = min(listed.order[:MOST_REORDERED]) - min(corrected.order[:MOST_REORDERED])
    return replace(corrected, is_continuous=False, clock_offset=offset)


def clock_jumps(packets: Packets, container: str) -> bool:
    """Whether the file's clock jumps forth or back, as where recordings were joined."""
    if container not in CLOCK_MAY_JUMP or not packets.has_times:
        return False
    longest = _LONGEST_GAP / packets.time_base
    if any(after - before > longest for before, after in pairwise(packets.all_times)):
        return True
    place = {time: position for position, time in enumerate(packets.times)}
    if len(place) < len(packets.times):
        return True
    return any(place[time] < position - MOST_REORDERED for position, time in enumerate(packets.order))


def _list(path: Path, stream: str, *options: str, copy_times: bool = True) -> RunResult:
    times = ("-copyts",) if copy_times else ()
    # what precedes the first key frame would be left out of a copy
    arguments = (*input_file(path, *times), "-map", stream, "-c", "copy", "-copyinkf", *options)
    return run([*arguments, "-f", "framecrc", "pipe:1"], path)


def _parse(framecrc: str) -> Packets:
    header: dict[str, str] = {}
    rows: list[_Row] = []
    for line in framecrc.splitlines():
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            header[key.removesuffix(" 0")] = value.strip()
            continue
        cells = [cell.strip() for cell in line.split(",")]
        flags = next((int(cell[2:], 16) for cell in cells[6:] if cell.startswith("F=")), _KEY)
        rows.append(_Row(int(cells[1]), int(cells[2]), int(cells[3]), int(cells[4]), flags))
    rows = _fill_in(rows)
    has_times = all(row.presentation != _NO_TIMESTAMP for row in rows)
    first_key = next((position for position, row in enumerate(rows) if row.flags & _KEY), len(rows))
    if not has_times:
        # AVI has no presentation times; its decoding times, sorted, are as good. They do not say what is decoded
        # without a key frame, so that is left out.
        rows = rows[first_key:]
        first_key = 0
    return _packets(header, rows, first_key, has_times=has_times)


def _fill_in(rows: list[_Row]) -> list[_Row]:
    """Give the few packets without a presentation time, as MPEG program streams have, those that are left over.

    Sorted, presentation times are the decoding times with a delay. Others (AVI's) are left as they are.
    """
    known = {row.presentation for row in rows if row.presentation != _NO_TIMESTAMP}
    missing = sum(row.presentation == _NO_TIMESTAMP for row in rows)
    if not 0 < missing <= len(rows) // 10:
        return rows
    decoding = [row.decoding for row in rows]
    delay = min(known) - min(decoding)
    left = sorted({time + delay for time in decoding} - known)
    if len(left) != missing:
        return rows
    times = iter(left)
    return [replace(row, presentation=next(times)) if row.presentation == _NO_TIMESTAMP else row for row in rows]


def _packets(header: dict[str, str], rows: list[_Row], first_key: int, *, has_times: bool) -> Packets:
    def time(row: _Row) -> int:
        return row.presentation if has_times else row.decoding

    key_time = time(rows[first_key]) if first_key < len(rows) else 2**63
    all_shown = [row for row in rows if not row.flags & _DISCARD]
    shown = [row for row in all_shown if row.size]
    before = {time(row) for row in rows[:first_key]} | ({time(row) for row in rows if time(row) < key_time})
    order = tuple(time(row) for row in shown)
    last = max(all_shown, key=time, default=None)
    return Packets(
        header=header,
        times=tuple(sorted(order)),
        all_times=tuple(sorted(time(row) for row in all_shown)),
        order=order,
        last_duration=time(last) + last.duration - max(order) if last and order else 0,
        usual_duration=median(row.duration for row in shown) if shown else 0,
        has_times=has_times,
        before_key=frozenset(before & set(order)) if has_times else frozenset(),
        key_frames=sum(bool(row.flags & _KEY and row.size) for row in rows),
    )


def pixel_shape(width: int, height: int) -> Fraction:
    """A pixel's width over its height by two numbers of a header; 1 where they are missing, or damaged."""
    if width <= 0 or height <= 0:
        return Fraction(1)
    shape = Fraction(width, height)
    return shape if max(shape, 1 / shape) <= MOST_STRETCHED else Fraction(1)


def parse_size(header: dict[str, str], path: Path) -> tuple[int, int]:
    """(width, height) of the stream in pixels. Raises SourceError where the file does not say."""
    try:
        width, height = (int(side) for side in header["dimensions"].split("x"))
    except (KeyError, ValueError):
        raise SourceError(f"{path} does not say how large its picture is: it cannot be decoded") from None
    return width, height
