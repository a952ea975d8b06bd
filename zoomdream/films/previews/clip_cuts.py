"""The cuts of the video that a film is over, on the film's clock."""

from __future__ import annotations

from zoomdream.films.previews.outline import Outline

MOST_FRAMES = 20_000
"""Of a film: those of longer ones are not looked for, which would take minutes."""


def clip_cuts(film: Outline) -> tuple[float, ...] | None:
    """Where new shots begin, in seconds after the film's beginning; none of a film over no video.

    None where the film has more than `MOST_FRAMES`. The frames are compared small, some hundreds a second; a render
    compares them at its own size, and may see one cut more or less. Raises SourceError.
    """
    if film.clip is None:
        return ()
    if film.clock.frames > MOST_FRAMES:
        return None
    from zoomdream.motion.cuts import shots_of

    fps = film.clock.fps
    shots = shots_of(film.clip, start=film.first, frames=film.clock.frames, fps=fps, allow_truncated=True)
    return tuple(float(shot.first / fps) for shot in shots[1:])
