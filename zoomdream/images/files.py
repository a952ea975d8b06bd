"""Picture files: read as frames, and written from frames."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from zoomdream.errors import OutputError, SourceError, UsageError
from zoomdream.images.frame import Frame, Size, from_uint8, size_of, to_uint8
from zoomdream.images.warnings import picture_warnings
from zoomdream.output_files import check_output_file, whole_file

DAMAGE = (
    *(OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error),
    Image.DecompressionBombError,
)
"""What Pillow raises for a damaged picture, by its format."""


_READ_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
_QUARTER_TURNS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height


@dataclass(frozen=True)
class PictureFile:
    """What was read from a picture's file."""

    frame: Frame
    warnings: tuple[str, ...]
    """What the file holds and the frame does not: see `warnings.picture_warnings`."""


def load_image(path: Path | str, device: torch.device | str = "cpu") -> Frame:
    """Read a picture: rotated as its EXIF says, converted to sRGB by its profile, transparency laid over black.

    Raises SourceError when the file is missing, is no picture, or is damaged.
    """
    return read_picture(path, device).frame


def read_picture(path: Path | str, device: torch.device | str = "cpu") -> PictureFile:
    """A picture as `load_image` reads it, with warnings about it; decoded once. Raises SourceError."""
    path = Path(path)
    with _opened(path) as opened:
        warnings = picture_warnings(path.name, opened)
        frame = from_uint8(np.array(_to_srgb(ImageOps.exif_transpose(opened))), device)
    return PictureFile(frame, tuple(warnings))


def picture_size(path: Path) -> Size:
    """(width, height) of the frame that `load_image` would read, from the file's header alone.

    Raises SourceError when the file is missing or is no picture.
    """
    with _opened(path) as opened:
        is_turned = opened.getexif().get(ExifTags.Base.Orientation, 1) in _QUARTER_TURNS
        return (opened.height, opened.width) if is_turned else (opened.width, opened.height)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """A picture's file. What goes wrong with it inside of the block raises SourceError."""
    if not path.exists():
        raise SourceError(f"{path}: no such file")
    if path.is_dir():
        raise SourceError(f"{path} is a folder, not a picture")
    try:
        with Image.open(path) as opened:
            yield opened
    except UnidentifiedImageError:
        raise SourceError(f"{path} is no picture that can be read (PNG, JPEG, WebP, TIFF and the like are)") from None
    except DAMAGE as error:
        raise SourceError(f"{path} cannot be read as a picture: {error}") from error


def is_picture(path: Path) -> bool:
    """Whether a file is a single picture, and not a film or an animation. Missing files and folders are not.

    A file with a picture's suffix counts as one even where it cannot be read: the error is then about a picture.
    """
    if not path.is_file():
        return path.suffix.lower() in _READ_SUFFIXES
    try:
        with Image.open(path) as opened:
            return getattr(opened, "n_frames", 1) == 1
    except DAMAGE:
        return path.suffix.lower() in _READ_SUFFIXES


def _to_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layer.size, (0, 0, 0, 255)), layer).convert("RGB")
    elif picture.mode.startswith(("I", "F")):  # Pillow's own conversion to RGB would clip, not scale
        values = np.asarray(picture, np.float64)
        if count := np.count_nonzero(~np.isfinite(values)):
            raise ValueError(f"{count} of its {values.size} pixels are NaN or infinite")
        scale = 255 if picture.mode == "F" and values.max() <= 1 else 1 / 257  # fractions, or 16 bits a sample
        picture = Image.fromarray((values * scale).round().clip(0, 255).astype(np.uint8))
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except ImageCms.PyCMSError:
            converted = None  # a profile that does not fit its picture: viewers ignore it too
        if converted is not None:
            return converted
    return picture.convert("RGB")


WRITTEN_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
_LONGEST_SIDE = {"JPEG": 65500, "WEBP": 16383}  # in pixels, that these formats allow


def check_size(path: Path, size: Size) -> None:
    """Raise UsageError when a picture of `size` (width, height) is too large for the format of `path`."""
    longest = _LONGEST_SIDE.get(_FORMATS.get(path.suffix.lower(), ""), max(size))
    if max(size) > longest:
        raise UsageError(
            f"{path}: a {path.suffix} has at most {longest} pixels a side, and this one would be {size[0]}x{size[1]}: "
            f"name it .png, or make it smaller"
        )


def check_picture_file(
    path: Path, size: Size | None = None, *, overwrite: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """Check, before the work, that a picture may be written to `path`. `size` is (width, height), if known.

    Raises UsageError for a suffix or a size that does not fit, OutputError and OutputExistsError as
    `check_output_file` does.
    """
    if not path.name:
        raise UsageError(f"the output has no name: give it one that ends in {', '.join(WRITTEN_SUFFIXES)}")
    if path.suffix.lower() not in WRITTEN_SUFFIXES:
        raise UsageError(f"{path}: a picture's name ends in {', '.join(WRITTEN_SUFFIXES)}")
    if size is not None:
        check_size(path, size)
    check_output_file(path, overwrite=overwrite, inputs=inputs)


def save_image(frame: Frame, path: Path | str, comment: str = "", *, overwrite: bool = True) -> None:
    """Write a frame as PNG, JPEG or WebP by its suffix, whole or not at all.

    `comment` goes into the file's metadata: PNG's and JPEG's comment, WebP's EXIF description.

    Raises UsageError for a size that the format does not allow; OutputExistsError where something exists and
    `overwrite` is false; OutputError when the file cannot be written.
    """
    path = Path(path)
    check_size(path, size_of(frame))
    file_format = _FORMATS.get(path.suffix.lower(), "PNG")
    try:
        with whole_file(path, overwrite=overwrite) as part:
            picture = Image.fromarray(to_uint8(frame))
            picture.save(part, format=file_format, quality=95, **_comment(file_format, comment))
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error


def _comment(file_format: str, text: str) -> dict[str, Any]:
    """Pillow's option that puts a comment into a file."""
    if not text:
        return {}
    if file_format == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_itxt("Comment", text)
        return {"pnginfo": chunks}
    if file_format == "JPEG":
        return {"comment": text.encode()}
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = text.encode("ascii", "backslashreplace").decode()  # EXIF is ASCII
    return {"exif": exif}
