"""Cuts: where a new shot begins."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from zoomdream.media import Clip, Pixels, read_frames
from zoomdream.media.display_size import display_size, open_clip
from zoomdream.motion.flow import LARGEST, flow_method
from zoomdream.motion.flow_reliability import Motion, motion_between

CUT_SCORE = 27.0  # PySceneDetect's content detector
CUT_RELIABLE = 0.3  # within shots about half of the pixels are reliable at least, across cuts a tenth at most
_CUT_WIDTH = 256


def is_cut(before: Pixels, now: Pixels, motion: Motion) -> bool:
    """Whether a new shot begins at `now`: hardly any of the motion can be trusted, or the colors jump in spite of it.

    The colors are compared along the motion, too: a saturated pattern that only moves is no cut.
    """
    if float(motion.reliability.mean()) < CUT_RELIABLE:
        return True
    return cut_score(before, now) >= CUT_SCORE and cut_score(_moved(before, motion), now) >= CUT_SCORE


def _moved(pixels: Pixels, motion: Motion) -> Pixels:
    height, width = pixels.shape[:2]
    columns, rows = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
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


SHOT_WIDTH = 256
"""Width in pixels at which `find_shots` looks for cuts: ten times as fast as at full size, with the same result."""


@dataclass(frozen=True)
class Shot:
    """A shot of a clip: frames `first` to `stop` - 1."""

    first: int
    stop: int


def find_shots(path: Path, *, allow_truncated: bool = False) -> tuple[Clip, list[Shot]]:
    """The shots of a video, by the same test that a render applies; their frames are counted at the clip's rate.

    `allow_truncated` takes what there is of a video that is cut short or damaged. Raises SourceError.
    """
    clip = open_clip(path, allow_truncated=allow_truncated)
    return clip, shots_of(clip, allow_truncated=allow_truncated)


def shots_of(
    clip: Clip,
    *,
    start: int = 0,
    frames: int | None = None,
    fps: Fraction | None = None,
    allow_truncated: bool = False,
) -> list[Shot]:
    """The shots of a range of a clip, counted from its first frame: see `find_shots`, and `read_frames` for the range.

    Raises SourceError, TruncatedError, UsageError.
    """
    width, height = display_size(clip)
    ratio = min(1.0, SHOT_WIDTH / width, LARGEST / height)
    method = flow_method("fast")
    starts, before, stop = [0], None, 0
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    with read_frames(clip, start=start, frames=frames, size=size, fps=fps, allow_truncated=allow_truncated) as pictures:
        for index, now in enumerate(pictures):
            if before is not None and is_cut(before, now, motion_between(before, now, method)):
                starts.append(index)
            before = now
            stop = index + 1
    return [Shot(first, last) for first, last in zip(starts, [*starts[1:], stop], strict=True)]
