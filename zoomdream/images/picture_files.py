"""Picture files that are read: photos as frames, in the size that is needed."""

from __future__ import annotations

import math
import struct
import warnings as python_warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile

from zoomdream.errors import OutOfMemoryError, SourceError
from zoomdream.images.color_names import BLACK, Color
from zoomdream.images.durations import Motion, motion_in, png_chunks
from zoomdream.images.frame import Frame, Size, from_uint8
from zoomdream.images.picture_formats import PictureFormat, decode, open_decoder
from zoomdream.images.picture_kinds import is_picture
from zoomdream.images.picture_part import Part, PictureFit, needed_part
from zoomdream.images.regular_files import open_regular
from zoomdream.images.resample import center, fit_frame, fitted_size, resize
from zoomdream.images.srgb_pixels import Pixels, scale_transparent_color, srgb_pixels
from zoomdream.images.warnings import pixel_warnings, several_pictures_warnings
from zoomdream.memory import format_bytes, held_memory, memory_budget

__all__ = ["PictureFile", "is_picture", "load_image", "picture_size", "read_picture"]

_QUARTER_TURNS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height, after the mirrors
_MIRRORED_COLUMNS, _MIRRORED_ROWS = (2, 3, 7, 8), (3, 4, 6, 7)  # those that the file stores from the end
_DRAFTS = (8, 4, 2, 1)  # by which a JPEG's decoder reduces

_LONGEST_EXIF = 2**16  # bytes, as in a JPEG
_SMALL = 2**26  # bytes, for which nobody's memory is asked
_PIXEL_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}  # of Pillow's pictures; 4 in other modes
_COEFFICIENT_BYTES = 6  # per pixel, of a progressive JPEG: all are kept until the last is there
_U8_BYTES, _FRAME_BYTES = 3, 12  # per pixel


@dataclass(frozen=True)
class PictureFile:
    """What was read from a picture's file."""

    frame: Frame
    warnings: tuple[str, ...]
    """What the file holds and the frame does not: see `images.warnings`."""
    original_size: Size
    """(width, height) of the whole picture in pixels, turned as it is shown."""


def load_image(path: Path | str, device: torch.device | str = "cpu") -> Frame:
    """Read a picture: rotated as its EXIF says, converted to sRGB by its profile, transparency laid over black.

    Raises SourceError when the file is missing, is no picture, or is damaged; OutOfMemoryError when it does not fit
    into half of the free memory.
    """
    return read_picture(path, device=device).frame


def read_picture(
    path: Path | str,
    size: Size | None = None,
    fit: PictureFit = "fill",
    device: torch.device | str = "cpu",
    background: Color = BLACK,
    max_memory: int | None = None,
) -> PictureFile:
    """A picture as `load_image` reads it, decoded once and no larger than it is needed, with warnings about it.

    Args:
        path: a file with one picture, or with several, of which the first or the main one is read.
        size: (width, height) of the frame; the picture's own when left out.
        fit: how a picture of another shape meets `size`: see `fit_frame`; "stretch" changes its shape.
        device: where the frame goes. The picture is decoded on the CPU.
        background: the sRGB color in 0..255 that is seen through transparent pixels.
        max_memory: bytes that this process may come to hold; None: half of what is free. Before anything is decoded,
            what it takes is compared with it.

    A picture at least four times as large as `size` in both directions is reduced by a whole number before it is
    resampled; one of which little is seen is cropped before it is scaled. Raises SourceError and OutOfMemoryError.
    """
    path = Path(path)
    with _opened(path) as (known, opened, motion):
        orientation = _orientation(opened)
        original_size = _turned(opened.size, orientation)
        warnings = several_pictures_warnings(path.name, opened, moves=motion.moves)
        part = _part(opened, size, fit, orientation)
        whole, draft = opened.size, _draft(opened, part)
        _check_memory(path, known, opened, whole, _frame_bytes(original_size, part, size, fit), max_memory)
        scale_transparent_color(opened)
        if motion.shown:
            opened.seek(motion.shown + getattr(opened, "default_image", False))
        if opened.format == "TIFF" and orientation != 1:
            opened.getexif()[ExifTags.Base.Orientation] = (
                1  # found elsewhere than in its tags: or Pillow turned it, too
            )
        decode(opened, path)
        pixels = _pixels(opened, part, draft, background)
    frame = _frame(pixels.values, orientation, part, size, fit).to(device)
    return PictureFile(frame, (*warnings, *pixel_warnings(path.name, pixels, background)), original_size)


def picture_size(path: Path) -> Size:
    """(width, height) of the frame that `load_image` would read, from the file's header alone.

    Raises SourceError when the file is missing or is no picture.
    """
    with _opened(path) as (_, opened, _):
        return _turned(opened.size, _orientation(opened))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[PictureFormat, ImageFile.ImageFile, Motion]]:
    """A picture's file, its header read. What goes wrong with it inside of the block raises SourceError."""
    # Decoders warn on stderr of what does not keep them from reading.
    with open_regular(path, "picture") as file, python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")
        try:
            known, opened = open_decoder(file, path)
            motion = _look_ahead(file, known, opened)
            with opened:
                yield known, opened, motion
        except MemoryError as error:
            raise OutOfMemoryError(f"{path} does not fit into memory: make the picture smaller") from error
        except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
            raise SourceError(f"{path} cannot be read as a picture: {error}") from error


def _look_ahead(file: BinaryIO, known: PictureFormat, opened: ImageFile.ImageFile) -> Motion:
    """Whether an open picture moves, and a PNG's EXIF wherever in the file it is. Leaves the file where it was."""
    position = file.tell()
    motion = motion_in(file, known.name)
    if known.name == "PNG":
        with suppress(struct.error):  # the file ends here
            for kind, length in png_chunks(file):
                if kind == b"eXIf" and length <= _LONGEST_EXIF:
                    opened.info["exif"] = b"Exif\0\0" + file.read(length)
    file.seek(position)
    return motion


