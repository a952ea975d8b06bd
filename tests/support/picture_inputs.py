"""Pictures whose files Pillow does not write."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG's chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_png(path: Path, size: tuple[int, int], depth: int, color: int, rows: list[bytes], *chunks: bytes) -> None:
    """A PNG of packed rows; `color` is its color type, and `chunks` come before its pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, color, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + pixels + png_chunk(b"IEND", b""))


def with_notes(path: Path, *chunks: bytes) -> None:
    """Put chunks into a PNG, after its header."""
    data = path.read_bytes()
    path.write_bytes(data[:33] + b"".join(chunks) + data[33:])


def gradient(size: tuple[int, int] = (64, 48)) -> Image.Image:
    """A picture whose colors change smoothly, with another color in each corner."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 / max(1, width - 1), y * 255 / max(1, height - 1), 128 + 0 * x], -1)
    return Image.fromarray(pixels.round().astype(np.uint8))
