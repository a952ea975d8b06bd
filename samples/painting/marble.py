"""Marbled paint: colored bands stirred by many eddies into spirals, with the relief of thick paint in low light.

Units: the width of the picture.
"""

import cv2
import numpy as np

from painting.noise import Array, fractal, mix, sample, smoothstep

CREAM = (0.80, 0.72, 0.58)
# Around the wheel: night, sea, sand, ochre, rust, umber, skin, shell, slate, and night again.
PALETTE = np.array(
    [
        (0.015, 0.030, 0.050),
        (0.030, 0.100, 0.140),
        (0.100, 0.260, 0.290),
        (0.380, 0.500, 0.460),
        (0.780, 0.720, 0.560),
        (0.720, 0.460, 0.200),
        (0.450, 0.170, 0.070),
        (0.160, 0.050, 0.035),
        (0.420, 0.200, 0.120),
        (0.750, 0.550, 0.360),
        (0.820, 0.770, 0.660),
        (0.360, 0.440, 0.470),
        (0.080, 0.140, 0.200),
    ],
    np.float32,
)


def wheel(turn: Array) -> Array:
    """The color at each place of the palette, which closes on itself once per turn."""
    place = (turn % 1) * len(PALETTE)
    first = place.astype(int) % len(PALETTE)
    return mix(PALETTE[first], PALETTE[(first + 1) % len(PALETTE)], smoothstep(0, 1, place % 1))


def eddies(count: int, seed: int) -> list[tuple[float, ...]]:
    """The x, y, radius and turn (radians at the center) of each eddy, the smallest first."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-0.1, 1.1, count), rng.uniform(-0.1, 0.66, count)
    radius = 0.03 + 0.13 * rng.random(count) ** 2.2
    turn = rng.choice([-1, 1], count) * rng.uniform(2.0, 5.5, count)
    order = np.argsort(radius)
    return [tuple(row) for row in np.stack([x, y, radius, turn], 1)[order].tolist()]


def stir(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """The positions that the paint at x, y had before stirring: rotated back about each eddy, the smallest first."""
    for cx, cy, radius, turn in eddies(70, seed):
        dx, dy = x - cx, y - cy
        angle = turn * np.exp(-((np.hypot(dx, dy) / radius) ** 1.35))
        cos, sin = np.cos(angle), np.sin(angle)
        x, y = cx + cos * dx - sin * dy, cy + sin * dx + cos * dy
    return x, y


def relief(color: Array) -> Array:
    """The brightness, about 1, of paint lit from above left that is thicker where it is paler."""
    width = color.shape[1]
    tone = cv2.GaussianBlur(np.sqrt(color.mean(-1)), (0, 0), width / 900)
    slope_x = cv2.Sobel(tone, cv2.CV_32F, 1, 0, scale=width / 8000)
    slope_y = cv2.Sobel(tone, cv2.CV_32F, 0, 1, scale=width / 8000)
    return np.clip(1 + 1.32 * slope_x + 1.76 * slope_y, 0.45, 1.7)


def draw(width: int, height: int, seed: int = 23) -> Array:
    """The picture, in linear RGB."""
    soft, rough = fractal((512, 512), 2.4, seed), fractal((1024, 1024), 1.45, seed + 1)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32) + 0.5, np.arange(height, dtype=np.float32) + 0.5)
    x, y = stir(x / width, y / width, seed + 3)
    warp = sample(soft, x * 0.9, y * 0.9), sample(soft, x * 0.9 + 0.5, y * 0.9 + 0.3)
    x, y = x + 0.035 * warp[0], y + 0.035 * warp[1]
    fine, hair = sample(rough, x * 1.2, y * 3.6), sample(rough, x * 3.1 + 0.4, y * 9.7)
    band = 1.7 * y + 0.13 * sample(soft, x * 0.8, y * 1.3) + 0.05 * sample(soft, x * 2.7 + 0.2, y * 4.1) + 0.1
    color = wheel(band + 0.018 * fine + 0.008 * hair)
    veil = smoothstep(-0.2, 2.0, sample(soft, x * 1.7 + 0.6, y * 2.3 + 0.1) + 0.4 * fine)
    color = mix(color, CREAM, 0.2 * veil) * (1 + 0.15 * fine + 0.12 * hair)[..., None].clip(0.3)
    color = color.astype(np.float32)
    color *= relief(color)[..., None]
    return 1.05 * color / (1 + 0.25 * color)
