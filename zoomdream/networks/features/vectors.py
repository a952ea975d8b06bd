"""Vectors of a layer's channels, from what the channels respond to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 24
"""Of each vector."""

Vectors = NDArray[np.int8]
"""Channels x DIMENSIONS, each row about 127 long, or 0 for a channel that dreams nothing."""


def vectors_of(responses: NDArray[np.float32], dreams: NDArray[np.bool_]) -> Vectors:
    """Vectors from responses, channels x samples, all at least 0; `dreams` says which channels dream at all.

    The samples are weighted by how much they tell channels apart: channels whose responses rise and fall together
    have a cosine near 1.
    """
    profiles = np.sqrt(responses)  # one strong response shall not decide all
    profiles = profiles - profiles.mean(0)
    profiles = profiles - profiles.mean(1, keepdims=True)
    profiles /= np.maximum(np.linalg.norm(profiles, axis=1, keepdims=True), 1e-9)
    _, _, directions = np.linalg.svd(profiles[dreams].astype(np.float64), full_matrices=False)
    vectors = profiles @ directions[:DIMENSIONS].T
    vectors = np.pad(vectors, ((0, 0), (0, DIMENSIONS - vectors.shape[1])))
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    rounded: Vectors = np.rint(vectors * 127 * dreams[:, np.newaxis]).astype(np.int8)
    return rounded
