"""Masks of what moves in a video: computed in a small size from its frames alone, so that any can be begun with."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import cv2
import numpy as np

from zoomdream.films.footage import Footage
from zoomdream.films.masks.mask_streams import MaskStream
from zoomdream.images.frame import Size, from_uint8, to_uint8
from zoomdream.images.sampling.resample import fit_frame
from zoomdream.images.shapes import Gray
from zoomdream.media import Pixels, read_frames
from zoomdream.media.display_size import scaled_size
from zoomdream.motion.cuts import is_cut
from zoomdream.motion.optical_flow.flow import Field, flow_method
from zoomdream.motion.optical_flow.reliability import Motion, reliability
from zoomdream.motion.subject import Evidence, evidence, moving_part, steadied
from zoomdream.objectives.specs.regions import MotionPart
from zoomdream.prefetch import prefetch

SIDE = 320
"""The longer side, in pixels, of the frames in which motion is looked for: films of all sizes have the same masks."""

MEMORY = 4
"""So many frames before it make a frame's mask steadier."""

_FLOW = "medium"
_AHEAD = 2  # frames


def subject_stream(footage: Footage, part: MotionPart, size: Size) -> MaskStream:
    """What moves against the camera in a video, or all else, for each frame of a film over it, in `size`.

    Motion is looked for in the video's own frames, whatever the film's rate.
    """
    return MaskStream(partial(_film_masks, footage, part, size), footage.frames - 1)


def _film_masks(footage: Footage, part: MotionPart, size: Size, index: int) -> Generator[Gray, None, None]:
    own = _own_fps(footage)
    wanted = [_own_frame(footage, own, frame) for frame in range(index, footage.frames)]
    masks = prefetch(subject_masks(footage, wanted[0], wanted[-1] + 1), _AHEAD, what="the next frame's motion")
    try:
        at, mask = wanted[0] - 1, None
        for frame in wanted:
            while at < frame:
                at, mask = at + 1, next(masks, None)
            if mask is None:  # a video that is cut short: the film ends here
                return
            wide = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
            yield np.asarray(1 - wide if part == "background" else wide, np.float32)
    finally:
        masks.close()


def _own_fps(footage: Footage) -> Fraction:
    """The rate at which motion is looked for: the video's; pictures have the film's."""
    return footage.fps if footage.clip.pictures else footage.clip.fps


def _own_frame(footage: Footage, own: Fraction, frame: int) -> int:
    """The frame of the video, at its own rate, that a frame of the film shows."""
    last = len(footage.clip.source_indices(own)) - 1
    return min(last, int((footage.first + frame) / footage.fps * own + Fraction(1, 2)))


def subject_masks(footage: Footage, first: int, stop: int) -> Generator[Gray, None, None]:
    """What moves in a video's frames `first` to `stop` - 1, counted at its own rate: HxW, `SIDE` pixels wide or high.

    Each is made of its frame, the one after it, and `MEMORY` + 1 before it at most, none of another shot.
    """
    flows: deque[Field] = deque(maxlen=MEMORY)
    parts: deque[Gray] = deque(maxlen=MEMORY + 1)
    before: _Pair | None = None
    begin = max(0, first - MEMORY - 1)
    for index, (shape, after) in enumerate(_pairs(footage, begin, stop), begin):
        if before is None:
            flows.clear()
            parts.clear()
        else:
            flows.append(before.backward)
        # the first frame that is read has no pair before it, as the first of a shot: no mask that is wanted holds it
        found = [each for each in (before and before.seen_after, after and after.seen_before) if each]
        if not (before is None and index == begin and begin > 0):
            parts.append(moving_part(found, shape))
            while len(flows) >= len(parts):
                flows.popleft()
        if index >= first:
            yield steadied(list(parts), list(flows))
        before = after


@dataclass(frozen=True)
class _Pair:
    """Two frames of one shot that follow each other."""

    backward: Field
    seen_before: Evidence
    """What the flow between them says of the first."""
    seen_after: Evidence
    """And of the second."""


def _pairs(footage: Footage, begin: int, stop: int) -> Iterator[tuple[tuple[int, int], _Pair | None]]:
    """For each frame its shape, and the pair that it makes with the next one; None at the end of a shot."""
    method, own = flow_method(_FLOW), _own_fps(footage)
    seconds = float(1 / own)
    count = len(footage.clip.source_indices(own))
    size = _small(footage.size)
    with read_frames(
        footage.clip,
        start=begin,
        frames=min(stop + 1, count) - begin,
        size=scaled_size(footage.clip, size, footage.fit),
        fps=own,
        allow_truncated=footage.allow_truncated,
        background=footage.background,
        deinterlace=footage.deinterlace,
    ) as frames:
        before: Pixels | None = None
        for pixels in frames:
            now = pixels if pixels.shape[1::-1] == size else to_uint8(fit_frame(from_uint8(pixels), size, footage.fit))
            if before is not None:
                backward, forward = method(now, before), method(before, now)
                trusted = reliability(backward, forward)
                pair = None
                if not is_cut(before, now, Motion(backward, trusted)):
                    pair = _Pair(
                        backward,
                        evidence(forward, reliability(forward, backward), seconds),
                        evidence(backward, trusted, seconds),
                    )
                yield now.shape[:2], pair
            before = now
        if before is not None and stop == count:
            yield before.shape[:2], None


def _small(size: Size) -> Size:
    """A film's shape with a longer side of `SIDE` pixels."""
    scale = SIDE / max(size)
    return max(16, round(size[0] * scale)), max(16, round(size[1] * scale))
