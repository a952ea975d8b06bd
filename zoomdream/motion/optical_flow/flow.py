"""Optical flow between two source frames."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.errors import UsageError
from zoomdream.images.frame import Size
from zoomdream.media import Pixels

Field = NDArray[np.float32]  # HxWx2, in pixels: (right, down)
FlowMethod = Callable[[Pixels, Pixels], Field]
METHODS = ("fast", "medium", "fine", "farneback", "raft")
SMALLEST = 12  # pixels a side for OpenCV's DIS; smaller frames are continued by their border
LARGEST = 32766
"""Pixels a side: OpenCV's `remap`, which tests a flow's reliability, counts positions in 16 bits."""
_PATCH = 8  # side in pixels of the patches that DIS compares, in all of its presets
_NO_INITIAL_FLOW: Any = None  # for "no flow to begin with", which OpenCV takes but leaves out of its type hints


def flow_method(name: str, device: torch.device | str = "cpu") -> FlowMethod:
    """A function that gives the flow from a frame to another, both HxWx3 uint8 RGB.

    "fast", "medium" and "fine" are Dense Inverse Search (Kroeger et al., ECCV 2016); "farneback" is Farneback's
    polynomial expansion (2003); "raft" is RAFT (Teed and Deng, ECCV 2020) with torchvision's weights, on `device`.

    Raises UsageError for an unknown name, WeightsError when RAFT's weights are not to be had.
    """
    if name == "raft":
        from zoomdream.motion.optical_flow.raft import raft_flow

        return raft_flow(device)
    if name not in METHODS:
        raise UsageError(f"there is no flow {name!r}: choose {', '.join(METHODS)}")
    return _farneback if name == "farneback" else _dense_inverse_search(name)


def _dense_inverse_search(name: str) -> FlowMethod:
    preset = cv2.DISOPTICAL_FLOW_PRESET_FAST if name == "fast" else cv2.DISOPTICAL_FLOW_PRESET_MEDIUM

    def flow(here: Pixels, there: Pixels) -> Field:
        # A new search each time, which costs nothing: OpenCV's changes its own settings for good at a small frame.
        search = cv2.DISOpticalFlow.create(preset)
        if name == "fine":
            search.setFinestScale(0)
        height, width = here.shape[:2]
        size = searchable_size((width, height), search.getFinestScale())
        field = search.calc(_continued(_gray(here), size), _continued(_gray(there), size), _NO_INITIAL_FLOW)
        return _finite(field[:height, :width])

    return flow


def searchable_size(size: Size, finest_scale: int) -> Size:
    """The (width, height) to which a frame of `size` is continued, so that OpenCV's DIS reads nothing beyond it.

    DIS compares patches of 8x8 pixels at each scale. Where a frame is too small for its finest scale (halvings of the
    frame's size; 0 to 2), it chooses its scales by the width alone, and at the coarsest a wide frame of few rows has
    fewer rows than a patch: it reads other memory, or ends the process (`autoSelectPatchSizeAndScales` in OpenCV's
    dis_flow.cpp). Such frames get as many rows as the finest scale needs; all others stay as they are.
    """
    width, height = (max(SMALLEST, side) for side in size)
    needed = _PATCH << finest_scale
    keeps_its_scales = min(width, height) >= needed and max(width, height) / (4 * _PATCH) >= 2 ** (finest_scale - 0.5)
    coarsest_by_width = max(0, math.floor(math.log2(2 * width / (5 * _PATCH))))
    if finest_scale == 0 or keeps_its_scales or height >> coarsest_by_width >= _PATCH:
        return width, height
    return width, needed


def _continued(gray: Any, size: Size) -> Any:
    """A gray frame continued to the right and downwards by its border."""
    down, right = size[1] - gray.shape[0], size[0] - gray.shape[1]
    return cv2.copyMakeBorder(gray, 0, down, 0, right, cv2.BORDER_REPLICATE) if down or right else gray


def _farneback(here: Pixels, there: Pixels) -> Field:
    options: dict[str, Any] = {"pyr_scale": 0.5, "levels": 5, "winsize": 15, "iterations": 3, "poly_n": 7}
    options |= {"poly_sigma": 1.5, "flags": 0}
    return _finite(cv2.calcOpticalFlowFarneback(_gray(here), _gray(there), _NO_INITIAL_FLOW, **options))


def _gray(pixels: Pixels) -> Any:
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


def _finite(flow: Any) -> Field:
    field = np.ascontiguousarray(flow, np.float32)
    return field if np.isfinite(field).all() else np.nan_to_num(field)  # which takes ten times as long
