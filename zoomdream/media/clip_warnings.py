"""Warnings about a clip: what its file holds and a reader does not show as it is."""

from __future__ import annotations

from zoomdream.media.clip import Clip


def clip_warnings(clip: Clip) -> list[str]:
    """About the streams, the times and the shape of a clip, for a user before its frames are used."""
    if clip.pictures:
        return list(clip.pictures.warnings)
    name, warnings = clip.path.name, []
    if clip.video_streams > 1:
        which = "the default one" if clip.is_default else "the first"
        warnings.append(f"{name} holds {clip.video_streams} video streams: {which} is read (stream {clip.stream})")
    if clip.undecodable_start:
        warnings.append(
            f"{name}: {_frames(clip.undecodable_start)} at the beginning cannot be decoded, since they refer to "
            f"what is not in the file: the film begins after them"
        )
    if clip.missing_frames:
        warnings.append(
            f"{name}: {_frames(clip.missing_frames)} further on cannot be decoded: the one before is shown for longer"
        )
    if not clip.is_continuous:
        warnings.append(f"{name}: its clock jumps, as where recordings are joined: its parts follow one another")
    if clip.changes_shape:
        warnings.append(
            f"{name} changes its size or its pixels' shape midway: all of it is fitted into the first part's frame, "
            f"with black beside it where the shape differs"
        )
    return warnings


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"
