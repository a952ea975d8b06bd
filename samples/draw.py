"""Draw the sample pictures: python samples/draw.py [NAME ...]. They come out beside this file, the same every time."""

import sys
from pathlib import Path

import cv2
import numpy as np
from painting import clouds, hills, marble, reef
from painting.noise import Array

FOLDER = Path(__file__).parent
SIZE = 1280, 720
JPEG_QUALITY = 92
# Each picture's painter, and how many times larger it is drawn than it is kept: clouds have no edges to smooth.
PICTURES = {"clouds": (clouds.draw, 1), "hills": (hills.draw, 2), "reef": (reef.draw, 2), "marble": (marble.draw, 2)}


def soft_clip(linear: Array, knee: float = 0.8) -> Array:
    """Values up to the knee as they are; above, ever closer to 1."""
    bright = np.maximum(linear - knee, 0)
    return np.minimum(np.maximum(linear, 0), knee) + (1 - knee) * (1 - np.exp(-bright / (1 - knee)))


def encode(linear: Array) -> Array:
    """Linear RGB to 8-bit sRGB, with half a step of noise, since a sky shows bands without it."""
    light = soft_clip(linear)
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    noise = np.random.default_rng(0).random(srgb.shape, dtype=np.float32)
    return np.clip(srgb * 255 + noise, 0, 255).astype(np.uint8)


def picture(name: str, size: tuple[int, int] = SIZE) -> Array:
    """One picture, 8-bit RGB, height x width x 3."""
    draw, larger = PICTURES[name]
    linear = draw(size[0] * larger, size[1] * larger).astype(np.float32)
    return encode(cv2.resize(linear, size, interpolation=cv2.INTER_AREA))


def main(names: list[str]) -> None:
    """Draw the named pictures, or all, into this folder."""
    for name in names or PICTURES:
        bgr = cv2.cvtColor(picture(name), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(FOLDER / f"{name}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


if __name__ == "__main__":
    main(sys.argv[1:])