def _orientation(opened: ImageFile.ImageFile) -> int:
    """EXIF's orientation, 1 to 8, of the pixels that are decoded; 1 where there is none."""
    if _turns_itself(opened):
        return 1
    try:
        # Pillow's own method for a PNG decodes the picture, since its EXIF may come last.
        exif = Image.Image.getexif(opened) if opened.format == "PNG" else opened.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, 1)
    except Exception:  # of any kind: EXIF that is damaged is ignored, as by viewers
        return 1
    return orientation if orientation in range(1, 9) else 1


def _turns_itself(opened: ImageFile.ImageFile) -> bool:
    """Whether Pillow tells the size that a picture has when it is turned, and turns it when it is decoded."""
    if opened.format != "TIFF":
        return False
    return opened.tag_v2.get(ExifTags.Base.Orientation, 1) != 1  # type: ignore[attr-defined, no-any-return]


def _turned(size: Size, orientation: int) -> Size:
    return (size[1], size[0]) if orientation in _QUARTER_TURNS else size


def _part(opened: ImageFile.ImageFile, size: Size | None, fit: PictureFit, orientation: int) -> Part | None:
    """What is read of a picture, along the file's own rows and columns; None: all of it, as it is."""
    if size is None:
        return None
    mirrored = (orientation in _MIRRORED_COLUMNS, orientation in _MIRRORED_ROWS)
    part = needed_part(opened.size, _turned(size, orientation), fit, mirrored=mirrored)
    if part is None or opened.format != "JPEG":
        return part
    return replace(part, factor=part.factor // _draft_factor(part) * _draft_factor(part))


def _draft_factor(part: Part) -> int:
    return next(factor for factor in _DRAFTS if factor <= part.factor)


def _draft(opened: ImageFile.ImageFile, part: Part | None) -> int:
    """Let a JPEG's decoder reduce the picture, which takes a fraction of the time and memory. Returns by how much."""
    if part is None or opened.format != "JPEG":
        return 1
    factor = _draft_factor(part)
    width, height = opened.size
    return factor if opened.draft(opened.mode, (width // factor, height // factor)) else 1


def _check_memory(
    path: Path, known: PictureFormat, opened: ImageFile.ImageFile, whole: Size, needed: int, max_memory: int | None
) -> None:
    """Raise OutOfMemoryError where reading takes more than the memory that may be taken.

    `whole` is the picture's size, of which a JPEG's decoder may give a smaller one; `needed` are the bytes that are
    held besides the decoded picture.
    """
    pixel_bytes = _PIXEL_BYTES.get(opened.mode, 4)
    decoded = math.prod(opened.size) * (pixel_bytes + known.working_bytes + pixel_bytes * _turns_itself(opened))
    if opened.info.get("progressive"):
        decoded += math.prod(whole) * _COEFFICIENT_BYTES
    total = round(decoded) + needed
    if total < _SMALL:
        return
    cpu = torch.device("cpu")
    if total > memory_budget(max_memory, cpu):
        limit = total + held_memory(cpu)
        allowed = f"{max_memory / 1e9:g} GB" if max_memory else "half of the free memory, which is less,"
        raise OutOfMemoryError(
            f"{path} has {whole[0]}x{whole[1]} pixels, and reading it needs {format_bytes(limit)}, and {allowed} may "
            f"be taken: make the picture smaller",
            needed=limit,
        )


def _frame_bytes(whole: Size, part: Part | None, size: Size | None, fit: PictureFit) -> int:
    """The most bytes that the pixels and the frames made of them take at one time."""
    if part is None:
        scaled = (0, 0) if size is None else size if fit == "stretch" else fitted_size(whole, size, fit)
        return math.prod(whole) * (_U8_BYTES + _FRAME_BYTES) + 2 * math.prod(scaled) * _FRAME_BYTES
    left, top, right, bottom = part.box
    pixels = (right - left) * (bottom - top) // part.factor**2
    rows = (right - left) // part.factor * len(part.rows.shown)
    return pixels * (_U8_BYTES + _FRAME_BYTES) + 3 * rows * _FRAME_BYTES


def _pixels(opened: ImageFile.ImageFile, part: Part | None, draft: int, background: Color) -> Pixels:
    if part is None:
        return srgb_pixels(opened, (0, 0, *opened.size), 1, background)
    left, top, right, bottom = part.box
    box = (left // draft, top // draft, -(-right // draft), -(-bottom // draft))
    return srgb_pixels(opened, box, part.factor // draft, background)


def _frame(pixels: NDArray[np.uint8], orientation: int, part: Part | None, size: Size | None, fit: PictureFit) -> Frame:
    """The frame of a file's pixels, turned as EXIF says, in the size that is wanted."""
    if part is not None and size is not None:
        return center(_oriented(part.resample(from_uint8(pixels)).clamp_(0, 1), orientation), size)
    turned = _oriented(torch.from_numpy(pixels).permute(2, 0, 1), orientation)
    frame = from_uint8(turned.permute(1, 2, 0).numpy())
    if size is None:
        return frame
    return resize(frame, size).clamp(0, 1) if fit == "stretch" else fit_frame(frame, size, fit)


def _oriented(planes: torch.Tensor, orientation: int) -> torch.Tensor:
    """...xHxW as EXIF's orientation shows it."""
    mirrored = [dim for dim, all_ in ((-1, _MIRRORED_COLUMNS), (-2, _MIRRORED_ROWS)) if orientation in all_]
    planes = planes.flip(mirrored) if mirrored else planes
    return planes.transpose(-1, -2) if orientation in _QUARTER_TURNS else planes
