"""A summer sky: cumulus as a volume, marched front to back in flat slices, lit through the cloud towards the sun.

Units: the height of the cloud base. Axes: x right, y up, z away from the eye.
"""

import numpy as np

from painting.noise import Array, bubbles, fractal, gradient, mix, sample, sample_slice, smoothstep

BASE, CEILING = 1.0, 4.6
THICKNESS = 1.5
EXTINCTION = 26.0
SUN = (-0.665, 0.585, -0.464)
SUN_STEPS = (0.025, 0.06, 0.12, 0.22, 0.4, 0.75)  # distances towards the sun at which its light is tested
SUNLIGHT, SKYLIGHT = np.array([1.0, 0.95, 0.86]), np.array([0.15, 0.205, 0.29])
HAZE = np.array([0.62, 0.74, 0.86])

# The composition: x, z, radius and strength of each cloud; beyond z = 8 the weather places them.
CLOUDS = (
    (1.7, 6.2, 1.5, 1.2),
    (-3.1, 6.9, 1.35, 1.1),
    (0.1, 9.0, 1.5, 0.9),
    (4.7, 8.0, 1.4, 1.0),
    (-0.5, 6.0, 0.6, 0.74),
    (-5.5, 10.5, 1.6, 1.0),
    (-0.95, 3.4, 0.75, 0.58),
    (-1.5, 3.9, 0.6, 0.56),
    (0.35, 3.9, 0.6, 0.54),
    (-1.1, 5.0, 0.6, 0.57),
)


class Air:
    """How much cloud there is at any place."""

    def __init__(self, seed: int):
        self.weather = fractal((256, 256), 2.0, seed)
        self.shape = fractal((96, 96, 96), 2.2, seed + 1)
        self.wisps = fractal((96, 96, 96), 1.9, seed + 1)
        self.puffs = bubbles(3, 128, 8, seed + 2)
        self.detail = bubbles(3, 128, 8, seed + 3)

    def cover(self, x: Array, z: float) -> Array:
        """How strongly cloud grows above each point of the ground."""
        placed = np.zeros_like(x)
        for cx, cz, radius, strength in CLOUDS:
            away = np.sqrt((x - cx) ** 2 + ((z - cz) * 1.1) ** 2) / radius
            placed = np.maximum(placed, strength * (1 - smoothstep(0.15, 1.5, away)))
        weather = sample(self.weather, x / 14 + 0.11, np.full_like(x, z / 14 + 0.37))
        return np.clip(placed + 0.1 * weather + smoothstep(8, 13, z) * (0.4 * weather + 0.1), 0, 1.3)

    def density(self, x: Array, y: Array, z: float, fine: bool = True) -> Array:
        """Cloud in [0, 1]: a mound that thins upwards, swollen by puffs upon puffs; fine adds the two smallest."""
        shape = sample_slice(self.shape, x / 4.0, y / 4.0, z / 4.0)
        sag = sample_slice(self.puffs, x / 4.3, y / 4.3, z / 4.3)
        level = (y - BASE + 0.12 * sag - 0.03 + 0.02 * shape) / THICKNESS
        bend = 0.05 * shape
        swell = sample_slice(self.puffs, x / 7.3 + bend, y / 6.6 + 0.2, z / 7.3)
        puffs = sample_slice(self.puffs, x / 3.1 + bend, y / 2.8, z / 3.1)
        small = sample_slice(self.detail, x / 1.3 + bend, y / 1.3, z / 1.3)
        mound = 1.05 * self.cover(x + 0.25 * shape, z) - 0.62 * np.clip(level, 0, None) - 0.45 + 0.45 * (swell - 0.4)
        body = mound + 0.4 * (puffs - 0.4) + 0.19 * (small - 0.4) + 0.06 * shape
        loose = 1 - smoothstep(-0.15, 0.1, mound)  # scraps torn from the mound dissolve into wisps
        if fine:
            body += 0.08 * (sample_slice(self.detail, x / 0.53 + 0.3, y / 0.53, z / 0.53) - 0.5)
            body += (0.03 + 0.05 * loose) * sample_slice(self.wisps, x / 0.9, y / 0.9, z / 0.9)
        low = 1 - smoothstep(-0.06, 0.16, level)
        return smoothstep(0, 1, (body - 1.1 * low) / (0.22 + 0.35 * loose + 0.2 * low))

    def sunlight(self, x: Array, y: Array, z: float) -> Array:
        """The part of the sun's light that reaches each place through the cloud between.

        Three exponentials for one: light scattered many times goes deeper than light scattered once
        (Wrenninge, Kulla and Lundqvist, "Oz: The Great and Volumetric", 2013).
        """
        depth, last = np.zeros_like(x), 0.0
        for step in SUN_STEPS:
            at = (step + last) / 2
            depth += self.density(x + SUN[0] * at, y + SUN[1] * at, z + SUN[2] * at, fine=at < 0.15) * (step - last)
            last = step
        depth *= EXTINCTION
        return 0.6 * np.exp(-0.9 * depth) + 0.3 * np.exp(-0.16 * depth) + 0.1 * np.exp(-0.03 * depth)


