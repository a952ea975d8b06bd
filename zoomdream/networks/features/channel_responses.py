"""How the channels of a layer respond to pictures, for networks about whose channels nothing is known beforehand.

The pictures are dead leaves (Lee, Mumford and Huang 2001, "Occlusion models for natural images"): shaded ellipses that
hide one another, whose edges and spectrum are those of photographs; so no file is needed, and all are the same
everywhere.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.networks.features.vectors import Vectors, vectors_of
from zoomdream.networks.loading import load_network
from zoomdream.rng import generator

_SIDE = 224  # of a picture in pixels, as networks are trained
_PICTURES = 16
_LEAVES = 400  # on each picture: nothing of the ground is left
_LARGEST, _SMALLEST = 90.0, 4.0  # radii in pixels


def measured_vectors(network: str, layer: str, weights: Path | None = None) -> Vectors:
    """See `channel_vectors`: measured on the CPU in float32, so that it is the same on all devices.

    Raises what `load_network` does, and UnknownNameError for a layer that is not there.
    """
    loaded = load_network(network, weights=weights, device="cpu", dtype=torch.float32)
    side = max(_SIDE, loaded.smallest_input([layer]))
    found = []
    for number in range(_PICTURES):
        leaves = torch.from_numpy(dead_leaves(number, side)).permute(2, 0, 1).unsqueeze(0).contiguous()
        with torch.no_grad():
            values = loaded.activations(leaves, [layer])[layer][0]
        found.append(values.clamp(min=0).flatten(1).numpy())
    responses = np.concatenate(found, axis=1)
    return vectors_of(responses, responses.max(1) > 0)


def dead_leaves(number: int, side: int) -> NDArray[np.float32]:
    """Picture `number`: side x side x 3, RGB from 0 to 1."""
    rng = generator(number, 0, "dead leaves")
    picture = np.full((side, side, 3), 0.5, np.float32)
    for _ in range(_LEAVES):
        radius = min(_LARGEST, _SMALLEST / (rng.random() ** 0.7 + 0.02))  # the distribution of radii is 1/r^3's
        (left, top), squeeze = rng.random(2) * side, rng.uniform(0.4, 2.5)
        color = rng.normal(0.5, 0.25) + rng.normal(0, 0.12, 3)
        slope, grain = rng.normal(0, 0.004, 2), 0.03 * rng.random()
        reach = radius / min(1.0, math.sqrt(squeeze))
        columns = np.arange(max(0, int(left - reach)), min(side, int(left + reach) + 1))
        rows = np.arange(max(0, int(top - reach)), min(side, int(top + reach) + 1))
        x, y = columns - left, rows[:, np.newaxis] - top
        leaf = x**2 + y**2 * squeeze < radius**2
        shade = (slope[0] * x + slope[1] * y)[leaf] + rng.normal(0, grain, int(leaf.sum()))
        part = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        part[leaf] = np.clip(color + shade[:, np.newaxis], 0, 1)
    return picture
