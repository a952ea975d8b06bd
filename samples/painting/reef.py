"""A tide pool from above: pebbles, corals, anemones, shells and stars in one height map, lit through moving water.

Units: the width of the picture.
"""

from collections.abc import Callable

import cv2
import numpy as np

from painting.creatures import ANEMONES, Patch, Rng, Textures, bead, brain, flower, shell, star, stone
from painting.noise import Array, sample

SUN = np.array([-0.55, -0.50, 0.67]) / np.linalg.norm([-0.55, -0.50, 0.67])
EYE = np.array([0.0, 0.0, 1.0])
Maker = Callable[[Array, Array, Rng, Textures], Patch]


class Pool:
    """The height and the color of everything in the pool, seen from above."""

    def __init__(self, width: int, height: int, tex: Textures):
        self.scale, self.tex = width, tex
        self.x, self.y = np.meshgrid(*[np.arange(n, dtype=np.float32) / width for n in (width, height)])
        grain = sample(tex.rough, self.x * 3, self.y * 3)
        self.height = (0.004 * sample(tex.soft, self.x, self.y) + 0.0006 * grain).astype(np.float32)
        self.color = (np.array([0.42, 0.34, 0.24]) * (1 + 0.2 * grain)[..., None]).astype(np.float32)

    def put(self, make: Maker, x: float, y: float, radius: float, rng: Rng, lift: float = 0.0) -> None:
        """Set one thing down, lifted off the ground; it shows where it is higher than what is there."""
        left, top = (max(int((c - radius) * self.scale), 0) for c in (x, y))
        right, bottom = (max(int((c + radius) * self.scale) + 2, 0) for c in (x, y))
        spot = np.s_[top:bottom, left:right]
        if not self.height[spot].size:
            return
        shape, color, inside = make((self.x[spot] - x) / radius, (self.y[spot] - y) / radius, rng, self.tex)
        above = inside & (shape * radius + lift > self.height[spot])
        self.height[spot][above] = (shape * radius + lift)[above]
        self.color[spot][above] = color[above]

    def put_tentacle(self, x: float, y: float, angle: float, ring: int, radius: float, tint: Array, rng: Rng) -> None:
        """A string of beads that tapers, arches and curls, from dark foot (tint[0]) to pale tip (tint[1])."""
        curl, step = rng.normal(0, 1.6), radius * (0.62 - 0.09 * ring) * rng.uniform(0.8, 1.15) / 26
        for t in np.linspace(0, 1, 26).tolist():
            x, y = x + step * np.cos(angle + curl * t * t), y + step * np.sin(angle + curl * t * t)
            arch = 0.22 * np.sin(np.pi * min(1, t * 1.1)) * (0.6 + 0.2 * ring)
            size = radius * (0.085 * (1 - 0.62 * t) + 0.012 * (t > 0.93))
            color = tint[0] + (tint[1] - tint[0]) * t**2.5
            self.put(bead(color), float(x), float(y), size, rng, radius * (0.16 + 0.12 * ring + arch - 0.1 * t))

    def put_anemone(self, x: float, y: float, radius: float, rng: Rng) -> None:
        """Four rings of tentacles, the inner ones shorter and higher."""
        tint = np.array(ANEMONES[rng.integers(len(ANEMONES))])
        for ring, (inner, count) in enumerate(((0.45, 30), (0.33, 24), (0.2, 15), (0.08, 7))):
            for k in range(count):
                angle = (k + rng.uniform(-0.3, 0.3)) / count * 2 * np.pi
                foot = x + inner * radius * np.cos(angle), y + inner * radius * np.sin(angle)
                self.put_tentacle(*foot, angle, ring, radius, tint, rng)


def pack(rng: Rng, aspect: float) -> list[list[float]]:
    """The x, y and radius of circles that barely overlap, the biggest placed first."""
    placed = np.zeros((0, 3))
    for low, high, tries in ((0.085, 0.115, 120), (0.055, 0.078, 400), (0.03, 0.048, 1500), (0.015, 0.027, 5000)):
        for _ in range(tries):
            radius, x, y = rng.uniform(low, high), rng.uniform(-0.02, 1.02), rng.uniform(-0.02, aspect + 0.02)
            if (np.hypot(placed[:, 0] - x, placed[:, 1] - y) > 0.93 * (placed[:, 2] + radius)).all():
                placed = np.vstack([placed, [x, y, radius]])
    return placed.tolist()


def choose(radius: float, zone: float, rng: Rng) -> str:
    """What grows in a circle: by its size, and by a slow noise that gathers the flowers into colonies."""
    if radius > 0.08:
        return rng.choice(["brain", "anemone", "shell", "star"], p=[0.35, 0.3, 0.2, 0.15])
    if radius > 0.05:
        kinds = ["brain", "anemone", "shell", "star", "stone", "flower"]
        return rng.choice(kinds, p=[0.15, 0.2, 0.3, 0.15, 0.1, 0.1])
    if zone > 0.3:
        return "flower"
    if zone < -0.9:
        return "shell"
    return rng.choice(["stone", "shell", "brain"], p=[0.75, 0.15, 0.1])


