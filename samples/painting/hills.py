"""Mountains at dusk: a height field seen across a lake, its mirror image in the water, conifers in front.

Units: about a kilometer; the lake is at height 0. Axes: x right, y up, z away from the eye. A ray is (u, v, 1).
"""

import cv2
import numpy as np

from painting.conifers import grove
from painting.noise import Array, bubbles, fractal, gradient, mix, sample, smoothstep

EYE = 0.22
NEAR, FAR = 3.0, 60.0
SUN_U, SUN_V = -0.16, 0.075  # where the sun has just gone down
# The mountains take their light from further left, where the sun stood a little earlier: their sides glow.
SUN = np.array([-0.72, 0.36, 0.30]) / np.linalg.norm([-0.72, 0.36, 0.30])
ROCK, FOREST, SNOW = np.array([0.26, 0.22, 0.21]), np.array([0.026, 0.042, 0.034]), np.array([0.75, 0.75, 0.80])


class Land:
    """The height field, and the noise that everything in the picture shares."""

    def __init__(self, seed: int):
        self.soft = fractal((512, 512), 2.6, seed)
        self.swell = fractal((512, 512), 3.2, seed)
        self.rough = fractal((1024, 1024), 1.6, seed + 1)
        self.crowns = bubbles(2, 1024, 64, seed + 2)

    def ridges(self, x: Array, z: Array) -> Array:
        """Ridged noise in eight octaves, each strong only on the heights of the one before (after F. K. Musgrave)."""
        warp = 0.5 * sample(self.soft, x / 31 + 0.5, z / 31)
        total, weight = np.zeros_like(x), np.ones_like(x)
        for octave in range(8):
            scale = 2.03**octave / 42
            n = sample(self.swell, x * scale + 0.13 * octave + warp * scale, z * scale + 0.37 * octave)
            ridge = (1 - np.sqrt(n * n + 0.003)).clip(-0.5, 1)
            total += weight * ridge * 0.46**octave
            weight = np.clip(0.25 + 0.9 * ridge * weight, 0, 1)
        return total

    def ground(self, x: Array, z: Array) -> Array:
        """The height of the bare ground: lake bed, shore, foothills, mountains behind mountains."""
        rise = 0.22 * smoothstep(6, 9.5, z) + 2.6 * smoothstep(8, 20, z) + 5.0 * smoothstep(18, 45, z)
        shore = smoothstep(5.5, 8.5, z + 1.2 * sample(self.soft, x / 11 + 0.3, z / 30) + 0.10 * x**2)
        return -0.3 + 0.36 * shore + rise * np.clip(self.ridges(x, z) - 0.45, -0.1, None)

    def crown(self, x: Array, z: Array) -> Array:
        """Tree tops seen from above: 1 at a tip, 0 between the trees."""
        warp = 0.006 * sample(self.rough, x / 2, z / 2)
        return sample(self.crowns, x / 5.3 + warp, z / 5.3 - warp)

    def surface(self, x: Array, z: Array) -> Array:
        """The ground and the trees on it."""
        ground = self.ground(x, z)
        grown = smoothstep(0.0, 0.025, ground) * (1 - smoothstep(0.9, 1.6, ground))
        size = 1 + 0.35 * sample(self.rough, x / 8, z / 8)
        return ground + 0.11 * grown * size * (self.crown(x, z) - 0.3).clip(0)


def clear_sky(u: Array, v: Array) -> Array:
    """Gold at the horizon, slate blue above, and the glow about the sun."""
    colors = [(0.80, 0.42, 0.18), (0.66, 0.32, 0.20), (0.34, 0.23, 0.28), (0.12, 0.14, 0.27), (0.04, 0.07, 0.18)]
    base = gradient([0, 0.06, 0.15, 0.3, 0.5], colors, v)
    away = (u - SUN_U) ** 2 + ((v - SUN_V) * 1.3) ** 2
    disc = np.exp(-away / 0.004)[..., None] * np.array([0.90, 0.675, 0.378])
    halo = np.exp(-np.sqrt(away) / 0.16)[..., None] * np.array([0.55, 0.30, 0.121])
    return base * (1 - 0.5 * np.clip(np.abs(u - SUN_U), 0, 0.7))[..., None] + disc + halo


