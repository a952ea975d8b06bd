"""Films read by other programs than ours: PyAV, Pillow and OpenCV."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence


@dataclass(frozen=True)
class ReadFilm:
    """What a film's file says, and its frames."""

    codec: str
    profile: str | None
    pixel_format: str
    color: tuple[int, int, int, int]
    """Range (1: limited, 2: full), primaries, transfer and matrix, as H.273 numbers them."""
    fps: Fraction
    seconds: list[float]
    """When each frame is shown."""
    frames: list[NDArray[np.float64]]
    """HxWx3 RGB in 0..255, not rounded."""
    tags: dict[str, str]


def read_by_pyav(path: Path) -> ReadFilm:
    """A film as PyAV reads it; of several video streams, as an AVIF has, the last."""
    with av.open(str(path)) as container:
        stream = container.streams.video[-1]
        frames = list(container.decode(stream))
        first = frames[0]
        color = (first.color_range, first.color_primaries, first.color_trc, first.colorspace)
        rate = stream.average_rate or stream.base_rate or 0  # an APNG of two frames has no average
        return ReadFilm(
            stream.codec_context.name,
            stream.codec_context.profile,
            first.format.name,
            (int(color[0]), int(color[1]), int(color[2]), int(color[3])),
            Fraction(rate),
            [float(frame.time or 0) for frame in frames],
            [_rgb(frame) for frame in frames],
            {name.lower(): value for name, value in container.metadata.items()},
        )


def _rgb(frame: av.VideoFrame) -> NDArray[np.float64]:
    if all(component.bits == 8 for component in frame.format.components):
        return frame.to_ndarray(format="rgb24").astype(float)
    return frame.to_ndarray(format="rgb48le").astype(float) / 257


def read_by_pillow(path: Path) -> tuple[list[NDArray[np.uint8]], list[float], object]:
    """A picture that moves, as Pillow reads it: frames, milliseconds of each, how often it plays (None: unknown)."""
    with Image.open(path) as picture:
        shown = [
            (np.asarray(frame.convert("RGB")), frame.info["duration"]) for frame in ImageSequence.Iterator(picture)
        ]
        return [pixels for pixels, _ in shown], [duration for _, duration in shown], picture.info.get("loop")


def read_deep_png(path: Path) -> NDArray[np.uint16]:
    """A PNG of 16 bits as OpenCV reads it: HxWx3 RGB."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    assert pixels.dtype == np.uint16
    return np.ascontiguousarray(pixels[..., ::-1]).astype(np.uint16)
