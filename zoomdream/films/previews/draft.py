"""A draft: the same film, small and at a low rate. Needs no torch."""

from __future__ import annotations

from fractions import Fraction

from zoomdream.films.film_size import smaller_size
from zoomdream.films.previews.outline import Outline, outline
from zoomdream.presets.loading import with_changes
from zoomdream.presets.preset import Preset

DRAFT_PIXELS = 320 * 180
"""Of a draft's frame, at most."""
DRAFT_FPS = 12
"""Frames per second of a draft, about: each frame of it is one of the film's."""

_NTSC = Fraction(1, 100)  # 24000/1001 is taken for 24


def draft(preset: Preset) -> Preset:
    """The preset of a draft: it looks like the film, is at most 320x180 pixels large, and has 12 frames a second or
    some more. One that is no larger and no faster than that is its own draft.

    Raises SourceError for a source that is there and cannot be read, SettingError where the film leaves the video.
    """
    return with_changes(preset, draft_changes(outline(preset)))


def draft_changes(film: Outline) -> list[str]:
    """The assignments that make a draft of a film, for `load_preset`'s `changes`."""
    width, height = smaller_size(film.size, DRAFT_PIXELS)
    changes = [f"canvas.size={width}x{height}"] if (width, height) != film.size else []
    rate = draft_rate(film.clock.fps)
    return changes + (
        [f'canvas.fps="{rate}"' if rate.denominator > 1 else f"canvas.fps={rate}"] * (rate != film.clock.fps)
    )


def draft_rate(fps: Fraction) -> Fraction:
    """A whole part of a film's rate, the nearest to `DRAFT_FPS` that is hardly lower: its frames are the film's."""
    return fps / max(1, int(fps / DRAFT_FPS + _NTSC))
