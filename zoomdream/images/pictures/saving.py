"""Picture files that are written: PNG, JPEG and WebP. `pictures.loading` reads them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin

from zoomdream.errors import UsageError
from zoomdream.images.frame import Frame, Size, size_of, to_uint8
from zoomdream.output_files import check_output_file, picture_error, whole_file

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
    _check_name(path)
    if size is not None:
        check_size(path, size)
    check_output_file(path, overwrite=overwrite, inputs=inputs)


def _check_name(path: Path) -> None:
    if not path.name:
        raise UsageError(f"the output has no name: give it one that ends in {', '.join(WRITTEN_SUFFIXES)}")
    if path.suffix.lower() not in WRITTEN_SUFFIXES:
        raise UsageError(f"{path}: a picture's name ends in {', '.join(WRITTEN_SUFFIXES)}")


def save_image(frame: Frame, path: Path | str, comment: str = "", *, overwrite: bool = True) -> None:
    """Write a frame as PNG, JPEG or WebP by its suffix, whole or not at all.

    `comment` goes into the file's metadata: PNG's and JPEG's comment, WebP's EXIF description.

    Raises UsageError for another suffix and for a size that the format does not allow; OutputExistsError where
    something exists and `overwrite` is false; OutputError when the file cannot be written, EncodeError when its disk is
    full.
    """
    path = Path(path)
    _check_name(path)
    check_size(path, size_of(frame))
    file_format = _FORMATS.get(path.suffix.lower(), "PNG")
    try:
        with whole_file(path, overwrite=overwrite) as part:
            picture = Image.fromarray(to_uint8(frame))
            picture.save(part, format=file_format, quality=95, **_comment(file_format, comment))
    except OSError as error:
        raise picture_error(path, error) from error


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
