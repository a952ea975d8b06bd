"""One frame of a film, in seconds: the film's own where it is near, else a stand-in.

A frame of a dream follows from all frames before it. Where an earlier run has kept the frame, or one a little before
it, in its journal, it is that one; near the film's beginning it is dreamed from there. Anywhere else it is a stand-in:
some frames are dreamed that begin with the source, and end with the one that is asked for. It has the film's layers,
settings and colors of that moment, and what has moved and grown in the picture until then is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image

from zoomdream.errors import JournalError, UsageError
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage, source_frames
from zoomdream.films.frame_loops import dreamed_frames, video_step, zoom_step
from zoomdream.films.journal import Journal, find_journal, journal_folder
from zoomdream.films.journaling import FilmJournal, JournalOptions
from zoomdream.films.states import STATE_FORMAT, PartStart, State, VideoState, ZoomState, state_from
from zoomdream.images.colors.color import palette_of
from zoomdream.images.frame import Frame, Levels, to_uint8
from zoomdream.motion.camera import CameraStep, seen, seen_change
from zoomdream.motion.projection import square
from zoomdream.progress import OnProgress, Progress
from zoomdream.rng import generator
from zoomdream.schedule.clock import Clock, Time

How = Literal["journal", "exact", "stand-in"]
"""What a preview's frame is: the film's own, kept by an earlier run or dreamed now, or one that stands for it."""

RUN_UP = 24
"""Frames that are dreamed for a stand-in, the last of which it is."""
VIDEO_RUN_UP = 8
"""The same of a film over a video, whose dream is carried along for about as long."""

_FAST_ZOOM = 1.25  # a second: in few frames nothing would be left of what a stand-in has to show without a stride
_STRIDES_A_SECOND = (15, 5)  # frames that a stand-in's beginning has of a second: of a slow, a fast zoom
_HISTORY = 2  # seconds, over which the zoom is averaged

OnFrame = Callable[[Frame], None]
"""Is handed each frame that is dreamed on the way."""


@dataclass(frozen=True)
class PreviewFrame:
    """A frame of a film that was not rendered."""

    frame: Frame
    """1x3xHxW, sRGB in [0, 1], in the film's size."""
    index: int
    """Which of the film's frames it is, from 0."""
    seconds: float
    """Its time after the film's beginning."""
    how: How
    dreamed: int
    """How many frames were dreamed for it."""

    @property
    def description(self) -> str:
        """What it is, in words for people."""
        if self.how == "journal":
            return "the film's own frame, kept by an earlier run"
        frames = f"{self.dreamed} frame" + ("s" if self.dreamed != 1 else "")
        if self.how == "exact":
            return f"the film's own frame: {frames} dreamed up to it"
        return f"a stand-in: {frames} dreamed from the source, where the film dreams all {self.index + 1}"

    def _repr_png_(self) -> bytes:
        """For a notebook."""
        file = BytesIO()
        Image.fromarray(to_uint8(self.frame)).save(file, "PNG")
        return file.getvalue()


def frame_index(clock: Clock, at: Time | str) -> int:
    """The frame that is seen at a moment, such as `3s`, `50%`, `120f`, `2bar` or `end`.

    Raises SettingError for what is no time, UsageError for one that is not in the film.
    """
    place = clock.at(at)
    index = int(place)
    if not 0 <= place < clock.frames:
        text = at if isinstance(at, str) else at.text
        last = float((clock.frames - 1) / clock.fps)
        raise UsageError(
            f"{text} is not in the film: it has {clock.frames} frames, and its last one is at {last:.3f} s"
        )
    return index


def preview_frame(
    film: Film,
    at: int | str,
    *,
    output: Path | str | None = None,
    run_up: int = RUN_UP,
    exact: bool = False,
    on_progress: OnProgress | None = None,
    on_frame: OnFrame | None = None,
) -> PreviewFrame:
    """A frame of a film, without rendering the film.

    Args:
        film: what `prepare` returned.
        at: which frame, from 0; or a moment, such as `3s`, `50%` or `end`.
        output: the film's file; where a render of it has kept frames, they are used. Nothing is changed there.
        run_up: how many frames are dreamed at most, but for those before the first of a film that loops.
        exact: dream as many as it takes to have the film's own frame.
        on_progress: called after each frame that was dreamed.
        on_frame: called with each frame that was dreamed.

    Raises DreamError, OutOfMemoryError, SourceError, and UsageError for a frame that the film does not have.
    """
    index = frame_index(film.clock, at) if isinstance(at, str) else at
    if not 0 <= index < len(film.timeline):
        raise UsageError(f"the film has no frame {index}: its frames are 0 to {len(film.timeline) - 1}")
    kept = None if output is None else _kept_frames(film, Path(output))
    seconds = float(index / film.clock.fps)
    for pixels in kept.read(index, index + 1) if kept else ():
        return PreviewFrame(_as_frame(pixels), index, seconds, "journal", 0)
    before = _state_before(film, kept, index)
    distance = index + 1 - (before.index if before else 0)
    if exact or distance <= run_up:
        frame = _dreamed(film, before, distance, on_progress, on_frame)
        return PreviewFrame(frame, index, seconds, "exact", distance)
    if not isinstance(film.source, Footage):
        loop = _sparse_frames(film, run_up_indices(index, run_up, _stride(film, index)))
        frame = _last(film, loop, run_up, on_progress, on_frame)
        return PreviewFrame(frame, index, seconds, "stand-in", run_up)
    count, cuts = min(run_up, VIDEO_RUN_UP), list[int]()
    frame = _last(film, _shot_frames(film, index + 1 - count, cuts), count, on_progress, on_frame)
    return PreviewFrame(frame, index, seconds, "exact" if cuts else "stand-in", count)


