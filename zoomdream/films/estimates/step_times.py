"""How long the parts of a frame take here and now: measured on a small frame, before the film begins."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from zoomdream.dreaming.ascent import Ascent
from zoomdream.dreaming.focus import focus_of
from zoomdream.films.camera_path import CameraPath
from zoomdream.films.estimates.workload import Workload
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage
from zoomdream.films.inputs.source_pull import pulled_to_source
from zoomdream.images.colors.color import cohere, palette_of
from zoomdream.images.frame import Frame, Size, noise, to_uint8
from zoomdream.images.sampling.resample import resize
from zoomdream.images.texture import natural_texture
from zoomdream.motion.camera import seen, seen_change
from zoomdream.motion.carrying import carry_both
from zoomdream.motion.cuts import is_cut
from zoomdream.motion.mirrors import mirrored
from zoomdream.motion.optical_flow.flow import flow_method
from zoomdream.motion.optical_flow.reliability import motion_between
from zoomdream.objectives import Objective
from zoomdream.rng import generator
from zoomdream.runtime import usable_cores
from zoomdream.schedule.timeline import Row

_PIXELS = 130_000  # of a frame that is measured: 480x270; a larger one takes as much longer as it has pixels more
_RAFT_PIXELS = 16_000  # RAFT takes a second for 480x270
_ROUNDS = 3
_FEW_STEPS = 100  # a film of fewer is over soon: it is measured in one round

MOST_SECONDS = 0.7
"""After this time no other objective is measured."""


@dataclass(frozen=True)
class StepTime:
    """What a step takes: so much for itself, and so much for each pixel; in seconds."""

    each: float
    pixel: float

    def seconds(self, steps: float, pixels: float) -> float:
        """Of so many steps, which have so many pixels together."""
        return self.each * steps + self.pixel * pixels


def window_size(film: Film) -> Size:
    """(width, height) of what the network sees at once: the frame, or a tile of it with its margins."""
    return film.tiling.largest_window(film.size) if film.tiling else film.size


def _measured_size(film: Film, most: int = _PIXELS) -> Size:
    """(width, height) of the frame to measure: what the network sees at once, made smaller where it is large."""
    width, height = window_size(film)
    scale = min(1.0, (most / (width * height)) ** 0.5)
    return max(1, round(width * scale)), max(1, round(height * scale))


def step_times(film: Film, work: Sequence[Workload]) -> list[StepTime]:
    """The time of a step for each choice of objectives.

    Those with most work are measured, as many as there is time for; the others' time follows from how deep in the
    network they are. The film's frames are the same with and without.
    """
    objectives = [film.objective(film.timeline[each.example]).tiled(None) for each in work]
    depths = [_depth(objective) for objective in objectives]
    measured: dict[float, StepTime] = {}
    rounds = _ROUNDS if sum(each.steps for each in work) > _FEW_STEPS else 1
    start = time.perf_counter()
    for index in sorted(range(len(work)), key=lambda index: -work[index].pixels):
        if depths[index] not in measured and (not measured or time.perf_counter() - start < MOST_SECONDS):
            row = film.timeline[work[index].example]
            measured[depths[index]] = _step_time(film, objectives[index], row, rounds)
    film.objectives.close()
    known = sorted(measured)
    each, pixel = (np.interp(depths, known, [getattr(measured[d], name) for d in known]) for name in ("each", "pixel"))
    more = _tiles_share(film)
    return [StepTime(float(a) * more, float(b) * more) for a, b in zip(each, pixel, strict=True)]


def frame_seconds(film: Film, row: Row) -> float:
    """What a frame takes beside its steps: resampling by octaves and camera or motion, colors, 8 bits."""
    size = _measured_size(film)
    frame = _picture(film, size)
    half = (max(1, size[0] // 2), max(1, size[1] // 2))
    calls: list[Callable[[], object]] = [
        *[lambda: resize(resize(frame, half), size)] * (row.dream.octaves - 1),
        lambda: to_uint8(frame.clone()),
    ]
    if row.color.coherence:
        palette = palette_of(frame)
        calls.append(lambda: cohere(frame, palette, row.color.coherence))
    focus = focus_of(frame, row.focus)
    calls += [lambda: focus_of(frame, row.focus)] * (focus is not None)
    calls += [lambda: natural_texture(frame, row.color.texture, focus)] * bool(row.color.texture)
    if isinstance(film.source, Footage):
        return _seconds(calls) * _share(film, size) + _motion_seconds(film, row)
    rng = generator(film.seed, row.index, "estimate")
    path = CameraPath(film.timeline, size, film.seed)
    step, mirrors = path.step(row.index), path.mirrors(row.index)
    if mirrors:
        calls += [lambda: mirrored(frame, mirrors)] * 2
    calls.append(lambda: seen(frame, step, rng))
    if row.dream.source_pull:
        way = path.to_source(row.index)
        calls.append(lambda: pulled_to_source(frame, frame, way, row.dream.source_pull))
    if row.dream.schedule == "amortized":
        calls.append(lambda: seen_change(frame, step))
    return _seconds(calls) * _share(film, size)


def _motion_seconds(film: Film, row: Row) -> float:
    """What a video frame's motion takes: the flow in a thread beside the dreaming, carrying along it."""
    if not row.carry.strength:
        return 0.0
    size = _measured_size(film, _RAFT_PIXELS if row.carry.flow == "raft" else _PIXELS)
    frame = _picture(film, size)
    before, now = (to_uint8(torch.roll(frame, shift, 3)) for shift in (0, 2))
    method = flow_method(row.carry.flow, film.network.device)
    motion = motion_between(before, now, method)
    beside = _seconds([lambda: is_cut(before, now, motion_between(before, now, method))])
    momentum = frame if row.dream.schedule == "amortized" else None
    return (_seconds([lambda: carry_both(frame, momentum, motion)]) + beside / usable_cores()) * _share(film, size)


