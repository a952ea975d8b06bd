"""What the inputs show: four patches, one in each corner of the picture, and a tone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.clips import ffmpeg

RED, GREEN, BLUE, GRAY = (200, 30, 30), (30, 180, 40), (40, 60, 200), (128, 128, 128)
BLACK = (0, 0, 0)
PATCHES = (RED, GREEN, BLUE, GRAY)
"""In the corners: upper left, upper right, lower left, lower right."""
SIZE = (64, 48)
"""(width, height) in pixels."""

Corners = tuple[tuple[int, int, int], ...]


def patches(size: tuple[int, int] = SIZE, corners: Corners = PATCHES) -> NDArray[np.uint8]:
    """A picture of a patch in each corner: HxWx3 uint8 RGB."""
    width, height = size
    pixels = np.zeros((height, width, 3), np.uint8)
    for position, color in enumerate(corners):
        top, left = position // 2 * height // 2, position % 2 * width // 2
        pixels[top : top + height // 2, left : left + width // 2] = color
    return pixels


def turned(degrees: int) -> Corners:
    """The patches after a turn of the picture, counterclockwise."""
    table = np.arange(4).reshape(2, 2)
    return tuple(PATCHES[index] for index in np.rot90(table, degrees // 90).ravel())


def still(folder: Path, size: tuple[int, int] = SIZE) -> Path:
    """The patches as a PNG."""
    path = folder / "patches.png"
    Image.fromarray(patches(size)).save(path)
    return path


def film(
    path: Path,
    *options: object,
    seconds: float = 0.5,
    fps: object = 10,
    size: tuple[int, int] = SIZE,
    sound: str | None = None,
    filters: str = "null",
) -> Path:
    """A film of the patches, with `options` for ffmpeg's encoder and `sound` as one of its sources."""
    picture = still(path.parent, size)
    sounds = ("-f", "lavfi", "-i", sound) if sound else ()
    ffmpeg(
        *("-loop", 1, "-framerate", fps, "-t", seconds, "-i", picture, *sounds, "-t", seconds),
        *("-vf", f"{filters},scale=out_color_matrix=bt601:flags=accurate_rnd+full_chroma_int", *options, path),
    )
    return path


def sine(hertz: int = 440, layout: str = "mono", rate: int = 48000) -> str:
    """A tone as a source of ffmpeg's, the same in each channel."""
    return f"sine=f={hertz}:r={rate}:d=10,aformat=channel_layouts={layout}"