def _kept_frames(film: Film, output: Path) -> Journal | None:
    """What an earlier run has kept of this very film; None where there is none, or it is another film's."""
    folder = journal_folder(output.absolute())
    try:
        found = find_journal(folder)
        if found is None:
            return None
        return FilmJournal(film, folder, output.name, 0, JournalOptions(resume=True)).usable(found)
    except JournalError:
        return None


def _state_before(film: Film, kept: Journal | None, index: int) -> State | None:
    """The last kept state from which a frame can be dreamed."""
    for segment in reversed(kept.segments if kept else ()):
        if segment.stop <= index and segment.has_state(STATE_FORMAT):
            tensors = segment.load_state()
            if tensors is not None:
                return state_from(segment.state.kind, segment.stop, tensors, film.network.device)
    return None


def _dreamed(
    film: Film,
    start: State | PartStart | None,
    count: int,
    on_progress: OnProgress | None,
    on_frame: OnFrame | None,
) -> Frame:
    """The last of `count` frames that are dreamed one after the other."""
    return _last(film, dreamed_frames(film, start), count, on_progress, on_frame)


def _last(
    film: Film,
    frames: Generator[tuple[Frame, State], None, None],
    count: int,
    on_progress: OnProgress | None,
    on_frame: OnFrame | None,
) -> Frame:
    with closing(frames), closing(film.objectives):
        for done, (frame, _) in enumerate(frames, 1):
            if on_progress:
                on_progress(Progress(done, count, "frame", "frame"))
            if on_frame:
                on_frame(frame)
            if done == count:
                return frame.clone()
    raise UsageError("the video ends before this frame")


def _shot_frames(film: Film, first: int, cuts: list[int]) -> Generator[tuple[Frame, State], None, None]:
    """The frames of a video film from `first` on, which is begun as a shot's first one is.

    Frames with which a shot really begins are noted in `cuts`: from there on they are the film's own.
    """
    assert isinstance(film.source, Footage)
    state: VideoState | PartStart = PartStart(first, torch.from_numpy(film.camera_track[first].copy()), is_cut=False)
    flow, device = film.timeline[0].carry.flow, film.network.device
    with closing(source_frames(film.source, film.timeline, flow, device, state, film.camera)) as sources:
        for source_frame in sources:
            if source_frame.is_cut and film.timeline[state.index].carry.cuts == "reset":
                cuts.append(state.index)
            frame, state = video_step(film, state, source_frame)
            yield frame, state


def run_up_indices(index: int, count: int, stride: int) -> list[int]:
    """Which frames of a zoom film are dreamed for a stand-in, the last of which is `index`: `count` of them.

    The last third are neighbours. Before them every `stride`-th frame is dreamed, and the camera moves on as far as it
    does in the film: so less is left of the source, at no more work.
    """
    dense = max(1, count // 3)
    last = index + 1 - dense
    first = max(0, last - stride * (count - dense))
    sparse = np.linspace(first, last, count - dense, endpoint=False).round().astype(int).tolist()
    return [*sparse, *range(last, index + 1)]


def _stride(film: Film, index: int) -> int:
    """How far apart frames at the beginning of a stand-in are.

    Measured (distance of features from the film's frame, 24 frames dreamed at 15 a second): in endless-zoom (1.5) a
    stride of 3 instead of 1 has 0.15 and 0.20 instead of 0.29 and 0.17, in on-the-beat (1.6) 0.13 and 0.14 instead of
    0.18 and 0.16; in painterly (1.1), which is dreamed weakly, 0.24 instead of 0.17.
    """
    fps = float(film.clock.fps)
    first = max(0, index - round(_HISTORY * fps))
    zoom = np.exp(np.log(film.timeline.values("camera.zoom", first, index + 1).astype(float)).mean())
    return max(1, round(fps / _STRIDES_A_SECOND[bool(max(zoom, 1 / zoom) >= _FAST_ZOOM)]))


def _sparse_frames(film: Film, indices: list[int]) -> Generator[tuple[Frame, State], None, None]:
    """These frames of a zoom film, each dreamed from the one before it in the list, the first from the source."""
    assert not isinstance(film.source, Footage)
    state = ZoomState(indices[0], film.source, palette_of(film.source))
    for index in indices:
        state = _moved_on(film, state, index)
        frame, state = zoom_step(film, state)
        yield frame, state


def _moved_on(film: Film, state: ZoomState, index: int) -> ZoomState:
    """The state before a frame, to which the camera has moved on without a dream in between."""
    if state.index == index:
        return state
    matrix = np.eye(3)
    for skipped in range(state.index, index):
        matrix = matrix @ square(film.camera.matrix(skipped))
    matrix = matrix / matrix[2, 2]
    in_plane = np.array_equal(matrix[2], (0, 0, 1))
    step = CameraStep(matrix[:2] if in_plane else matrix, film.timeline[index - 1].camera.border)
    momentum = None if state.momentum is None else seen_change(state.momentum, step)
    moved = seen(state.dreamed, step, generator(film.seed, index - 1, "border"))
    return ZoomState(index, moved, state.palette, momentum)


def _as_frame(pixels: Levels) -> Frame:
    scale = 255 if pixels.dtype == np.uint8 else 65535
    return torch.from_numpy(pixels.astype(np.float32) / scale).permute(2, 0, 1)[None].contiguous()