def blue_sky(v: Array) -> Array:
    """Pale at the horizon (v = 0), deep above (v = 1)."""
    colors = [(0.66, 0.77, 0.86), (0.45, 0.63, 0.82), (0.19, 0.40, 0.70), (0.045, 0.20, 0.50), (0.015, 0.115, 0.36)]
    return gradient([0, 0.1, 0.3, 0.65, 1], colors, v)


def cirrus(u: Array, v: Array, seed: int) -> Array:
    """The cover, in [0, 1], of a thin high layer combed by the wind."""
    soft = fractal((512, 512), 1.9, seed)
    fine = fractal((1024, 1024), 1.35, seed + 1)
    z = 1 / (v + 0.12)
    x = u * z
    along, across = 0.9 * x + 0.5 * z, 0.9 * z - 0.35 * x
    warp = sample(soft, x / 9, z / 9)
    veil = sample(soft, along / 14 + 0.28, across / 9 + 0.3 + 0.02 * warp)
    strand = sample(fine, along / 26, across / 5 + 0.012 * warp)
    return smoothstep(-0.2, 2.2, veil) * smoothstep(-1.5, 2.5, strand)


def cloud_color(air: Air, x: Array, y: Array, z: float) -> Array:
    """The light from a piece of cloud: of the sun, of the sky (less from below), and haze that grows with distance."""
    sky = 0.45 + 0.55 * np.sqrt(np.clip((y - BASE) / THICKNESS, 0, 1))
    lit = air.sunlight(x, y, z)[:, None] * SUNLIGHT + sky[:, None] * SKYLIGHT
    return mix(lit, HAZE, 1 - np.exp(-(np.full_like(x, z / 22) ** 1.4)))


def march(air: Air, u: Array, v: Array, slices: int) -> tuple[Array, Array]:
    """Cloud along each ray (u, v, 1): its color, premultiplied, and how much of what lies behind still shows."""
    color, left = np.zeros((u.size, 3), np.float32), np.ones(u.size, np.float32)
    depths = np.geomspace(2.4, 30, slices)
    for z, thickness in zip(depths.tolist(), np.gradient(depths).tolist(), strict=True):
        seen = np.flatnonzero((v * z > BASE - 0.2) & (v * z < CEILING) & (left > 0.004))
        density = air.density(u[seen] * z, v[seen] * z, z)
        seen, density = seen[density > 0.001], density[density > 0.001]
        if not seen.size:
            continue
        path = thickness * np.sqrt(1 + u[seen] ** 2 + v[seen] ** 2)
        stopped = left[seen] * (1 - np.exp(-EXTINCTION * density * path))
        color[seen] += stopped[:, None] * cloud_color(air, u[seen] * z, v[seen] * z, z)
        left[seen] -= stopped
    return color, left


def draw(width: int, height: int, seed: int = 3, slices: int = 160) -> Array:
    """The picture, in linear RGB."""
    focal = 1.05 * width
    u = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / focal
    v = (1.03 * height - np.arange(height, dtype=np.float32) - 0.5) / focal
    u, v = (a.ravel() for a in np.meshgrid(u, v))
    sky = mix(blue_sky(v / v.max()), (0.86, 0.90, 0.95), 0.6 * cirrus(u, v, seed + 40))
    color, left = march(Air(seed), u, v, slices)
    return (color + left[:, None] * sky).reshape(height, width, 3)
