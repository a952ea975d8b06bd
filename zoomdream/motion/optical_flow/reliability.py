"""The motion between two source frames, and where its flow can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.errors import UsageError
from zoomdream.media import Pixels
from zoomdream.motion.optical_flow.flow import LARGEST, Field, FlowMethod

_BAND = 2**18  # pixels of a band of rows


@dataclass(frozen=True)
class Motion:
    """The motion from one source frame to the next."""

    backward: Field
    """HxWx2, in pixels (right, down): what is at (x, y) was at (x, y) + backward[y, x] one frame earlier."""
    reliability: NDArray[np.float32]
    """HxW in [0, 1]: 0 where the flow cannot be trusted, because the place was hidden in the frame before, or lies on
    the edge of something that moves."""


def motion_between(before: Pixels, now: Pixels, method: FlowMethod) -> Motion:
    """The motion from the frame `before` to the frame `now`, both HxWx3 uint8 of one size.

    Raises UsageError for frames with a side over `flow.LARGEST` pixels.
    """
    height, width = now.shape[:2]
    if max(width, height) > LARGEST:
        raise UsageError(f"frames of {width}x{height} pixels have no optical flow here: sides up to {LARGEST} have one")
    backward, forward = method(now, before), method(before, now)
    return Motion(backward, reliability(backward, forward))


def reliability(backward: Field, forward: Field) -> NDArray[np.float32]:
    """Where a backward flow can be trusted: HxW in [0, 1].

    After Ruder, Dosovitskiy, Brox, "Artistic style transfer for videos" (2016), whose tests are Sundaram, Brox and
    Keutzer's (2010): a pixel is hidden in the frame before when going there and back does not end where it began;
    it lies on a motion boundary when the flow changes abruptly around it. Both are needed.
    """
    height, width = backward.shape[:2]
    certainty = np.empty((height, width), np.float32)
    rows = max(1, _BAND // width)
    for top in range(0, height, rows):  # in bands of rows, which need little memory and stay in the cache
        certainty[top : top + rows] = _certainty(backward, forward, top, min(height, top + rows))
    blurred = cv2.GaussianBlur(certainty, (5, 5), 0.8)
    return (blurred.clip(0, 255, out=blurred) / 255).astype(np.float32, copy=False)


def _certainty(backward: Field, forward: Field, top: int, bottom: int) -> NDArray[np.float32]:
    """Rows `top` to `bottom` - 1 of what is blurred to the reliability: 255 where a flow is certain, else 0 or -255."""
    height, width = backward.shape[:2]
    above, below = max(0, top - 1), min(height, bottom + 1)  # a row more, for the gradient
    wide_u, wide_v = cv2.split(backward[above:below])
    inner = slice(top - above, bottom - above)
    # planes: on interleaved pairs the same arithmetic takes three times as long
    u, v = wide_u[inner], wide_v[inner]
    x = u + np.arange(width, dtype=np.float32)
    y = v + np.arange(top, bottom, dtype=np.float32)[:, None]
    back_u, back_v = cv2.split(cv2.remap(forward, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))
    length = u * u + v * v
    miss = np.square(u + back_u) + np.square(v + back_v)
    hidden = miss >= 0.01 * (length + back_u * back_u + back_v * back_v) + 0.5
    change = _squared_gradient(wide_u)[inner] + _squared_gradient(wide_v)[inner]
    boundary = change > 0.01 * length + 0.002
    outside = (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)
    certainty = np.full(u.shape, 255, np.float32)
    certainty[boundary] = 0
    certainty[hidden] = -255
    certainty[outside] = 0
    return certainty


def _squared_gradient(plane: NDArray[Any]) -> NDArray[Any]:
    """Squared length of the gradient, by central differences; one-sided and halved at the border."""
    wide = cv2.copyMakeBorder(plane, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    across = wide[1:-1, 2:] - wide[1:-1, :-2]
    along = wide[2:, 1:-1] - wide[:-2, 1:-1]
    return 0.25 * (across * across + along * along)
