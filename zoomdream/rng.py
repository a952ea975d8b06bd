"""Random numbers that belong to a frame: the same (seed, frame, purpose) gives the same numbers, in any order."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, index: int, purpose: str) -> np.random.Generator:
    """A fresh generator for one purpose of one frame.

    `seed` and `index` are non-negative integers; `purpose` is any word, such as "jitter". Nothing global is read or
    changed, so a frame dreams alike whether the film started at it or came to it.
    """
    return np.random.default_rng([seed, index, zlib.crc32(purpose.encode())])
