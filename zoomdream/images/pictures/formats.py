"""The formats of picture files that are read, told by their first bytes, and the decoder of each.

Pillow's own `Image.open` tries every decoder that it has, of which one starts Ghostscript, and refuses large pictures
by a number that is the same for all its users. Here a file meets one decoder, and what limits it is memory.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile

from zoomdream.errors import SourceError
from zoomdream.images.pictures.durations import png_chunks

PICTURE_SUFFIXES = (
    ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".tif", ".tiff", ".bmp", ".avif", ".heic",
    ".heif", ".hif", ".ico", ".ppm", ".pgm", ".pbm", ".tga", ".jp2", ".j2k", ".psd",
)  # fmt: skip
"""Suffixes of files that count as pictures even where they are missing or cannot be read."""

READABLE = "PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF, HEIC, JPEG 2000, PSD, ICO, PPM and TGA are"

_HEAD_BYTES = 32
_LARGEST_IN_MEMORY = 2**29  # bytes of a file that its decoder reads whole
_MOST_CHUNKS = 10_000  # of a PNG, besides those of its pixels
_PIXEL_CHUNKS = (b"IDAT", b"fdAT", b"fcTL")
_RAW = (".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw")
_FILM_SUFFIXES = (".mjpg", ".mjpeg")  # a row of JPEGs
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"mif1")
_OTHERS = {
    b"%PDF": "a PDF",
    b"%!PS": "PostScript",
    b"\xc5\xd0\xd3\xc6": "PostScript",
    b"<svg": "an SVG",
    b"<?xml": "an XML file, such as an SVG",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"v/1\1": "an OpenEXR picture",
    b"#?RADIANCE": "a Radiance picture",
    b"\xff\n": "a JPEG XL picture",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"gimp xcf": "a GIMP picture",
    b"PK\3\4": "an archive",
}  # by their first bytes
_BITMAP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # bytes


@dataclass(frozen=True)
class PictureFormat:
    """A format of picture files."""

    name: str
    """Pillow's name of it."""
    module: str
    """Where its decoder is: a module, and in it a class that is made from an open file."""
    decoder: str
    matches: Callable[[bytes], bool]
    """Whether a file that begins with these bytes is one."""
    working_bytes: float = 0
    """What the decoder holds for each pixel besides the picture, in bytes, as measured."""
    in_memory: bool = False
    """Whether the decoder reads the file whole."""


