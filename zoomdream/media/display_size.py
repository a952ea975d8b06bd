"""A clip opened for reading, and its size on a screen, scaled to a canvas."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from pathlib import Path

from zoomdream.errors import SourceError, TruncatedError
from zoomdream.images.frame import Size
from zoomdream.images.sampling.resample import fitted_size
from zoomdream.media.clip import Clip, display_size
from zoomdream.media.frame_times import decoded_times
from zoomdream.media.probing.probe import probe
from zoomdream.settings import Fit

__all__ = ["display_size", "open_clip", "scaled_size"]


def open_clip(path: Path, *, allow_truncated: bool = False) -> Clip:
    """Probe a video. `allow_truncated` decodes it once, and gives the clip with the frames that can be decoded.

    Raises SourceError when it is missing, no video, or cut short.
    """
    clip = probe(path)
    if allow_truncated and not clip.pictures:
        return _decodable(clip)
    if clip.frames < clip.promised_frames:
        raise TruncatedError(f"{path}: {clip.frames} of {clip.promised_frames} frames are there: the file is cut short")
    return clip


def _decodable(clip: Clip) -> Clip:
    """The clip with those of its frames alone that can be decoded. Raises SourceError where none can.

    It keeps its length: a lost frame's time is filled by the one before. A file that is cut short ends with its last
    frame that can be decoded, for its last packet is seldom whole.
    """
    listed, tick = clip.timestamps, clip.time_base
    with decoded_times(clip.path, f"0:{clip.stream}", copy_times=clip.is_continuous) as decoded:
        found = list(decoded)
    if clip.has_times:
        ticks = {round(time / tick) for time in found if time is not None}
        times = tuple(time for time in listed if time in ticks)
    else:  # nobody knows which frames are lost: the last ones, as where a file is cut short
        times = listed[: len(found)]
    if len(times) == len(listed):
        return clip
    if not times:
        raise SourceError(f"{clip.path}: none of its {clip.frames} frames can be decoded")
    lost_before = (times[0] - listed[0]) * tick
    is_cut_short = clip.frames < clip.promised_frames or not clip.has_times
    rest = listed[bisect_right(listed, times[-1]) :]
    duration = (rest[0] - times[0]) * tick if rest and is_cut_short else clip.duration - lost_before
    inside = bisect_right(listed, times[-1]) - listed.index(times[0]) - len(times)
    return replace(
        clip,
        frames=len(times),
        timestamps=times,
        duration=duration,
        start_time=clip.start_time + lost_before,
        undecodable_start=clip.undecodable_start + listed.index(times[0]),
        missing_frames=inside + (0 if is_cut_short else len(rest)),
    )


def scaled_size(clip: Clip, size: Size, fit: Fit) -> Size:
    """The size to which a clip is scaled so that it just covers a canvas ("fill") or just fits into it ("fit")."""
    return fitted_size(display_size(clip), size, fit)
