"""How long a clip is shown: to the end of its last frame, which may stay for longer than the others."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from zoomdream.errors import SourceError
from zoomdream.media.probing.packets import Packets

MOST_FRAMES = 10_000_000
"""Four days at 30 frames per second: what lasts longer has damaged timestamps."""

_SLIDES = 5  # frames per second: what is slower is a row of pictures, and not a movement
_LONGER = Fraction(3, 2)  # times the usual duration: a last frame that is shown so long is meant to stay
_SOUND_LEFT = Fraction(1, 2)  # seconds; less of it is no more than the end of a packet, and no reason to hold a frame
_LONGEST_HOLD = 4 * 3600  # seconds that a last frame is held for the container's sake; beyond it the header is damaged


def seconds_shown(
    packets: Packets, fps: Fraction, *, variable: bool, container_end: Fraction | None = None
) -> Fraction:
    """The time from the first frame's beginning to the last one's end, in seconds.

    The last frame's own duration counts where it is longer than the others'. Single pictures, slides and clips with a
    variable rate are held to `container_end`, in seconds after the first frame's beginning: containers seldom say how
    long the last of them stays, and players show it as long as there is sound. Clips at a constant rate last one
    frame's duration per frame.
    """
    tick, count = packets.time_base, len(packets.times)
    span = (packets.times[-1] - packets.times[0]) * tick
    own = packets.last_duration * tick
    stays = own > _LONGER / fps and packets.last_duration > _LONGER * Fraction(packets.usual_duration)
    seconds = span + (own or 1 / fps) if variable or stays or count == 1 else count / fps
    if container_end is None or container_end - seconds > _LONGEST_HOLD:
        return seconds
    if count == 1 or fps < _SLIDES:
        least = 1 / fps / 2
    elif variable:
        least = _SOUND_LEFT
    else:
        return seconds
    return container_end if container_end - seconds > least else seconds


def check_length(path: Path, seconds: Fraction, fps: Fraction) -> None:
    """Raise SourceError for a clip whose timestamps lie too far apart to be right."""
    if seconds * fps > MOST_FRAMES:
        raise SourceError(
            f"{path} would last {float(seconds):.0f} s by its timestamps, {float(fps):g} frames each second: they are "
            f"damaged, or it is too long; at most {MOST_FRAMES} frames are read"
        )
