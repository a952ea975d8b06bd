"""The animals and stones of the tide pool. Each function draws one on a square patch, x and y from -1 to 1, and returns
its height (in units of the patch's radius), its color (linear RGB) and its mask."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from painting.noise import Array, fractal, labyrinth, mix, sample, smoothstep

Patch = tuple[Array, Array, NDArray[np.bool_]]
Color = tuple[float, float, float]
Rng = np.random.Generator

STONES: list[Color] = [
    (0.30, 0.27, 0.24),
    (0.42, 0.37, 0.30),
    (0.20, 0.22, 0.24),
    (0.52, 0.45, 0.36),
    (0.33, 0.20, 0.14),
    (0.26, 0.29, 0.27),
    (0.58, 0.52, 0.45),
    (0.14, 0.16, 0.19),
]
STARS: list[Color] = [(0.62, 0.22, 0.06), (0.52, 0.10, 0.07), (0.58, 0.36, 0.12), (0.30, 0.13, 0.20)]
BRAINS: list[tuple[Color, Color]] = [  # crest, groove
    ((0.52, 0.34, 0.14), (0.20, 0.17, 0.08)),
    ((0.55, 0.25, 0.17), (0.24, 0.09, 0.09)),
    ((0.42, 0.42, 0.20), (0.13, 0.19, 0.10)),
    ((0.50, 0.30, 0.32), (0.22, 0.11, 0.15)),
    ((0.56, 0.44, 0.26), (0.30, 0.18, 0.10)),
]
SHELLS: list[tuple[Color, Color]] = [  # pale, dark
    ((0.66, 0.56, 0.42), (0.36, 0.18, 0.10)),
    ((0.62, 0.44, 0.36), (0.40, 0.14, 0.14)),
    ((0.60, 0.58, 0.52), (0.20, 0.22, 0.26)),
    ((0.70, 0.56, 0.30), (0.34, 0.22, 0.10)),
]
FLOWERS: list[tuple[Color, Color]] = [  # deep, bright
    ((0.10, 0.26, 0.18), (0.50, 0.46, 0.14)),
    ((0.50, 0.16, 0.20), (0.70, 0.45, 0.20)),
    ((0.18, 0.25, 0.34), (0.50, 0.55, 0.46)),
    ((0.56, 0.30, 0.08), (0.75, 0.60, 0.30)),
    ((0.30, 0.12, 0.24), (0.68, 0.38, 0.40)),
]
ANEMONES: list[tuple[Color, Color]] = [  # foot, tip
    ((0.16, 0.34, 0.24), (0.62, 0.40, 0.50)),
    ((0.46, 0.34, 0.18), (0.72, 0.62, 0.42)),
    ((0.40, 0.14, 0.20), (0.74, 0.46, 0.36)),
    ((0.17, 0.27, 0.29), (0.56, 0.60, 0.46)),
]


class Textures:
    """The noise that all of them share."""

    def __init__(self, seed: int):
        self.soft = fractal((512, 512), 2.2, seed)
        self.rough = fractal((1024, 1024), 1.3, seed + 1)
        self.maze = labyrinth(1024, 44, seed + 2)


def tinted(colors: list[Color], rng: Rng) -> Array:
    """One of the colors, with its lightness and hue varied a little."""
    return np.array(colors[rng.integers(len(colors))]) * rng.uniform(0.8, 1.2) * (1 + rng.uniform(-0.06, 0.06, 3))


def round_(radius: Array) -> Array:
    """The profile of a ball: 1 in the middle, 0 at radius 1."""
    return np.sqrt(np.clip(1 - radius**2, 0, 1))


def stone(x: Array, y: Array, rng: Rng, tex: Textures) -> Patch:
    """A pebble, some with a vein of quartz, some speckled."""
    flat, power, turn = rng.uniform(0.62, 0.95), rng.uniform(2.0, 2.8), rng.uniform(0, 7)
    ox, oy = rng.random(2).tolist()
    dent = np.clip(0.08 * sample(tex.soft, x / 9 + ox, y / 9 + oy), -0.12, 0.2)
    a, b = x * np.cos(turn) + y * np.sin(turn), (y * np.cos(turn) - x * np.sin(turn)) / flat
    away = (np.abs(a) ** power + np.abs(b) ** power) ** (1 / power) * (1.13 + dent)
    grain = sample(tex.rough, x / 5 + oy, y / 5 + ox)
    cloudy = sample(tex.soft, x / 4 + oy, y / 4 + ox)
    color = tinted(STONES, rng) * (1 + 0.16 * grain + 0.12 * cloudy)[..., None]
    if rng.random() < 0.35:
        vein = np.abs(sample(tex.soft, a / 6 + ox, b / 11 + oy) + 0.8 * b - rng.normal(0, 0.3))
        color = mix(color, (0.66, 0.62, 0.55), 0.8 * np.exp(-((vein / rng.uniform(0.03, 0.09)) ** 2)))
    if rng.random() < 0.5:
        fleck = smoothstep(0.9, 1.7, sample(tex.rough, x / 1.7 + ox, y / 1.7 + oy))
        color = mix(color, color * 0.35 if rng.random() < 0.5 else (0.60, 0.57, 0.50), 0.75 * fleck)
    return 0.55 * flat * np.sqrt(np.clip(1 - away**2.3, 0, 1)) + 0.008 * grain, color, away < 1


def brain(x: Array, y: Array, rng: Rng, tex: Textures) -> Patch:
    """A brain coral: a maze over a lumpy dome."""
    ox, oy = rng.random(2).tolist()
    dent = np.clip(sample(tex.soft, x / 8 + ox, y / 8 + oy), -1.6, 2)
    away = np.hypot(x, y) * (1.09 + 0.05 * dent)
    dome = round_(away)
    scale = rng.uniform(3.6, 5.5) * (0.6 + 0.5 * dome)  # near the rim the maze is seen at a slant
    maze = sample(tex.maze, x / scale + ox, y / scale + oy)
    lump = sample(tex.soft, x / 6 + oy, y / 6 + ox)
    height = (0.58 + 0.07 * lump) * dome + 0.03 * np.clip(maze * 1.4, -1, 1) * smoothstep(0.0, 0.3, dome)
    crest, groove = BRAINS[rng.integers(len(BRAINS))]
    color = mix(groove, crest, smoothstep(-0.5, 0.6, maze))
    return height, color * (1 + 0.12 * sample(tex.rough, x / 3, y / 3) + 0.15 * lump)[..., None], away < 1


def shell(x: Array, y: Array, rng: Rng, tex: Textures) -> Patch:
    """A snail from above: along a logarithmic spiral, a round tube that widens outwards to a rounded mouth."""
    growth, hand, start = rng.uniform(0.16, 0.23), rng.choice([-1, 1]), rng.uniform(0, 7)
    radius = np.maximum(np.hypot(x, y), 1e-3)
    angle = (hand * np.arctan2(y, x) + start) % (2 * np.pi)
    turns = (np.log(radius) / growth - angle) / (2 * np.pi)  # whole numbers on the seams between the whorls
    across, along = turns % 1, angle + 2 * np.pi * np.floor(turns)
    mouth = np.clip(1 - (2 * np.pi - angle) / 0.55, 0, 1) * (turns > -2)
    inside = (turns < -1) & (np.abs(2 * across - 1) < np.sqrt(1 - mouth**2))
    width = radius * (1 - np.exp(-2 * np.pi * growth))
    ribs = np.sin(rng.integers(14, 26) * along + 2.5 * across)
    height = 0.16 + 0.42 * (1 - radius) + width * (0.34 * round_(2 * across - 1) + 0.054 * ribs)
    stripes = 0.5 + 0.5 * np.sin(2 * np.pi * across * rng.integers(2, 4) + 1)
    bands = smoothstep(0.1, 0.9, stripes + 0.35 * sample(tex.rough, along / 9, across / 6))
    flames = smoothstep(-0.4, 0.9, ribs + 0.6 * sample(tex.soft, along / 5, across / 3))
    pale, dark = SHELLS[rng.integers(len(SHELLS))]
    return height, mix(pale, dark, 0.75 * bands * (0.35 + 0.65 * flames)), inside


def star(x: Array, y: Array, rng: Rng, tex: Textures) -> Patch:
    """A sea star, its arms a little curled, with rows of pale knobs."""
    radius = np.hypot(x, y)
    angle = np.arctan2(y, x) + rng.uniform(0, 7) + 0.25 * radius * rng.normal()
    fold = np.abs((angle * 5 / (2 * np.pi)) % 1 - 0.5) * 2 * np.pi / 5  # the angle from the nearest arm's axis
    along, off = radius * np.cos(fold), radius * np.sin(fold)
    width = 0.225 * np.clip(1 - along, 0, 1) ** 0.8 + 0.065
    away = np.hypot(off / width, np.clip(along - 0.9, 0, None) / 0.09)
    knobs = smoothstep(0.25, 0.8, np.cos(along * 46) * np.cos(off / width * 7))
    height = (0.10 + 0.75 * width) * round_(away) + 0.022 * knobs
    skin = tinted(STARS, rng) * (0.8 + 0.3 * np.sqrt(np.clip(1 - away, 0, 1)))[..., None]
    return height, mix(skin, (0.80, 0.62, 0.40), 0.7 * knobs), away < 1


def flower(x: Array, y: Array, rng: Rng, tex: Textures) -> Patch:
    """A polyp: a dished disc with a mouth, and two rings of petals around it."""
    radius, count = np.hypot(x, y), rng.integers(13, 22)
    angle = np.arctan2(y, x) + rng.uniform(0, 7)
    outer, inner = np.cos(count * angle + 1.2 * radius), -np.cos(count * angle + 0.6 * radius)
    petals = np.clip(np.where(radius > 0.5, np.maximum(outer, 0.9 * inner * (radius < 0.82)), 0), 0, None)
    height = 0.30 + 0.16 * np.sin(np.clip(radius / 0.8, 0, 1) * np.pi) - 0.18 * smoothstep(0.6, 1.0, radius)
    height += 0.05 * petals * smoothstep(0.45, 0.6, radius)
    height += 0.05 * np.exp(-(((radius - 0.17) / 0.06) ** 2)) - 0.10 * np.exp(-((radius / 0.10) ** 2))
    bright = 0.75 * np.exp(-(((radius - 0.2) / 0.1) ** 2)) + smoothstep(0.5, 0.85, radius) * (0.35 + 0.5 * petals)
    bright += (0.125 + 0.125 * np.cos(2 * count * angle)) * smoothstep(0.15, 0.5, radius)
    inside = radius < 0.84 + 0.14 * outer + 0.02 * sample(tex.soft, x / 3, y / 3)
    return height, mix(*FLOWERS[rng.integers(len(FLOWERS))], np.clip(bright, 0, 1)), inside


def bead(color: Array) -> Callable[[Array, Array, Rng, Textures], Patch]:
    """A function that draws a plain ball; tentacles are strings of balls."""

    def make(x: Array, y: Array, rng: Rng, tex: Textures) -> Patch:
        away = np.hypot(x, y)
        return round_(away), np.broadcast_to(color, (*x.shape, 3)), away < 1

    return make
