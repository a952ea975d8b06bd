"""The pixels of a decoded picture as 8-bit sRGB: its mode, depth, transparency and color profile, in bands of rows.

Bands, because each conversion is another copy: of a panorama, whole copies would be gigabytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile

from zoomdream.images.colors.color_names import BLACK, Color

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels

_BAND = 2**21  # pixels
_OPAQUE = 255  # in an alpha channel
_WITH_ALPHA = ("RGBA", "LA", "PA", "RGBa", "La")
_AVERAGED = ("L", "RGB", "CMYK")  # modes in which the mean of pixels is their mean color
_WITH_PROFILE = ("RGB", "CMYK", "L")
_SIXTEEN_BITS = 1 / 257
_FULL = (255, 65535)  # of numbers whose range the file does not say
_LEAST = 0.1  # of the range, that the largest number has: less, as of a scene brighter than 1, would be nearly black
_EXCESS = 0.1  # of the range, by which single pixels may leave it: resampling overshoots


@dataclass(frozen=True)
class Pixels:
    """A picture's pixels."""

    values: NDArray[np.uint8]
    """HxWx3, sRGB."""
    is_transparent: bool
    """Whether the background is seen through some of them."""
    white: float | None = None
    """The number that counts as white where the file does not say it and it is not 1."""


def scale_transparent_color(opened: ImageFile.ImageFile) -> None:
    """Bring the color that a PNG declares transparent from the file's depth to that of the pixels.

    Pillow scales the pixels and leaves the color. Call it before the picture is decoded.
    """
    color = opened.info.get("transparency")
    raw = str(opened.tile[0].args) if opened.tile else ""
    if isinstance(color, int) and raw in ("L;2", "L;4"):
        opened.info["transparency"] = color * (85 if raw == "L;2" else 17)
    elif isinstance(color, tuple) and raw == "RGB;16B":
        opened.info["transparency"] = tuple(value >> 8 for value in color)


