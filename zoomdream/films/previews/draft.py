"""A draft: the same film, small. Needs no torch."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np

from zoomdream.films.inputs.film_size import reduced_size
from zoomdream.films.previews.outline import Outline, outline
from zoomdream.presets.loading import with_changes
from zoomdream.presets.preset import Preset
from zoomdream.schedule.adaptation import Adaptation
from zoomdream.schedule.deforum_strings import is_deforum

DRAFT_PIXELS = 512 * 288
"""Of a draft's frame, at most."""
LEAST_PIXELS = 384 * 216
"""A draft has as many even where they are more than its share of the film's; a film that has no more is its own draft.
With fewer a dream is another one."""
DRAFT_SHARE = 0.64
"""Of the film's pixels that a draft has: four fifths of each side. With three fifths it takes two thirds of the time,
and is nearer to its film than another seed's film only where that is dreamed strongly; see docs/previews.md."""
DRAFT_FPS = 24
"""Frames per second of a draft, about: each frame of it is one of the film's. At 12 a dream is another one. Measured
(distance of features from the film's frame after a second): quickstart at 320x180 has 0.17 at the film's own 24 and
0.36 at 12, endless-zoom 0.27 at its own 30 and 0.44 at 15; another seed has 0.17 and 0.24."""

_NTSC = Fraction(1, 100)  # 24000/1001 is taken for 24
_LENGTHS = (("canvas", "duration"), ("canvas", "start"))
_OCTAVES = ("dream.octaves", "dream.octave_scale")
_LEAST_OCTAVES, _LEAST_SCALE = 2, 1.01
_FRAMES = re.compile(r"\d+ ?f")
_FRAME_NAMES = re.compile(r"\b(frame|frames|fps)\b")


def draft(preset: Preset, pixels: int = DRAFT_PIXELS) -> Preset:
    """The preset of a draft: it looks like the film, is at most about 512x288 large, or has so many pixels, and 24
    frames a second or some more. A film that is no faster, and no larger than about 384x216, is its own draft.

    Where a preset counts frames, in keyframes or Deforum's strings, its draft has the film's rate. Raises SourceError
    for a source that is there and cannot be read, SettingError where the film leaves the video.
    """
    return with_changes(preset, draft_changes(outline(preset), pixels=pixels))


def draft_changes(
    film: Outline, *, pixels: int = DRAFT_PIXELS, keep_size: bool = False, keep_rate: bool = False
) -> list[str]:
    """The assignments that make a draft of a film, for `load_preset`'s `changes`; its size or its rate may be kept."""
    size = film.size if keep_size else draft_size(film.size, pixels)
    changes = [f"canvas.size={size[0]}x{size[1]}"] if size != film.size else []
    rate = film.clock.fps if keep_rate or counts_frames(film.preset) else draft_rate(film.clock.fps)
    if rate != film.clock.fps:
        changes += [f'canvas.fps="{rate}"' if rate.denominator > 1 else f"canvas.fps={rate}", *_in_seconds(film)]
    if not changes or film.preset.canvas.authored is not None:
        return changes
    octaves = _octaves(film, size)
    written = "any" if octaves else f"{film.size[0]}x{film.size[1]}"  # also where the source gives the film its size
    return [*changes, *octaves, f"canvas.authored={written}@{film.clock.fps}"]


def draft_size(size: tuple[int, int], pixels: int = DRAFT_PIXELS) -> tuple[int, int]:
    """(width, height) of the draft of a film of `size`, with at most so many pixels.

    Its shape is as nearly the film's as even numbers allow: where a draft of 640x360 is 328x184, which is wider by one
    part in 300, its features are no nearer to the film's than another seed's; those of 320x180 and 327x184 are.
    """
    whole = size[0] * size[1]
    if whole <= LEAST_PIXELS:
        return size
    return reduced_size(size, min(pixels, max(LEAST_PIXELS, round(DRAFT_SHARE * whole))))


def _octaves(film: Outline, size: tuple[int, int]) -> list[str]:
    """The octaves of a draft where they are not left to its canvas; none where they move during the film.

    Written down they leave the step size as it is, which a smaller canvas raises for the octaves that it lacks. Over a
    video that would hide the source: measured over a street at 384x163, one octave where the film has three, steps as
    they are have a distance of features in their places of 0.76, raised ones 0.96, and another seed 0.79. And a film of
    several octaves keeps two: of the three of spiral at 288x288 one has 0.48 and two have 0.43.
    """
    timeline = film.preset.timeline(film.clock, film.variables)
    columns = {name: timeline.values(name, 0, film.clock.frames) for name in _OCTAVES}
    if size == film.size or any(np.ptp(column) > 0 for column in columns.values()):
        return []
    written, step = (float(np.ravel(columns[name])[0]) for name in _OCTAVES)
    scale = math.sqrt(size[0] * size[1] / (film.size[0] * film.size[1]))
    adapted = float(np.ravel(Adaptation(scale).changed["dream.octaves"](columns.__getitem__))[0])
    octaves = adapted if film.clip else max(adapted, min(written, _LEAST_OCTAVES))
    if octaves == adapted and not film.clip:
        return []
    whole = scale * step ** (written - 1)  # the frame's size over the coarsest octave's, which stays
    step = min(4.0, max(_LEAST_SCALE, whole ** (1 / (octaves - 1)))) if octaves > 1 else step
    return [f"dream.octaves={octaves:.0f}", f"dream.octave_scale={step:.6f}"]


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
