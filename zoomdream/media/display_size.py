"""A clip on a screen: opened for reading, its size in square pixels, and that size scaled to a canvas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from zoomdream.errors import SourceError, TruncatedError
from zoomdream.images.frame import Size
from zoomdream.images.resample import fitted_size
from zoomdream.media import Clip, probe, read_frames
from zoomdream.settings import Fit

_SQUARE_TOLERANCE = 0.02


def open_clip(path: Path, *, allow_truncated: bool = False) -> Clip:
    """Probe a video. `allow_truncated` decodes it once, and gives the clip up to its last frame that can be decoded.

    Raises SourceError when it is missing, no video, or cut short.
    """
    clip = probe(path)
    if allow_truncated and not clip.pictures:
        return _decodable(clip)
    if clip.frames < clip.promised_frames:
        raise TruncatedError(f"{path}: {clip.frames} of {clip.promised_frames} frames are there: the file is cut short")
    return clip


def _decodable(clip: Clip) -> Clip:
    """The clip up to its last frame that can be decoded: the last packet of a file cut short is seldom whole."""
    with read_frames(clip, size=(16, 16), allow_truncated=True) as frames:
        decoded = sum(1 for _ in frames)
    indices = clip.source_indices()
    if decoded == len(indices):
        return clip
    if not decoded:
        raise SourceError(f"{clip.path}: none of its {clip.frames} frames can be decoded")
    count = indices[decoded - 1] + 1
    times = clip.timestamps
    duration = (times[count] - times[0]) * clip.time_base
    return replace(clip, frames=count, timestamps=times[:count], duration=duration)


def display_size(clip: Clip) -> Size:
    """A clip's (width, height) on a screen of square pixels.

    Pixels within 2 % of square come from rounded sizes: the difference is invisible, and resampling for it would cost
    sharpness.
    """
    width, height = clip.size
    aspect = clip.sample_aspect if abs(clip.sample_aspect - 1) > _SQUARE_TOLERANCE else 1
    return round(width * aspect), height


def scaled_size(clip: Clip, size: Size, fit: Fit) -> Size:
    """The size to which a clip is scaled so that it just covers a canvas ("fill") or just fits into it ("fit")."""
    return fitted_size(display_size(clip), size, fit)