def srgb_pixels(opened: ImageFile.ImageFile, box: Box, factor: int = 1, background: Color = BLACK) -> Pixels:
    """The pixels in a box of a decoded picture, each the mean of `factor` x `factor` of them, composited and converted.

    What is transparent is laid over `background`, sRGB in 0..255, before means are taken: no hidden color is seen.
    Raises ValueError for numbers that cannot be colors, and what Pillow raises.
    """
    conversion = _Conversion(opened, background, *_value_scale(opened))
    left, top, right, bottom = box
    values = np.empty((-(-(bottom - top) // factor), -(-(right - left) // factor), 3), np.uint8)
    for band in _bands(box, factor):
        first = (band[1] - top) // factor
        rows = np.asarray(conversion.band(opened, band, factor))
        values[first : first + len(rows)] = rows
    return Pixels(values, conversion.is_transparent, conversion.white)


def _bands(box: Box, factor: int) -> Iterator[Box]:
    left, top, right, bottom = box
    rows = max(1, _BAND // ((right - left) * factor)) * factor
    for first in range(top, bottom, rows):
        yield left, first, right, min(first + rows, bottom)


class _Conversion:
    """Converts bands of one picture; what is the same for all of them is made once."""

    def __init__(self, opened: Image.Image, background: Color, scale: float, white: float | None) -> None:
        self.is_transparent = False
        self.white = white
        self._scale = scale
        self._background = (*background, _OPAQUE)
        self._has_alpha = opened.mode in _WITH_ALPHA or "transparency" in opened.info
        self._profile = opened.info.get("icc_profile")
        self._transforms: dict[str, Any] = {}

    def band(self, opened: Image.Image, box: Box, factor: int) -> Image.Image:
        """A band as RGB, reduced by `factor`."""
        if factor > 1 and opened.mode in _AVERAGED and not self._has_alpha:
            return self._to_srgb(opened.reduce(factor, box))
        picture = opened.crop(box)
        if picture.mode == "1":
            picture = picture.convert("L")  # means are taken of a third as much
        if self._has_alpha:
            picture = self._composited(picture)
        elif picture.mode.startswith(("I", "F")):
            picture = self._scaled(picture)
        picture = self._to_srgb(picture)
        return picture.reduce(factor) if factor > 1 else picture

    def _composited(self, picture: Image.Image) -> Image.Image:
        layer = self._layer(picture)
        self.is_transparent |= layer.getchannel("A").getextrema()[0] < _OPAQUE  # type: ignore[operator]
        return Image.alpha_composite(Image.new("RGBA", layer.size, self._background), layer).convert("RGB")

    def _layer(self, picture: Image.Image) -> Image.Image:
        if not picture.mode.startswith("I"):
            return picture.convert({"La": "LA", "RGBa": "RGBA"}.get(picture.mode, "RGBA")).convert("RGBA")
        opaque = np.asarray(picture) != picture.info["transparency"]
        layer = self._scaled(picture).convert("RGBA")
        layer.putalpha(Image.fromarray(opaque.astype(np.uint8) * np.uint8(_OPAQUE)))
        return layer

    def _scaled(self, picture: Image.Image) -> Image.Image:
        """Gray of more than 8 bits: Pillow's own conversion to RGB would clip, not scale."""
        values = np.asarray(picture, np.float64)
        return Image.fromarray((values * self._scale).round().clip(0, 255).astype(np.uint8))

    def _to_srgb(self, picture: Image.Image) -> Image.Image:
        if picture.mode == "LAB" or (self._profile and picture.mode in _WITH_PROFILE):
            transform = self._transform(picture.mode)
            if transform is not None:
                return ImageCms.applyTransform(picture, transform) or picture
        return picture.convert("RGB")

    def _transform(self, mode: str) -> Any:
        """The conversion from a mode's colors to sRGB; None for a profile that does not fit: viewers ignore it too."""
        if mode not in self._transforms:
            srgb = ImageCms.createProfile("sRGB")
            try:
                source = ImageCms.createProfile("LAB") if mode == "LAB" else self._embedded_profile()
                self._transforms[mode] = ImageCms.buildTransform(source, srgb, mode, "RGB")
            except ImageCms.PyCMSError:
                self._transforms[mode] = None
        return self._transforms[mode]

    def _embedded_profile(self) -> ImageCms.ImageCmsProfile:
        try:
            return ImageCms.ImageCmsProfile(io.BytesIO(self._profile or b""))
        except OSError as error:
            raise ImageCms.PyCMSError(error) from error


def _value_scale(opened: ImageFile.ImageFile) -> tuple[float, float | None]:
    """What the numbers of a gray picture of more than 8 bits are multiplied by, and which number counts as white.

    Integers of 16 bits, and those of formats that say their range, reach to 65535. Floating point says nothing, and
    neither do a TIFF's integers of 32 bits: there the largest number decides. None where white is 1 or known.
    """
    if not opened.mode.startswith(("I", "F")):
        return 1, None
    is_float = opened.mode == "F"
    if not is_float and (opened.mode != "I" or opened.format != "TIFF"):
        return _SIXTEEN_BITS, None
    low, high, bad, count = np.inf, -np.inf, 0, 0
    for band in _bands((0, 0, *opened.size), 1):
        values = np.asarray(opened.crop(band))
        finite = np.isfinite(values)
        bad += values.size - int(np.count_nonzero(finite))
        count += values.size
        if finite.any():
            low, high = min(low, float(values[finite].min())), max(high, float(values[finite].max()))
    if bad:
        raise ValueError(f"{bad} of its {count} pixels are NaN or infinite")
    ranges_read = (1, *_FULL) if is_float else _FULL
    full = next((full for full in ranges_read if high <= full * (1 + _EXCESS)), 0)
    is_clear = full == ranges_read[0] or high >= full * _LEAST
    if full and is_clear and low >= -full * _EXCESS:
        return 255 / full, None if full == 1 else full
    ranges = "0 to 1, " if is_float else ""
    raise ValueError(
        f"its numbers lie between {low:g} and {high:g}, where {ranges}0 to 255 and 0 to 65535 are read: scale them"
    )