def cloud_deck(land: Land, x: Array, z: Array) -> Array:
    """The thickness, in [0, 1], of a broken layer of cloud overhead."""
    warp = sample(land.soft, x / 16, z / 16)
    large = sample(land.soft, x / 22 + 0.02 * warp + 0.1, z / 16 + 0.6)
    middle = sample(land.rough, x / 17 + 0.02 * warp, z / 11 + 0.02 * warp)
    small = sample(land.rough, x / 6.1 + 0.03 * warp, z / 3.7)
    return smoothstep(-0.9, 1.6, 0.65 * large + 0.65 * middle + 0.35 * small)


def sky(land: Land, u: Array, v: Array) -> Array:
    """The clear sky and the cloud deck, its edges lit by the sun, dim where there is cloud on the way to it."""
    z = 1 / (np.clip(v, 0, None) + 0.11)
    x = u * z
    shadow = sum(cloud_deck(land, x + s * (SUN_U * z - x) / 3, z + s * 1.6) for s in (0.06, 0.15, 0.3)) / 3
    near = np.exp(-np.hypot(u - SUN_U, (v - SUN_V) * 1.2) / 0.3)[..., None]
    gold = np.array([1.0, 0.40, 0.16]) * (0.35 + 1.1 * near) + np.array([0.10, 0.05, 0.08])
    dim = np.array([0.16, 0.12, 0.19]) * (0.8 + near)
    cover = (1 - np.exp(-2.4 * cloud_deck(land, x, z))) * smoothstep(-0.01, 0.07, v)
    return mix(clear_sky(u, v), mix(dim, gold, np.exp(-2.6 * shadow)), cover)


def first_hit(land: Land, u: Array, v: Array, eye: float, slices: int = 1400) -> Array:
    """The depth at which each ray of the grid v (rising) by u meets the land; infinite in the sky.

    Column by column: the steepest slope so far, front to back, only rises, so a ray's hit is a search in it.
    """
    depths = np.geomspace(NEAR, FAR, slices).astype(np.float32)
    x, z = u * depths[:, None], np.broadcast_to(depths[:, None], (slices, u.size))
    slope = (land.surface(x, z) - eye) / z
    skyline = np.maximum.accumulate(slope, axis=0)
    hit = np.stack([np.searchsorted(skyline[:, i], v) for i in range(u.size)], 1)
    after, column = hit.clip(1, slices - 1), np.arange(u.size)
    low, high = slope[after - 1, column], slope[after, column]
    part = np.clip((v[:, None] - low) / np.where(high > low, high - low, 1), 0, 1)
    depth = depths[after - 1] + part * (depths[after] - depths[after - 1])
    return np.where(hit < slices, depth, np.inf).astype(np.float32)


def normals(land: Land, x: Array, y: Array, z: Array) -> Array:
    """Unit normals of the ground, roughened."""
    step, here = 0.012 * np.sqrt(z), land.ground(x, z)
    rough = [0.22 * sample(land.rough, x / 5 + shift, y / 3.2 + z / 9) for shift in (0, 0.5)]
    slope_x = (land.ground(x + step, z) - here) / step + rough[0]
    slope_z = (land.ground(x, z + step) - here) / step + rough[1]
    normal = np.stack([-slope_x, np.ones_like(x), -slope_z], -1)
    return normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def land_color(land: Land, x: Array, y: Array, z: Array) -> Array:
    """Rock, forest below and snow above, in the last sunlight and the light of the sky."""
    normal = normals(land, x, y, z)
    grain = sample(land.rough, x / 3, z / 3)
    strata = sample(land.rough, x / 9 + 0.2, y / 1.1 + 0.05 * grain)
    trees = smoothstep(-0.005, 0.015, y) * (1 - smoothstep(1.1, 1.9, y + 0.15 * grain))
    snow = smoothstep(2.2, 3.2, y + 0.3 * grain) * smoothstep(0.55, 0.8, normal[:, 1])
    rock = ROCK * (1 + 0.2 * grain + 0.16 * strata)[:, None]
    forest = FOREST * (0.15 + 2.2 * land.crown(x, z) + 0.2 * grain).clip(0.1)[:, None]
    sun = np.clip(normal @ SUN + 0.12, 0, None)[:, None] * np.array([2.6, 1.15, 0.46])
    above = (0.5 + 0.5 * normal[:, 1:2]) * np.array([0.20, 0.23, 0.40])
    return mix(mix(rock, forest, trees), SNOW, snow) * (sun + above)


