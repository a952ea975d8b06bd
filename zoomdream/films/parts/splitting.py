"""The parts of a film that depend on no other: a video film's shots. They can be dreamed in any order, anywhere.

A zoom film is one part: each of its frames begins with the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import islice

import numpy as np
import torch

from zoomdream.films.film import Film
from zoomdream.films.footage import Footage, source_frames
from zoomdream.films.states import PartStart
from zoomdream.media import read_frames
from zoomdream.motion.cuts import SHOT_WIDTH, is_cut
from zoomdream.motion.optical_flow.flow import LARGEST, flow_method
from zoomdream.motion.optical_flow.reliability import motion_between
from zoomdream.progress import OnProgress, Progress
from zoomdream.runtime import usable_cores

SHORTEST = 24
"""Frames of a part at least, where nothing is carried and a film could be split anywhere."""


def independent_parts(film: Film, on_progress: OnProgress | None = None) -> tuple[range, ...]:
    """The parts of a film that depend on no other, in order; one for a film that does not split.

    A part begins with a cut over which nothing is carried (`carry.cuts` other than "ignore"), or with a frame to which
    nothing is carried (`carry.strength` 0). Cuts are looked for in small frames, and counted where the loop of the film
    sees one as well, so that the parts' frames are the film's to the bit; a cut that only the loop sees lies within a
    part, and is found there. `on_progress` counts the frames looked at. Raises SourceError.
    """
    count = len(film.timeline)
    if not isinstance(film.source, Footage):
        return (range(count),)
    firsts = [0]
    is_free = _at_all(film, "carry.strength") == 0
    cuts = _confirmed(film, _candidates(film, film.source, on_progress))
    for index in range(1, count):
        if index in cuts or (is_free[index] and index - firsts[-1] >= SHORTEST and count - index >= SHORTEST):
            firsts.append(index)
    return tuple(range(first, stop) for first, stop in zip(firsts, [*firsts[1:], count], strict=True))


def is_cut_at(film: Film, index: int) -> bool:
    """Whether the film's loop sees a cut before a frame, over which nothing is carried. Raises SourceError."""
    assert isinstance(film.source, Footage)
    row = film.timeline[index]
    if row.carry.cuts == "ignore" or not row.carry.strength:
        return False
    before = PartStart(index - 1, torch.from_numpy(film.camera_track[index - 1].copy()), is_cut=False)
    device, flow = film.network.device, film.timeline[0].carry.flow
    with closing(source_frames(film.source, film.timeline, flow, device, before, film.camera)) as sources:
        pair = list(islice(sources, 2))
    return len(pair) == 2 and pair[1].is_cut


def _confirmed(film: Film, candidates: Sequence[int]) -> set[int]:
    """Those that the film's loop takes for cuts; each is decoded by itself, so several are at one time."""
    with ThreadPoolExecutor(usable_cores(), "cuts") as pool:
        return {
            index
            for index, is_one in zip(candidates, pool.map(partial(is_cut_at, film), candidates), strict=True)
            if is_one
        }


def _candidates(film: Film, footage: Footage, on_progress: OnProgress | None) -> list[int]:
    """Frames that may begin a shot, by the loop's own test on small frames that the camera has not moved."""
    if (_at_all(film, "carry.cuts") == "ignore").all() or (_at_all(film, "carry.strength") == 0).all():
        return []
    width, height = footage.size
    ratio = min(1.0, SHOT_WIDTH / width, LARGEST / height)
    method, found, before = flow_method("fast"), [], None
    with read_frames(
        footage.clip,
        start=footage.first,
        frames=min(footage.frames, len(film.timeline)),
        size=(max(1, round(width * ratio)), max(1, round(height * ratio))),
        fps=footage.fps,
        allow_truncated=footage.allow_truncated,
        background=footage.background,
        deinterlace=footage.deinterlace,
    ) as frames:
        for index, now in enumerate(frames):
            if before is not None and is_cut(before, now, motion_between(before, now, method)):
                found.append(index)
            before = now
            if on_progress:
                on_progress(Progress(index + 1, len(film.timeline), "frame", "looking for cuts"))
    return found


def _at_all(film: Film, setting: str) -> np.ndarray:
    """A setting at each frame."""
    values = np.asarray(film.timeline.values(setting, 0, len(film.timeline)))
    return np.broadcast_to(values, (len(film.timeline),))
