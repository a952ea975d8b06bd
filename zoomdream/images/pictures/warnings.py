"""Warnings about pictures of which much is cropped, or of which something is not used."""

from __future__ import annotations

from PIL import ImageFile

from zoomdream.images.colors.color_names import BLACK, Color, color_text
from zoomdream.images.frame import Size
from zoomdream.images.pictures.srgb_pixels import Pixels

_NEARLY_ALL = 0.99
_SMALLEST_SIDE = 16  # in pixels, that a film may have
_MUCH = 0.2  # of a picture: a 3:2 photo in a 16:9 film loses less, and needs no warning
_SUBFILE_TYPE = 254  # TIFF's tag that tells a small copy of a page from a page
_SMALL_COPY = 1


def crop_warnings(name: str, size: Size, frame: Size) -> list[str]:
    """A warning where a picture of `size` (width, height), cropped to fill a frame of size `frame`, loses over 20 %."""
    shapes = (size[0] / size[1], frame[0] / frame[1])
    lost = 1 - min(shapes) / max(shapes)
    if lost <= _MUCH:
        return []
    ratio = max(frame) / max(size)
    whole = [max(2, round(side * ratio / 2) * 2) for side in size]
    share = f"{lost:.0%}" if lost < _NEARLY_ALL else "nearly all"
    advice = f"; a size of {whole[0]}x{whole[1]} keeps all of it" if min(whole) >= _SMALLEST_SIDE else ""
    return [f"{name} is {size[0]}x{size[1]}: {share} of it is cut off to fill {frame[0]}x{frame[1]}{advice}"]


def several_pictures_warnings(name: str, opened: ImageFile.ImageFile, *, moves: bool) -> list[str]:
    """A warning where an open file holds more pictures than the one that is used.

    `moves`: whether they are an animation. The others of a phone's photo, an icon's sizes, and the layers that a
    picture was made from are parts of one picture, and nothing is said of them.
    """
    if moves:
        return [f"{name} is an animation: only its first picture is used"]
    if opened.format == "TIFF" and _has_second_page(opened):
        return [f"{name} has several pages: only the first is used"]
    count = getattr(opened, "n_frames", 1) if opened.format == "HEIF" else 1
    return [f"{name} holds {count} pictures: only the main one is used"] if count > 1 else []


def _has_second_page(opened: ImageFile.ImageFile) -> bool:
    tags = opened.tag_v2  # type: ignore[attr-defined]
    if not tags.next:
        return False
    try:
        opened.seek(1)
        subfile_type = opened.tag_v2.get(_SUBFILE_TYPE, 0)  # type: ignore[attr-defined]
    except Exception:  # of any kind; a page that cannot be read is none
        return False
    finally:
        opened.seek(0)
    return not (isinstance(subfile_type, int) and subfile_type & _SMALL_COPY)


def pixel_warnings(name: str, pixels: Pixels, background: Color = BLACK) -> list[str]:
    """Warnings where a background is seen through a picture, and where the range of its numbers was guessed."""
    warnings = []
    if pixels.is_transparent:
        warnings.append(f"what is transparent in {name} counts as {color_text(background)}")
    if pixels.white is not None:
        warnings.append(f"{name} does not say which of its numbers is white: {pixels.white:g} is taken for it")
    return warnings
