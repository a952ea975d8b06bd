"""Random numbers of a frame: the same (seed, frame, purpose) gives the same numbers, whatever was drawn before."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, index: int, purpose: str) -> np.random.Generator:
    """A fresh generator for one purpose of one frame.

    `seed` and `index` are non-negative integers; `purpose` is any word, such as "jitter". No global state is read or
    changed, so a frame is the same whether the film is rendered from its beginning or from that frame on.
    """
    return np.random.default_rng([seed, index, zlib.crc32(purpose.encode())])