def _step_time(film: Film, objective: Objective, row: Row, rounds: int) -> StepTime:
    """Measured on two frames, of which one has about a quarter of the other's pixels."""
    width, height = _measured_size(film)
    least = objective.smallest_input
    sizes = [(max(least, width), max(least, height)), (max(least, width // 2), max(least, height // 2))]
    times = []
    for size in sizes:
        frame = _picture(film, size)
        balance = [torch.ones((), device=frame.device)] * len(objective.terms)
        ascent = Ascent(objective, balance, row.dream, film.size)
        rng = generator(film.seed, row.index, "estimate")
        times.append(_seconds([partial(ascent.step, frame, 1.0, rng)], rounds))
    (large, small), (many, few) = times, [size[0] * size[1] for size in sizes]
    if many == few:
        return StepTime(0.0, large / many)
    pixel = min(max((large - small) / (many - few), 0.5 * large / many), large / many)
    return StepTime(large - pixel * many, pixel)


def _seconds(calls: Sequence[Callable[[], object]], rounds: int = _ROUNDS) -> float:
    """The median time of these calls together; a first round is not counted."""
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        for call in calls:
            call()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def _picture(film: Film, size: Size) -> Frame:
    if isinstance(film.source, torch.Tensor):
        return resize(film.source, size).clamp(0, 1)
    return noise(size, generator(film.seed, 0, "estimate"), film.network.device)


def _share(film: Film, size: Size) -> float:
    return film.size[0] * film.size[1] / (size[0] * size[1])


def _tiles_share(film: Film) -> float:
    """How many pixels the network sees for each pixel of the frame."""
    return film.tiling.work(film.size) if film.tiling else 1.0


def _depth(objective: Objective) -> float:
    """How deep the networks are run, as the arithmetic up to there: a step's time follows it."""
    network, costs = objective.network, dict[str, float]()
    for tap in objective.taps:
        owner, _ = network.owner(tap.layer)
        costs[owner.name] = max(costs.get(owner.name, 0.0), network.map_of(tap.layer).cost)
    return sum(costs.values())