def furnish(pool: Pool, aspect: float, seed: int) -> None:
    """Gravel everywhere, then one thing in each circle."""
    rng = np.random.default_rng(seed)
    for _ in range(5200):
        pool.put(stone, rng.uniform(0, 1), rng.uniform(0, aspect), rng.uniform(0.004, 0.013), rng)
    makers: dict[str, Maker] = {"brain": brain, "stone": stone, "star": star, "shell": shell, "flower": flower}
    for x, y, radius in pack(rng, aspect):
        zone = sample(pool.tex.soft, [x * 0.9], [y * 0.9])[0] + 0.35 * rng.normal()
        kind = choose(radius, zone, rng)
        if kind == "anemone":
            pool.put_anemone(x, y, radius, rng)
        else:
            pool.put(makers[kind], x, y, radius * 1.06, rng, 0.15 * radius)


def normals(height: Array) -> Array:
    """Unit normals of a height map, in pixels."""
    slopes = [cv2.Sobel(height, cv2.CV_32F, *axis, scale=1 / 8) for axis in ((1, 0), (0, 1))]
    normal = np.stack([-slopes[0], -slopes[1], np.ones_like(height)], -1)
    return normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def shadow(height: Array) -> Array:
    """How much of the sun is hidden, in [0, 1], softer the further away what hides it is."""
    rows, width = height.shape
    hidden, flat = np.zeros_like(height), float(np.hypot(SUN[0], SUN[1]))
    for step in (np.geomspace(0.0012, 0.07, 22) * width).tolist():
        move = np.float32([[1, 0, -SUN[0] / flat * step], [0, 1, -SUN[1] / flat * step]])
        towards = cv2.warpAffine(height, move, (width, rows), borderMode=cv2.BORDER_REPLICATE)
        above = (towards - height - step * float(SUN[2]) / flat) / (0.0015 * width + 0.18 * step)
        hidden = np.maximum(hidden, np.clip(above + 0.3, 0, 1))
    return hidden


def openness(height: Array) -> Array:
    """How much of the sky each place sees, in [0, 1], judged by how far it lies below its surroundings."""
    hollow = np.zeros_like(height)
    for sigma in (0.003 * height.shape[1], 0.008 * height.shape[1], 0.02 * height.shape[1]):
        hollow += np.clip(cv2.GaussianBlur(height, (0, 0), sigma) - height, 0, None) / sigma
    return np.exp(-0.85 * hollow)


def caustics(pool: Pool) -> Array:
    """The net of light that the waves throw on the ground; about 1."""
    x, y, soft = pool.x, pool.y, pool.tex.soft
    wx, wy = sample(soft, x * 1.1, y * 1.1), sample(soft, x * 1.1 + 0.5, y * 1.1 + 0.5)
    large = np.exp(-3.2 * np.abs(sample(soft, x * 1.5 + 0.05 * wx, y * 1.5 + 0.05 * wy)))
    small = np.exp(-3.2 * np.abs(sample(soft, x * 2.2 + 0.07 * wy + 0.3, y * 2.2 + 0.05 * wx)))
    return 0.72 + 0.75 * (large * small) ** 0.8 + 0.2 * large


def shade(pool: Pool) -> Array:
    """Sun, sky and wet gloss, then the water's own color, which grows with depth."""
    height = cv2.GaussianBlur(pool.height, (0, 0), 0.0006 * pool.scale) * pool.scale
    normal, lit = normals(height), 1 - shadow(height)
    sun = np.clip(normal @ SUN, 0, None) * (0.12 + 0.88 * lit) * caustics(pool)
    sky = openness(height) * (0.6 + 0.4 * normal[..., 2])
    halfway = (SUN + EYE) / np.linalg.norm(SUN + EYE)
    gloss = 0.22 * lit * np.clip(normal @ halfway, 0, None) ** 60
    light = sun[..., None] * np.array([2.0, 1.72, 1.35]) + sky[..., None] * np.array([0.33, 0.38, 0.40])
    seen = pool.color * light + gloss[..., None] * np.array([1.0, 1.0, 0.95])
    depth = np.clip(0.085 - height / pool.scale, 0, None)[..., None]
    return seen * np.exp(-depth * np.array([4.2, 1.9, 1.9])) + (1 - np.exp(-3 * depth)) * np.array([0.02, 0.07, 0.085])


def draw(width: int, height: int, seed: int = 5) -> Array:
    """The picture, in linear RGB."""
    pool = Pool(width, height, Textures(seed))
    furnish(pool, height / width, seed)
    scene = shade(pool)
    return 1.2 * scene**1.12 * (1 + scene / 6) / (1 + 0.5 * scene)