def veil(land: Land, x: Array, y: Array, z: Array) -> Array:
    """The share, in [0, 1], of each pixel that distant haze and mist in the valleys cover."""
    haze = 1 - np.exp(-((z / 46) ** 1.35))
    drift = sample(land.soft, x / 7, z / 7) + 0.4 * sample(land.rough, x / 9, z / 9)
    mist = 0.8 * np.exp(-np.clip(y, 0, None) / 0.35) * smoothstep(-1.0, 1.8, drift) * smoothstep(8, 17, z)
    return 1 - (1 - haze) * (1 - mist)


def view(land: Land, u: Array, v: Array, eye: float) -> tuple[Array, Array]:
    """Sky and land as seen from a height, and the land's depth; v must rise."""
    depth = first_hit(land, u, v, eye)
    u, v = np.meshgrid(u, v)
    color, hit = sky(land, u, v), np.isfinite(depth)
    z = depth[hit]
    x, y = u[hit] * z, v[hit] * z + eye
    glow = np.exp(-np.abs(u[hit] - SUN_U) / 0.22)[:, None]
    air = np.array([0.19, 0.18, 0.27]) + glow * np.array([0.50, 0.24, 0.06])
    color[hit] = mix(land_color(land, x, y, z), air, veil(land, x, y, z))
    return color, depth


def lake(land: Land, u: Array, v: Array, focal: float) -> Array:
    """The water, ripples on it: the scene as seen from as far below the lake, mirrored; v falls from 0 down."""
    mirrored, _ = view(land, u, -v, -EYE)
    u, v = np.meshgrid(u, v)
    z = np.minimum(-EYE / v, FAR)
    ripples = 0.006 * sample(land.rough, u * z / 5, z / 1.7) + 0.004 * sample(land.rough, u * z / 1.3 + 0.3, z / 0.45)
    ripples *= smoothstep(0, 0.2, -v) ** 0.7
    column = (u + 0.25 * ripples) * focal + mirrored.shape[1] / 2 - 0.5
    row = (ripples - v) * focal
    maps = [a.astype(np.float32) for a in (column, row)]
    seen = cv2.remap(mirrored.astype(np.float32), *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return mix((0.012, 0.020, 0.030), seen, 0.9 - 0.9 * np.clip(-v, 0, 0.4))


def develop(scene: Array) -> Array:
    """A little contrast and saturation, and room for the glow."""
    scene = np.clip(scene - 0.008, 0, None) * 1.25
    scene = scene * (1 + scene / 5) / (1 + 0.45 * scene)
    gray = scene.mean(-1, keepdims=True)
    return gray * (gray / 0.25) ** 0.12 + 1.12 * (scene - gray)


def draw(width: int, height: int, seed: int = 11) -> Array:
    """The picture, in linear RGB."""
    land = Land(seed)
    u = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / width
    v = (0.69 * height - np.arange(height, dtype=np.float32) - 0.5) / width
    scene, depth = (a[::-1].copy() for a in view(land, u, v[::-1], EYE))
    below = v < 0
    water = depth[below] > (-EYE / v[below])[:, None]
    scene[below] = np.where(water[..., None], lake(land, u, v[below], width), scene[below])
    trees, light = grove(width, height, seed)
    silhouette = np.array([0.006, 0.008, 0.010]) + light[..., None] * np.array([0.040, 0.034, 0.030])
    return develop(mix(scene, silhouette, trees))
