"""How much a film has to dream: steps and pixels, added up over all frames without building their rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoomdream.dreaming.amortized import first_settings
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage
from zoomdream.images.frame import Size
from zoomdream.schedule.easing import FloatArray


@dataclass(frozen=True)
class Workload:
    """What the frames that mix the same objectives, with the same signs, have to do."""

    example: int
    """The first of them."""
    frames: float
    """How many there are."""
    steps: float
    """Steps of the ascent, over all octaves."""
    pixels: float
    """Pixels of all steps together."""
    first_pixels: float
    """Pixels of each frame's smallest octave together, where objectives are balanced."""
    octave_pixels: float
    """Pixels of each frame's octaves together."""


def workloads(film: Film, stop: int) -> list[Workload]:
    """The work of the frames from 0 to `stop` - 1, one for each choice of objectives; frames without any are left out.

    Those that come before the first one and are not shown count as well, with its objectives. A carried frame of a
    video takes the few steps that it takes unless a shot begins with it, which nobody knows yet.
    """
    totals: dict[bytes, FloatArray] = {}
    examples: dict[bytes, int] = {}
    runs = iter(film.timeline.mix_runs(stop))
    run = next(runs)
    for part in film.timeline.parts(stop):
        columns = np.stack(np.broadcast_arrays(*_work(film, part)), 1)
        start = part.start
        while start < part.stop:
            end = min(run.stop, part.stop)
            rows = columns[start - part.start : end - part.start] if len(columns) > 1 else columns
            total = rows.sum(0) if len(columns) > 1 else rows[0] * (end - start)
            count = end - start
            if start == 0 and film.loop is not None:
                count += film.loop.run_in
                total = total + columns[min(1, len(columns) - 1)] * film.loop.run_in
            totals[run.signs] = totals.get(run.signs, 0) + np.append(total, count)
            examples.setdefault(run.signs, run.start)
            start = end
            if start == run.stop:
                run = next(runs, run)
    return [Workload(examples[signs], total[4], *total[:4].tolist()) for signs, total in totals.items() if any(signs)]


def _work(film: Film, part: range) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Steps, pixels of the steps, of the smallest octave and of all octaves, for each frame or once for all."""
    octaves, scales, steps = (
        film.timeline.values(f"dream.{name}", part.start, part.stop) for name in ("octaves", "octave_scale", "steps")
    )
    steps = _steps(film, part, steps)
    count, smallest, whole = _octave_pixels(film.size, octaves, scales, film.objectives.all.smallest_input)
    return count * steps, whole * steps, smallest, whole


def _steps(film: Film, part: range, whole: FloatArray) -> FloatArray:
    """The steps an octave that each frame takes, of `whole` in the preset, or once for all.

    Where steps are amortized, one stands for those of a frame that another frame goes before.
    """
    steps, first = whole, whole[0]
    amortized = film.timeline[0].dream.schedule == "amortized"
    if isinstance(film.source, Footage):
        carried = film.timeline.values("carry.strength", part.start, part.stop) != 0
        few = film.timeline.values("carry.steps", part.start, part.stop)
        steps = np.where(carried, np.minimum(few, 1) if amortized else few, whole)
    elif amortized:
        steps, first = np.minimum(whole, 1), first_settings(film.timeline[0].dream).steps
    if part.start or first == steps[0]:
        return steps
    steps = np.broadcast_to(steps, (len(part),)).copy()
    steps[0] = first
    return steps


def _octave_pixels(
    size: Size, octaves: FloatArray, scales: FloatArray, smallest: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """How many octaves there are, the pixels of the smallest one and of all, as `octave_sizes` chooses them.

    `smallest` is taken for every frame, although some objectives would do with a smaller frame.
    """
    count = first = whole = np.zeros(np.broadcast_shapes(octaves.shape, scales.shape))
    for octave in range(int(octaves.max())):
        scale = scales**-octave
        width, height = np.rint(size[0] * scale), np.rint(size[1] * scale)
        exists = (octave < octaves) & (np.minimum(width, height) >= smallest)
        pixels = width * height
        count, whole = count + exists, whole + pixels * exists
        first = np.where(exists, pixels, first)
    return count, first, whole
