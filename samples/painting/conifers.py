"""Conifers on two banks, against the light."""

import cv2
import numpy as np

from painting.noise import Array, fractal, smoothstep


def fill(canvas: Array, outline: object, value: float) -> None:
    """Fill a polygon, its edge smoothed, its corners placed to a sixteenth of a pixel."""
    cv2.fillPoly(canvas, [np.round(np.asarray(outline) * 16).astype(np.int32)], value, cv2.LINE_AA, shift=4)


def branch(at: Array, side: int, length: float, droop: float, thick: float) -> list[Array]:
    """The outline of one drooping branch that leaves the trunk at a point."""
    half = np.array([0, thick])
    end = np.array([side * length, droop])
    under = np.array([side * length * 0.6, droop * 0.7 + thick * 1.2])
    return [at - half, at + end, at + under, at + half]


def conifer(cover: Array, light: Array, foot: Array, size: float, rng: np.random.Generator) -> None:
    """Draw one: a trunk, and branches that shorten towards the tip, brighter on the left, where the sun is."""
    tip = foot + size * np.array([rng.normal(0, 0.012), -1])
    half = np.array([0.011 * size, 0])
    fill(cover, [foot - half, tip, foot + half], 255)
    bare, full, ragged = rng.uniform(0.05, 0.16), rng.uniform(0.13, 0.2), rng.uniform(0.15, 0.4)
    for t in np.sort(rng.uniform(bare, 0.99, int(110 + 0.25 * size))):
        reach = size * full * (1 - t) ** 0.85 * smoothstep(bare - 0.1, bare + 0.15, t)
        side = rng.choice([-1, 1])
        length = reach * (1 - ragged * rng.random() ** 2) * rng.uniform(0.25, 1.0) ** 0.5 + 0.005 * size
        droop = length * rng.uniform(0.15, 0.55) * (1.2 - t)
        outline = branch(foot + t * (tip - foot), side, length, droop, 0.0035 * size + 0.04 * length)
        fill(cover, outline, 255)
        fill(light, outline, rng.uniform(10, 90) + (70 * rng.random() if side < 0 else 0))


def grove(width: int, height: int, seed: int) -> tuple[Array, Array]:
    """How much of each pixel the trees and the bank cover, and how light they are there; both in [0, 1]."""
    rng = np.random.default_rng(seed)
    cover, light = np.zeros((2, height, width), np.uint8)
    x = np.linspace(0, 1, width)
    bumps = np.interp(x, np.linspace(0, 1, 1024), fractal((2048,), 1.0, seed + 5)[:1024])
    bank = 1.035 - 0.085 * np.exp(-((x / 0.2) ** 2)) - 0.13 * np.exp(-(((1 - x) / 0.19) ** 2)) + 0.004 * bumps
    fill(cover, [*zip(x * width, bank * height, strict=True), (width, 2 * height), (0, 2 * height)], 255)
    places = np.concatenate([0.17 * rng.random(16) ** 1.1, 1 - 0.2 * rng.random(20) ** 1.1])
    for place in rng.permutation(places):
        inland = min(place, 1 - place)
        size = height * (0.13 + 0.5 * np.exp(-((inland / 0.085) ** 2))) * rng.uniform(0.5, 1.05)
        conifer(cover, light, np.array([place * width, (np.interp(place, x, bank) + 0.012) * height]), size, rng)
    return cover.astype(np.float32) / 255, light.astype(np.float32) / 255
