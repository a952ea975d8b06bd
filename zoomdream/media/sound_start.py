"""Where a sound track begins in its file: ffmpeg moves it to the file's beginning in some formats."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from zoomdream.media.ffmpeg import input_file, run
from zoomdream.media.packets import CLOCK_MAY_JUMP
from zoomdream.media.stream_info import parse_file_info

_NO_TIMESTAMP = -(2**63)


def sound_delay(path: Path, index: int, start: Fraction) -> Fraction:
    """The silence in seconds before a sound track, of a film that begins `start` seconds into the track's file, which
    ffmpeg leaves out unless it is told to delay the track (`-itsoffset`).

    That is so in formats whose clock may jump, where ffmpeg takes the first packet that is used for the beginning, and
    where the film begins before the file does. `index` is the track's, among the file's sound tracks, from 0. Raises
    FFmpegError.
    """
    listing = ("-map", f"0:a:{index}", "-c", "copy", "-frames:a", "1", "-f", "framecrc", "pipe:1")
    result = run([*input_file(path, "-copyts"), *listing], path)
    info = parse_file_info(result.stderr)
    times = [line.split(",")[2] for line in result.stdout.splitlines() if line and not line.startswith("#")]
    before = max(Fraction(0), -start)
    if info is None or info.container not in CLOCK_MAY_JUMP or not times or int(times[0]) == _NO_TIMESTAMP:
        return before
    tick = next(Fraction(line.split(":")[1].strip()) for line in result.stdout.splitlines() if line.startswith("#tb"))
    return max(before, int(times[0]) * tick - info.start - start)
