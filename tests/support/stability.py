"""Films and results for the tests of stability."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.media.ffmpeg import executable
from zoomdream.stability import Stability, measure

Pixels = NDArray[np.uint8]


FRAME_SIZE = (96, 64)


def film(path: Path, frames: Iterable[NDArray[Any]], fps: int = 25) -> Path:
    """A film without loss, so that a difference of frames is what was put there, to the digit."""
    pixels = [np.clip(np.rint(frame), 0, 255).astype(np.uint8) for frame in frames]
    height, width = pixels[0].shape[:2]
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps), "-i", "pipe:0")
    command = [executable(), "-v", "error", "-y", *raw, "-c:v", "ffv1", "-pix_fmt", "gbrp", str(path)]
    subprocess.run(command, input=b"".join(frame.tobytes() for frame in pixels), check=True)
    return path


def texture(width: int, height: int, seed: int = 0) -> Pixels:
    """Soft noise around middle gray, gray enough for dreams of up to 40 levels beside it."""
    noise = np.random.default_rng(seed).normal(0, 1, (height, width))
    soft = cv2.GaussianBlur(noise, (0, 0), 2)
    colors = np.array((150, 125, 100)) + (soft / soft.std() * 15)[..., None]
    return np.asarray(colors.clip(45, 210), np.uint8)


def panning(count: int, step: int, seed: int = 0) -> list[Pixels]:
    """A window that goes `step` pixels to the right each frame over a wide texture: an exact motion."""
    wide = texture(FRAME_SIZE[0] + step * count, FRAME_SIZE[1], seed)
    return [wide[:, step * i : step * i + FRAME_SIZE[0]] for i in range(count)]


def noise(count: int, strength: float = 12, seed: int = 1) -> NDArray[np.float64]:
    """A dream that is a new one in each frame."""
    return np.random.default_rng(seed).normal(0, strength, (count, FRAME_SIZE[1], FRAME_SIZE[0], 3))


def compared(
    folder: Path, outputs: Iterable[NDArray[Any]], sources: Iterable[NDArray[Any]], **options: Any
) -> Stability:
    return measure(film(folder / "out.mkv", outputs), film(folder / "clip.mkv", sources), **options)


def mean(values: NDArray[np.float64]) -> float:
    return float(np.nanmean(values))


def fake_result(strength: Sequence[float], fps: Fraction = Fraction(25), cuts: tuple[int, ...] = ()) -> Stability:
    """Measures from nowhere: nE counts the frames in hundredths."""
    count = len(strength)
    pairs = np.arange(count) / 100
    pairs[[0, *cuts]] = np.nan
    color = np.tile((100.0, 50, 25), (count, 1))
    return Stability(
        output="out.mp4",
        source="clip.mp4",
        method="farneback",
        size=FRAME_SIZE,
        fps=fps,
        start=0,
        cuts=cuts,
        warnings=("a warning",),
        normalized_error=pairs,
        warping_error=pairs / 10,
        source_warping_error=pairs / 20,
        trusted=pairs,
        strength=np.array(strength, float),
        sharpness=np.full(count, 400.0),
        source_sharpness=np.full(count, 200.0),
        color=color,
        source_color=color / 2,
    )
