"""Motion between two source frames: optical flow, where it can be trusted, carrying a dream along it, and cuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from zoomdream.errors import UsageError
from zoomdream.image import Frame, size_of
from zoomdream.spline import sample

Pixels = NDArray[np.uint8]  # HxWx3 RGB
Field = NDArray[np.float32]  # HxWx2, in pixels: (right, down)
FlowMethod = Callable[[Pixels, Pixels], Field]

METHODS = ("fast", "medium", "fine", "farneback", "raft")
SMALLEST = 12  # pixels a side for OpenCV's DIS; smaller frames are continued by their border
CUT_SCORE = 27.0  # PySceneDetect's content detector
CUT_RELIABLE = 0.3  # within shots about half of the pixels are reliable at least, across cuts a tenth at most
_CUT_WIDTH = 256
_FROM_NOTHING: Any = None  # for "no flow to begin with", which OpenCV takes but leaves out of its type hints


@dataclass(frozen=True)
class Motion:
    """How a source frame came out of the one before it.

    `backward` is HxWx2: the pixel at (x, y) was at (x, y) + backward[y, x] one frame earlier. `reliability` is HxW in
    [0, 1]: 0 where that cannot be trusted, because the place was hidden, or lies on the edge of something that moves.
    """

    backward: Field
    reliability: NDArray[np.float32]


def flow_method(name: str, device: torch.device | str = "cpu") -> FlowMethod:
    """A function that gives the flow from a frame to another, both HxWx3 uint8 RGB.

    "fast", "medium" and "fine" are Dense Inverse Search (Kroeger et al., ECCV 2016); "farneback" is Farneback's
    polynomial expansion (2003); "raft" is RAFT (Teed and Deng, ECCV 2020) with torchvision's weights, on `device`.

    Raises UsageError for an unknown name, WeightsError when RAFT's weights are not to be had.
    """
    if name == "raft":
        from zoomdream.raft import raft_flow

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
        found = search.calc(_at_least_smallest(_gray(here)), _at_least_smallest(_gray(there)), _FROM_NOTHING)
        return _checked(found[:height, :width])

    return flow


def _at_least_smallest(gray: Any) -> Any:
    height, width = gray.shape
    down, right = max(0, SMALLEST - height), max(0, SMALLEST - width)
    return cv2.copyMakeBorder(gray, 0, down, 0, right, cv2.BORDER_REPLICATE) if down or right else gray


def _farneback(here: Pixels, there: Pixels) -> Field:
    options: dict[str, Any] = {"pyr_scale": 0.5, "levels": 5, "winsize": 15, "iterations": 3, "poly_n": 7}
    options |= {"poly_sigma": 1.5, "flags": 0}
    return _checked(cv2.calcOpticalFlowFarneback(_gray(here), _gray(there), _FROM_NOTHING, **options))


def _gray(pixels: Pixels) -> Any:
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


def _checked(flow: Any) -> Field:
    return np.nan_to_num(np.asarray(flow, np.float32))


def motion_between(before: Pixels, now: Pixels, method: FlowMethod) -> Motion:
    """The motion from the frame `before` to the frame `now`."""
    backward, forward = method(now, before), method(before, now)
    return Motion(backward, reliability(backward, forward))


def reliability(backward: Field, forward: Field) -> NDArray[np.float32]:
    """Where a backward flow can be trusted: HxW in [0, 1].

    After Ruder, Dosovitskiy, Brox, "Artistic style transfer for videos" (2016), whose tests are Sundaram, Brox and
    Keutzer's (2010): a pixel is hidden in the frame before when going there and back does not end where it began;
    it lies on a motion boundary when the flow changes abruptly around it. Both are needed.
    """
    height, width = backward.shape[:2]
    u, v = cv2.split(backward)  # planes: on interleaved pairs the same arithmetic takes three times as long
    x, y = u + np.arange(width, dtype=np.float32), v + np.arange(height, dtype=np.float32)[:, None]
    back_u, back_v = cv2.split(cv2.remap(forward, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))
    length = u * u + v * v
    miss = np.square(u + back_u) + np.square(v + back_v)
    hidden = miss >= 0.01 * (length + back_u * back_u + back_v * back_v) + 0.5
    boundary = _squared_gradient(u) + _squared_gradient(v) > 0.01 * length + 0.002
    outside = (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)
    certainty = np.full((height, width), 255, np.float32)
    certainty[boundary] = 0
    certainty[hidden] = -255
    certainty[outside] = 0
    return (cv2.GaussianBlur(certainty, (5, 5), 0.8).clip(0, 255) / 255).astype(np.float32)


def _squared_gradient(plane: NDArray[Any]) -> NDArray[Any]:
    """Squared length of the gradient, by central differences; one-sided and halved at the border."""
    wide = cv2.copyMakeBorder(plane, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    across = wide[1:-1, 2:] - wide[1:-1, :-2]
    along = wide[2:, 1:-1] - wide[:-2, 1:-1]
    return 0.25 * (across * across + along * along)


def carry(image: Frame, motion: Motion) -> Frame:
    """What `image`, made for the frame before, becomes on this frame: warped along the motion, times its reliability.

    Where nothing moves, values pass untouched, however often they are carried.
    """
    device = image.device
    reliable = torch.from_numpy(motion.reliability).to(device)
    return warp(image, torch.from_numpy(motion.backward).to(device)) * reliable


def warp(image: Frame, backward: torch.Tensor) -> Frame:
    """`image` sampled at each pixel's position plus `backward` (HxWx2, in pixels), with the cubic B-spline."""
    width, height = size_of(image)
    x = torch.arange(width, device=image.device) + backward[..., 0]
    y = torch.arange(height, device=image.device)[:, None] + backward[..., 1]
    still = (backward == 0).all(-1)
    return torch.where(still, image, sample(image, x, y))


def is_cut(before: Pixels, now: Pixels, motion: Motion) -> bool:
    """Whether a new shot begins at `now`: hardly any of the motion can be trusted, or the colors jump in spite of it.

    The colors are compared along the motion, too: a saturated pattern that only moves is no cut.
    """
    if float(motion.reliability.mean()) < CUT_RELIABLE:
        return True
    return cut_score(before, now) >= CUT_SCORE and cut_score(_moved(before, motion), now) >= CUT_SCORE


def _moved(pixels: Pixels, motion: Motion) -> Pixels:
    height, width = pixels.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y = columns + motion.backward[..., 0], rows + motion.backward[..., 1]
    return np.asarray(cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def cut_score(before: Pixels, now: Pixels) -> float:
    """Mean absolute difference of hue (0..179), saturation and value (0..255) at 256 pixels' width (PySceneDetect)."""
    one, two = (_small_hsv(pixels) for pixels in (before, now))
    return float(np.abs(one - two).mean())


def _small_hsv(pixels: Pixels) -> NDArray[np.int16]:
    height, width = pixels.shape[:2]
    size = (min(width, _CUT_WIDTH), max(1, round(height * min(1.0, _CUT_WIDTH / width))))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2HSV).astype(np.int16)
