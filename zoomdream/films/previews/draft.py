"""A draft: the same film, small. Needs no torch."""

from __future__ import annotations

import re
from fractions import Fraction

from zoomdream.films.inputs.film_size import smaller_size
from zoomdream.films.previews.outline import Outline, outline
from zoomdream.presets.loading import with_changes
from zoomdream.presets.preset import Preset
from zoomdream.schedule.deforum_strings import is_deforum

DRAFT_PIXELS = 320 * 180
"""Of a draft's frame, at most."""
DRAFT_FPS = 24
"""Frames per second of a draft, about: each frame of it is one of the film's. At 12 a dream is another one. Measured
(distance of features from the film's frame after a second): quickstart at 320x180 has 0.17 at the film's own 24 and
0.36 at 12, endless-zoom 0.27 at its own 30 and 0.44 at 15; another seed has 0.17 and 0.24."""

_NTSC = Fraction(1, 100)  # 24000/1001 is taken for 24
_LENGTHS = (("canvas", "duration"), ("canvas", "start"))
_FRAMES = re.compile(r"\d+ ?f")
_FRAME_NAMES = re.compile(r"\b(frame|frames|fps)\b")


def draft(preset: Preset) -> Preset:
    """The preset of a draft: it looks like the film, is at most about 320x180 pixels large, and has 24 frames a second
    or some more. One that is no larger and no faster than that is its own draft.

    Where a preset counts frames, in keyframes or Deforum's strings, its draft has the film's rate. Raises SourceError
    for a source that is there and cannot be read, SettingError where the film leaves the video.
    """
    return with_changes(preset, draft_changes(outline(preset)))


def draft_changes(film: Outline) -> list[str]:
    """The assignments that make a draft of a film, for `load_preset`'s `changes`."""
    width, height = smaller_size(film.size, DRAFT_PIXELS)
    changes = [f"canvas.size={width}x{height}"] if (width, height) != film.size else []
    rate = film.clock.fps if counts_frames(film.preset) else draft_rate(film.clock.fps)
    if rate != film.clock.fps:
        changes += [f'canvas.fps="{rate}"' if rate.denominator > 1 else f"canvas.fps={rate}", *_in_seconds(film)]
    if changes and film.preset.canvas.authored is None:  # also where the source gives the film its size
        changes.append(f"canvas.authored={film.size[0]}x{film.size[1]}@{film.clock.fps}")
    return changes


def _in_seconds(film: Outline) -> list[str]:
    """Assignments of the lengths that the preset has in frames."""
    lengths = ((".".join(path), film.preset.document.value(path)) for path in _LENGTHS)
    return [
        f"{key}={_seconds(text, film.clock.fps)}s"
        for key, text in lengths
        if isinstance(text, str) and _FRAMES.fullmatch(text)
    ]


def draft_rate(fps: Fraction) -> Fraction:
    """A whole part of a film's rate, the nearest to `DRAFT_FPS` that is hardly lower: its frames are the film's."""
    return fps / max(1, int(fps / DRAFT_FPS + _NTSC))


def counts_frames(preset: Preset) -> bool:
    """Whether a preset says when something happens as a frame's number, which means another time at another rate."""
    return any(
        is_deforum(text) or _FRAMES.fullmatch(text) or (path[-1] == "expr" and _FRAME_NAMES.search(text))
        for path, text in preset.document.texts(())
        if path not in _LENGTHS
    )


def _seconds(text: str, fps: Fraction) -> str:
    """A number of frames in seconds, to a billionth."""
    return f"{float(int(text.removesuffix('f')) / fps):.9f}".rstrip("0").rstrip(".")
