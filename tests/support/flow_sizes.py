"""Flow, cuts and warping of frames of many sizes, in a process of its own: `python -m tests.support.flow_sizes METHOD`.

Each flow is computed twice, with memory that was filled with other bytes before, where the C library can do that: a
library that reads beyond a frame gives two flows, if it does not end the process.
"""

from __future__ import annotations

import ctypes
import sys

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.images.frame import from_uint8
from zoomdream.motion.carrying import carry
from zoomdream.motion.cuts import is_cut
from zoomdream.motion.optical_flow.flow import flow_method
from zoomdream.motion.optical_flow.reliability import motion_between

SIDES = (1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 15, 16, 17, 19, 20, 23, 24, 31, 32, 33, 39, 40, 45, 46, 63, 64, 79, 80, 91)
LONG_SIDES = (128, 159, 160, 256, 640, 1000)
_M_PERTURB = -6  # mallopt's, in glibc's malloc.h


def sizes() -> list[tuple[int, int]]:
    """Every side with every eighth other one, and long sides with short ones, both ways round."""
    short = [(a, b) for i, a in enumerate(SIDES) for j, b in enumerate(SIDES) if (i + j) % 8 == 0]
    long = [(a, b) for a in LONG_SIDES for b in SIDES[3::9]]
    return [*short, *long, *((b, a) for a, b in long)]


def fill_free_memory(byte: int) -> None:
    """Have the C library fill memory that it gives out or takes back with a byte, where it can."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_PERTURB, byte)


def frames(size: tuple[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Two frames of noise; the second is the first, moved by a pixel."""
    before = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return before, np.roll(before, 1, 1)


def check(name: str, size: tuple[int, int]) -> None:
    """Raise AssertionError where what is computed of such frames is not finite, or differs between two times."""
    before, now = frames(size)
    method = flow_method(name)
    fill_free_memory(1)
    first = method(now, before)
    fill_free_memory(170)
    assert np.array_equal(first, method(now, before)), f"{name} at {size}: two flows"
    motion = motion_between(before, now, method)
    is_cut(before, now, motion)
    carried = carry(from_uint8(before), motion)
    assert carried.shape == (1, 3, size[1], size[0])
    assert torch.isfinite(carried).all(), f"{name} at {size}: not finite"


def main(name: str) -> None:
    """Check every size; the last line on stdout names the size that is being checked."""
    cv2.setNumThreads(1)
    for size in sizes():
        print(name, size, flush=True)
        check(name, size)


if __name__ == "__main__":
    main(sys.argv[1])
