"""How long each picture of an animation is shown, read from the file's structure without decoding a picture.

GIF: https://www.w3.org/Graphics/GIF/spec-gif89a.txt; APNG: https://www.w3.org/TR/png-3/#apng-frame-based-animation;
WebP: RFC 9649; AVIF: ISO/IEC 14496-12, the table of sample times.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import BinaryIO

_MOST_SAMPLES = 100_000  # of one entry of an AVIF's table


@dataclass(frozen=True)
class Motion:
    """Whether a file with several pictures is a film, and which of them is the photo if it is none."""

    moves: bool
    """Whether at least two pictures are shown for some time."""
    shown: int = 0
    """The picture that is shown, counted from 0 among those of the animation: the only one that lasts, or the first."""


def motion_in(file: BinaryIO, file_format: str) -> Motion:
    """Whether the pictures in an open file of a format (`GIF`, `PNG`, `WEBP`, `AVIF`; others never move) are a film.

    Where no picture of several has a duration, viewers show each for a time of their own: that is a film, too. What a
    damaged file holds up to the damage counts.
    """
    lasting: list[int] = []
    count = 0
    try:
        for duration in _DURATIONS.get(file_format, _none)(file):
            if duration > 0:
                lasting.append(count)
            count += 1
            if len(lasting) > 1:
                return Motion(moves=True)
    except (struct.error, OverflowError):  # the file ends here
        pass
    if lasting:
        return Motion(moves=False, shown=lasting[0])
    return Motion(moves=count > 1)


def _none(file: BinaryIO) -> Iterator[float]:
    return iter(())


def _unpack(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _gif(file: BinaryIO) -> Iterator[float]:
    file.seek(10)
    flags, _, _ = _unpack(file, "<BBB")
    file.seek(_palette_bytes(flags), 1)
    delay = 0
    while (kind := file.read(1)) in (b"!", b","):
        if kind == b"!":
            label = file.read(1)
            if label == b"\xf9":  # the graphic control extension, of the picture that follows
                _, _, delay = _unpack(file, "<BBH")
                file.seek(1, 1)
        else:
            flags = _unpack(file, "<4HB")[-1]
            file.seek(_palette_bytes(flags) + 1, 1)
            yield delay / 100
            delay = 0
        while (length := _unpack(file, "B")[0]) > 0:
            file.seek(length, 1)


def _palette_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """The kind and the length in bytes of each chunk of an open PNG, with the file where the chunk's content begins.

    Raises struct.error where the file ends before its last chunk.
    """
    position, kind = 8, b""
    while kind != b"IEND":
        file.seek(position)
        length, kind = struct.unpack(">I4s", file.read(8))
        yield kind, length
        position += length + 12


def _apng(file: BinaryIO) -> Iterator[float]:
    is_animation = False
    for kind, _ in png_chunks(file):
        if kind == b"acTL":
            is_animation = True
        elif kind == b"IDAT" and not is_animation:
            return
        elif kind == b"fcTL":
            file.seek(20, 1)
            numerator, denominator = _unpack(file, ">HH")
            yield numerator / (denominator or 100)


def _webp(file: BinaryIO) -> Iterator[float]:
    file.seek(12)
    while True:
        kind, length = struct.unpack("<4sI", file.read(8))
        start = file.tell()
        if kind == b"ANMF":
            file.seek(start + 12)
            low, high = _unpack(file, "<HB")
            yield (low + high * 65536) / 1000
        file.seek(start + length + length % 2)


def _avif(file: BinaryIO) -> Iterator[float]:
    file.seek(8)
    if file.read(4) != b"avis":  # a photo, whatever else is in the file
        return
    file.seek(0, 2)
    part = (0, file.tell())
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stts"):
        found = _box(file, part, kind)
        if found is None:
            return
        part = found
    file.seek(part[0] + 4)
    for _ in range(_unpack(file, ">I")[0]):
        count, delta = _unpack(file, ">II")
        yield from repeat(float(delta), min(count, _MOST_SAMPLES))


def _box(file: BinaryIO, part: tuple[int, int], wanted: bytes) -> tuple[int, int] | None:
    """Where the content of the first box of a kind begins and ends within a part of the file."""
    position, end = part
    while position + 8 <= end:
        file.seek(position)
        length, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if length == 1:
            length, header = _unpack(file, ">Q")[0], 16
        last = end if length == 0 else position + length
        if kind == wanted:
            return position + header, last
        if last <= position:
            return None
        position = last
    return None


_DURATIONS: Mapping[str, Callable[[BinaryIO], Iterator[float]]] = {
    "GIF": _gif,
    "PNG": _apng,
    "WEBP": _webp,
    "AVIF": _avif,
}
