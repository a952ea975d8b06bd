"""A video as the film sees it: frames in the film's size and rate, moved by the camera, with their motion and cuts.

All of it is made ahead, beside the dreaming.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from zoomdream.background import ahead
from zoomdream.camera import motion as camera_motion
from zoomdream.camera import warp_affine
from zoomdream.errors import SourceError
from zoomdream.flow import FlowMethod, Motion, flow_method, is_cut, motion_between
from zoomdream.image import Frame, Size, fit, from_uint8, to_uint8
from zoomdream.media import Clip, probe, read_frames
from zoomdream.timeline import Row

DEPTH = 3  # views made ahead: enough to even out slow frames, little enough for 4K
SQUARE_ENOUGH = 0.02
SHOT_WIDTH = 256  # pixels; cuts are as plain at this size, and found ten times as fast


@dataclass(frozen=True)
class Footage:
    """A range of a video, in a film's size and rate.

    `first` and `frames` count at `fps`. `allow_truncated` takes what there is of a file that is cut short.
    """

    clip: Clip
    size: Size
    fps: Fraction
    first: int
    frames: int
    how: Literal["fill", "fit"] = "fill"
    allow_truncated: bool = False

    @property
    def start(self) -> Fraction:
        """Where in the file the range begins, in seconds."""
        return self.clip.start_time + self.first / self.fps


@dataclass(frozen=True)
class View:
    """A source frame as the film sees it. `motion` leads to it from the frame before; None for the first frame.

    `is_cut`: a new shot begins with it.
    """

    source: Frame
    motion: Motion | None
    is_cut: bool


@dataclass(frozen=True)
class Shot:
    """A shot of a clip: frames `first` to `stop` - 1."""

    first: int
    stop: int


def open_clip(path: Path, *, allow_truncated: bool = False) -> Clip:
    """Probe a video. `allow_truncated` gives what can be decoded of a damaged one, which is decoded once to know.

    Raises SourceError when it is missing, no video, or cut short.
    """
    clip = probe(path)
    if allow_truncated:
        return _decodable(clip)
    if clip.frames < clip.promised_frames:
        raise SourceError(
            f"{path}: {clip.frames} of {clip.promised_frames} frames are there: the file is cut short; "
            "--allow-truncated takes what there is"
        )
    return clip


def _decodable(clip: Clip) -> Clip:
    """The clip up to its last frame that can be decoded: the last packet of a file cut short is seldom whole."""
    with read_frames(clip, size=(16, 16), allow_truncated=True) as frames:
        given = sum(1 for _ in frames)
    wanted = clip.source_frames()
    if given == len(wanted):
        return clip
    if not given:
        raise SourceError(f"{clip.path}: none of its {clip.frames} frames can be decoded")
    count = wanted[given - 1] + 1
    times = clip.timestamps
    duration = (times[count] - times[0]) * clip.time_base
    return replace(clip, frames=count, timestamps=times[:count], duration=duration)


def views(footage: Footage, rows: Iterable[Row], flow: str, device: torch.device) -> Generator[View, None, None]:
    """The range's frames, one for each row of a timeline, made ahead in a thread; close it when done with it.

    The camera moves the source, not the dream: over frames it adds up, and the motion between two views has it in it.
    Raises SourceError, UsageError for an unknown flow, WeightsError for RAFT's weights.
    """
    return ahead(_views(footage, rows, flow_method(flow, device), device), DEPTH)


def _views(
    footage: Footage, rows: Iterable[Row], method: FlowMethod, device: torch.device
) -> Generator[View, None, None]:
    matrix, before = np.eye(3), None
    with read_frames(
        footage.clip,
        start=footage.first,
        frames=footage.frames,
        size=covering(footage.clip, footage.size, footage.how),
        fps=footage.fps,
        allow_truncated=footage.allow_truncated,
    ) as frames:
        for row, pixels in zip(rows, frames, strict=False):
            frame = _seen(fit(from_uint8(pixels), footage.size, footage.how), matrix)
            now = to_uint8(frame)
            motion = motion_between(before, now, method) if before is not None and row.carry.strength else None
            yield View(frame.to(device), motion, motion is not None and is_cut(before, now, motion))
            step = camera_motion(row.camera, float(1 / footage.fps), footage.size)
            matrix, before = matrix @ np.vstack([step, [0, 0, 1]]), now


def _seen(frame: Frame, matrix: np.ndarray) -> Frame:
    return frame if np.array_equal(matrix, np.eye(3)) else warp_affine(frame, matrix[:2]).clamp_(0, 1)


def shown_size(clip: Clip) -> Size:
    """A clip's size on a screen of square pixels.

    Pixels within 2 % of square come from rounded sizes: nobody sees that, and resampling for it would cost sharpness.
    """
    width, height = clip.size
    aspect = clip.sample_aspect if abs(clip.sample_aspect - 1) > SQUARE_ENOUGH else 1
    return round(width * aspect), height


def covering(clip: Clip, size: Size, how: Literal["fill", "fit"]) -> Size:
    """The size to which a clip is scaled so that it covers a canvas ("fill") or fits into it ("fit")."""
    width, height = shown_size(clip)
    pick = max if how == "fill" else min
    ratio = pick(size[0] / width, size[1] / height)
    return max(1, round(width * ratio)), max(1, round(height * ratio))


def find_shots(path: Path) -> tuple[Clip, list[Shot]]:
    """The shots of a video, by the same test that a render applies. Raises SourceError."""
    clip = open_clip(path)
    width, height = shown_size(clip)
    ratio = min(1.0, SHOT_WIDTH / width)
    method = flow_method("fast")
    starts, before = [0], None
    with read_frames(clip, size=(max(1, round(width * ratio)), max(1, round(height * ratio)))) as frames:
        for index, now in enumerate(frames):
            if before is not None and is_cut(before, now, motion_between(before, now, method)):
                starts.append(index)
            before = now
            stop = index + 1
    return clip, [Shot(first, last) for first, last in zip(starts, [*starts[1:], stop], strict=True)]