def _begins(*prefixes: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(prefixes)


def _is_bitmap(head: bytes) -> bool:
    return head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS


def _is_netpbm(head: bytes) -> bool:
    return head[:2] in (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf") and head[2:3].isspace()


def _is_avif(head: bytes) -> bool:
    return head[4:12] in (b"ftypavif", b"ftypavis") or (head[4:12] == b"ftypmif1" and b"avif" in head[12:])


def _is_heic(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC and not _is_avif(head)


_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_FORMATS = (
    PictureFormat("PNG", "PIL.PngImagePlugin", "PngImageFile", _begins(b"\x89PNG\r\n\x1a\n")),
    # Of the pictures in an MPO, which is a JPEG with others behind it, the first is the photo.
    PictureFormat("JPEG", "PIL.JpegImagePlugin", "JpegImageFile", _begins(b"\xff\xd8\xff")),
    PictureFormat(
        "WEBP",
        "PIL.WebPImagePlugin",
        "WebPImageFile",
        lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
        working_bytes=12,
        in_memory=True,
    ),
    PictureFormat("TIFF", "PIL.TiffImagePlugin", "TiffImageFile", _begins(*_TIFF_STARTS), working_bytes=1),
    PictureFormat("BMP", "PIL.BmpImagePlugin", "BmpImageFile", _is_bitmap),
    PictureFormat("GIF", "PIL.GifImagePlugin", "GifImageFile", _begins(b"GIF87a", b"GIF89a"), working_bytes=1),
    PictureFormat("AVIF", "PIL.AvifImagePlugin", "AvifImageFile", _is_avif, working_bytes=12, in_memory=True),
    PictureFormat("HEIF", "pi_heif", "HeifImageFile", _is_heic, working_bytes=10, in_memory=True),
    PictureFormat(
        "JPEG2000",
        "PIL.Jpeg2KImagePlugin",
        "Jpeg2KImageFile",
        _begins(b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  \x0d\x0a\x87\x0a"),
        working_bytes=16,
    ),
    PictureFormat("PSD", "PIL.PsdImagePlugin", "PsdImageFile", _begins(b"8BPS")),
    PictureFormat("ICO", "PIL.IcoImagePlugin", "IcoImageFile", _begins(b"\0\0\1\0"), working_bytes=8),
    PictureFormat("PPM", "PIL.PpmImagePlugin", "PpmImageFile", _is_netpbm),
)
# It has no first bytes of its own, so its name decides.
_TGA = PictureFormat("TGA", "PIL.TgaImagePlugin", "TgaImageFile", lambda head: True)


def picture_format(file: BinaryIO, path: Path) -> PictureFormat | None:
    """The format of an open file that is called `path`; None where it is no picture that is read."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    suffix = path.suffix.lower()
    if suffix in _RAW or suffix in _FILM_SUFFIXES:
        return None
    known = next((each for each in _FORMATS if each.matches(head)), None)
    return _TGA if known is None and suffix == ".tga" else known


def open_decoder(file: BinaryIO, path: Path) -> tuple[PictureFormat, ImageFile.ImageFile]:
    """The format of an open file, and its picture with the header read and nothing decoded.

    Raises SourceError where it is no picture that can be read.
    """
    known = picture_format(file, path)
    if known is None:
        if path.suffix.lower() in _RAW:
            raise SourceError(f"{path} is a camera's raw file: develop it, and name the JPEG or the TIFF")
        raise SourceError(f"{path} is {_other_kind(file)} ({READABLE})")
    if known.in_memory and os.fstat(file.fileno()).st_size > _LARGEST_IN_MEMORY:
        raise SourceError(f"{path} is too large a file for a picture: the most is 500 MB")
    try:
        if known.name == "PNG":
            _refuse_many_chunks(file, path)
        file.seek(0)
        return known, getattr(import_module(known.module), known.decoder)(file)
    except (MemoryError, SourceError):
        raise
    except Exception as error:  # a decoder's errors about a damaged header are of any kind
        raise SourceError(f"{path} is no picture that can be read: {_reason(error)}") from error


def _other_kind(file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    kind = next((kind for start, kind in _OTHERS.items() if head.startswith(start)), None)
    if kind is None:
        return "no picture that can be read" if head else "no picture that can be read, but empty"
    return f"no picture that can be read, but {kind}: export it as PNG"


def _refuse_many_chunks(file: BinaryIO, path: Path) -> None:
    """Raise SourceError for a PNG of which reading the metadata would take minutes."""
    with suppress(struct.error):  # the file ends here, which the decoder says
        metadata = (kind for kind, _ in png_chunks(file) if kind not in _PIXEL_CHUNKS)
        if sum(1 for _ in islice(metadata, _MOST_CHUNKS)) == _MOST_CHUNKS:
            raise SourceError(f"{path} is no picture that can be read: it holds {_MOST_CHUNKS} notes or more")


def decode(opened: ImageFile.ImageFile, path: Path) -> None:
    """Decode a picture. Raises SourceError where it is damaged, and MemoryError."""
    try:
        opened.load()
    except MemoryError:
        raise
    except Exception as error:  # of any kind, as above
        raise SourceError(f"{path} cannot be read as a picture: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if isinstance(error, Image.DecompressionBombError):
        return "it has more pixels than the decoder of its format takes: save it as PNG, JPEG or TIFF"
    if "MAX_TEXT" in text:
        return "the text or the color profile in it is too large: save it without them"
    if "unknown pixel mode" in text or "unknown raw mode" in text:
        return "its samples are of a kind that is not read: save it with 8 or 16 bits a sample"
    return text
