"""How many frames a film has that was just written."""

from __future__ import annotations

import struct
from collections import Counter
from pathlib import Path

from zoomdream.media.ffmpeg import input_file, run
from zoomdream.media.probing import probe

_WEBP = b"WEBP"
_AVIF = b"ftypavis"


def count_frames(path: Path) -> int:
    """Number of frames in the film at `path`; 0 where it cannot be read. Raises FFmpegError, OSError.

    ffmpeg 7 does not read WebP that moves. A moving AVIF is its first frame, and all of them as a second stream.
    """
    with path.open("rb") as file:
        start = file.read(12)
    if start[8:] == _WEBP:
        return _webp_frames(path)
    if start[4:] == _AVIF:
        return _most_packets(path)
    return probe.count_frames(path)


def _webp_frames(path: Path) -> int:
    """Frames of a WebP file (https://developers.google.com/speed/webp/docs/riff_container): a picture has one."""
    frames = pictures = 0
    with path.open("rb") as file:
        position, end = 12, path.stat().st_size
        while position + 8 <= end:
            file.seek(position)
            name, length = struct.unpack("<4sI", file.read(8))
            position += 8 + length + length % 2
            if position > end:
                return 0
            frames += name == b"ANMF"
            pictures += name in (b"VP8 ", b"VP8L")
    return frames or pictures


def _most_packets(path: Path) -> int:
    """Packets of the video stream that has most."""
    result = run([*input_file(path), "-map", "0:v", "-c", "copy", "-f", "framecrc", "pipe:1"], path)
    rows = [line.split(",") for line in result.stdout.splitlines() if not line.startswith("#")]
    return max(Counter(row[0] for row in rows).values(), default=0)
