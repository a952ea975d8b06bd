"""Patches of color, and the signals that stand for them in other color spaces: by the standards' own formulas."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoomdream.media.ffmpeg import executable

Floats = NDArray[np.float64]

PATCHES = np.array(
    [
        *[(255, 255, 255), (128, 128, 128), (200, 30, 30), (30, 180, 40)],
        *[(40, 60, 200), (230, 200, 60), (180, 120, 95), (20, 20, 20)],
    ]
)
"""sRGB in 0..255."""

# Linear BT.709 to others of the same white: ITU-R BT.2087, and Display P3.
TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
TO_P3 = np.array([[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]])
SIDE = 16
"""Of a patch, in pixels."""


def to_linear(colors: NDArray[Any]) -> Floats:
    """sRGB in 0..255 -> light in [0, 1]."""
    values = np.asarray(colors, float) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def srgb_signal(light: Floats) -> Floats:
    """Light in [0, 1] -> sRGB in [0, 1]."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def pq_signal(light: Floats) -> Floats:
    """SMPTE ST 2084; 1 is 203 nits."""
    power = np.maximum(light * 203 / 10000, 0) ** (1305 / 8192)
    return ((107 / 128 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


def hlg_signal(light: Floats) -> Floats:
    """BT.2100's HLG on a display of 1000 nits, in BT.2020's primaries; 1 is 203 nits."""
    nits, luma = light * 203, (light @ [0.2627, 0.6780, 0.0593])[..., None] * 203
    scene = nits / 1000 * np.maximum(luma / 1000, 1e-9) ** ((1 - 1.2) / 1.2)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    logarithm = a * np.log(np.maximum(12 * scene - b, 1e-9)) + c
    return np.where(scene <= 1 / 12, np.sqrt(3 * np.clip(scene, 0, 1)), logarithm)


def codes(signal: Floats) -> NDArray[np.uint16]:
    """A signal in [0, 1] in 16 bits, as a picture of one row: 1xNx3."""
    return (np.clip(signal, 0, 1) * 65535).round().astype(np.uint16)[None]


def patch_film(path: Path, signal: Floats, filters: str, *options: object) -> Path:
    """A film of three frames with a patch for each row of `signal` (Nx3 in [0, 1]), side by side."""
    frame = np.kron(codes(signal), np.ones((SIDE, SIDE, 1), np.uint16)).astype("<u2")
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb48le", "-s", f"{frame.shape[1]}x{SIDE}", "-r", "10", "-i", "pipe:0")
    command = [executable(), "-v", "error", "-y", *raw, "-vf", filters, *map(str, options), str(path)]
    subprocess.run(command, input=frame.tobytes() * 3, check=True)
    return path


def patch_colors(frame: NDArray[np.uint8]) -> Floats:
    """The mean color of each patch's middle: Nx3."""
    patches = frame.reshape(SIDE, -1, SIDE, 3)[4:-4, :, 4:-4]
    return np.asarray(patches.mean((0, 2)), float)
