"""Sources as small pixels, HxWx3 uint8 RGB, for previews that need no torch."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags

from zoomdream.images.color_names import BLACK, Color
from zoomdream.images.picture_formats import decode, open_decoder
from zoomdream.images.regular_files import open_regular
from zoomdream.images.srgb_pixels import srgb_pixels
from zoomdream.rng import generator
from zoomdream.settings import Fit

SmallPixels = NDArray[np.uint8]
"""HxWx3 RGB."""


def small_photo(path: Path, size: tuple[int, int], fit: Fit, background: Color = BLACK) -> SmallPixels:
    """A photo on a canvas of `size` (width, height), turned as its EXIF says. Raises SourceError.

    A JPEG is decoded at a fraction of its size.
    """
    with open_regular(path, "picture") as file:
        _, opened = open_decoder(file, path)
        if opened.format == "JPEG":
            most = max(size) * 2
            opened.draft("RGB", (most, most))
        decode(opened, path)
        pixels = srgb_pixels(opened, (0, 0, *opened.size), 1, background).values
        turn = opened.getexif().get(ExifTags.Base.Orientation, 1) if opened.format != "TIFF" else 1
    return fitted(_turned(pixels, turn), size, fit)


def small_noise(size: tuple[int, int], seed: int) -> SmallPixels:
    """What a film begins with that is from noise: gray, with noise."""
    values = generator(seed, 0, "noise").normal(0.5, 0.1, (size[1], size[0], 3))
    return np.asarray(np.clip(values * 255, 0, 255), np.uint8)


def fitted(pixels: SmallPixels, size: tuple[int, int], fit: Fit) -> SmallPixels:
    """A picture on a canvas of `size` (width, height): "fill" crops it, "fit" continues it by its reflection."""
    height, width = pixels.shape[:2]
    ratio = (max if fit == "fill" else min)(size[0] / width, size[1] / height)
    scaled = max(1, round(width * ratio)), max(1, round(height * ratio))
    if scaled != (width, height):
        pixels = np.asarray(cv2.resize(pixels, scaled, interpolation=cv2.INTER_AREA), np.uint8)
    left, top = ((whole - side) // 2 for whole, side in zip(scaled, size, strict=True))
    pixels = pixels[max(0, top) : max(0, top) + size[1], max(0, left) : max(0, left) + size[0]]
    missing_rows, missing_columns = size[1] - pixels.shape[0], size[0] - pixels.shape[1]
    if missing_rows or missing_columns:
        above, before = missing_rows // 2, missing_columns // 2
        sides = (above, missing_rows - above, before, missing_columns - before)
        pixels = np.asarray(cv2.copyMakeBorder(pixels, *sides, borderType=cv2.BORDER_REFLECT_101), np.uint8)
    return np.ascontiguousarray(pixels)


def _turned(pixels: SmallPixels, orientation: object) -> SmallPixels:
    """Turned and mirrored as EXIF's orientation says, 1 to 8."""
    if orientation in (2, 3, 7, 8):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 6, 7):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels.transpose(1, 0, 2) if orientation in (5, 6, 7, 8) else pixels)
