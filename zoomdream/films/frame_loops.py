"""The two loops that dream frame after frame."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

import torch

from zoomdream.dreaming.amortized import dream_on, first_settings
from zoomdream.dreaming.focus import focus_of
from zoomdream.dreaming.soundness import Check, refuse_no_picture
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage, SourceFrame, source_frames
from zoomdream.films.inputs.reference_colors import with_reference
from zoomdream.films.inputs.source_pull import pulled_to_source
from zoomdream.films.states import PartStart, State, VideoState, ZoomState
from zoomdream.images.colors.color import Palette, cohere, palette_of
from zoomdream.images.frame import Frame
from zoomdream.images.texture import natural_texture
from zoomdream.memory import memory_guard
from zoomdream.motion.border import newly_seen
from zoomdream.motion.camera import seen, seen_change
from zoomdream.motion.carrying import carry_both
from zoomdream.motion.mirror_tile import tile_after
from zoomdream.motion.mirrors import mirrored, mirrored_change
from zoomdream.rng import generator
from zoomdream.schedule.timeline import Row
from zoomdream.settings import DreamSettings


def frames(film: Film) -> Generator[Frame, None, None]:
    """Dream the film's frames one after the other. Raises DreamError where a frame is no picture any more.

    Each is a new tensor 1x3xHxW in [0, 1] on the network's device, the caller's to keep or to change.
    """
    with closing(dreamed_frames(film)) as loop:
        for frame, _ in loop:
            yield frame.clone()  # the loop's state may hold the frame itself


def dreamed_frames(
    film: Film, state: State | PartStart | None = None, check: Check = refuse_no_picture
) -> Generator[tuple[Frame, State], None, None]:
    """The film's frames, each with the state that the next one begins with: from the beginning, or from `state` on.

    A frame and its state may share memory: they are to be read, not changed. `check` is called with each frame once.
    """
    if isinstance(film.source, Footage):
        assert not isinstance(state, ZoomState)
        return video_frames(film, state, check)
    assert state is None or isinstance(state, ZoomState)
    return zoom_frames(film, state, check)


def zoom_frames(
    film: Film, state: ZoomState | None = None, check: Check = refuse_no_picture
) -> Generator[tuple[Frame, ZoomState], None, None]:
    """The loop of a zoom film, from its beginning or from `state`: dream, move the camera, dream again."""
    state = state or first_zoom_state(film)
    with closing(film.objectives):
        while state.index < len(film.timeline):
            frame, state = zoom_step(film, state, check)
            yield frame, state


def video_frames(
    film: Film, state: VideoState | PartStart | None = None, check: Check = refuse_no_picture
) -> Generator[tuple[Frame, VideoState], None, None]:
    """The loop of a video film: carry the last dream along the motion to the next source frame, dream over that."""
    assert isinstance(film.source, Footage)
    flow = film.timeline[0].carry.flow
    sources = source_frames(film.source, film.timeline, flow, film.network.device, state, film.camera)
    with closing(sources), closing(film.objectives):
        for source_frame in sources:
            frame, state = video_step(film, state, source_frame, check)
            yield frame, state


def first_zoom_state(film: Film) -> ZoomState:
    """The state before a zoom film's first frame. Where frames come before it that are not shown, it dreams these."""
    *_, state = run_in(film)
    return state


def part_start(film: Film, first: int) -> PartStart:
    """What a part begins with whose first frame is `first`, over 0."""
    carries = film.timeline[first].carry.strength != 0
    return PartStart(first, torch.from_numpy(film.camera_track[first].copy()), is_cut=carries)


def run_in(film: Film) -> Generator[ZoomState, None, None]:
    """The source as a state, and then one after each frame that is dreamed before the first one and not shown.

    These have the first frame's settings. The last state is the one that the film begins with; their index is 0.
    """
    assert not isinstance(film.source, Footage)
    yield (state := ZoomState(0, film.source, palette_of(film.source)))
    for number in range(film.loop.run_in if film.loop else 0):
        with memory_guard(film.size):
            state = _run_in_step(film, state, number)
        yield state


def _run_in_step(film: Film, state: ZoomState, number: int) -> ZoomState:
    row, step = film.timeline[0], film.camera.run_in_step(None if state.tile is None else state.tile.numpy())
    start = seen(state.dreamed, step, generator(film.seed, number, "border before the first frame"))
    momentum = None if state.momentum is None else seen_change(state.momentum, step)
    settings, rng = row.dream if number else first_settings(row.dream), generator(film.seed, number, "before the first")
    focus = focus_of(start, row.focus)
    dreamed, momentum = dream_on(start, momentum, film.objective(row), settings, rng, row.dream.steps, focus)
    refuse_no_picture(dreamed, f"frame {number + 1} of those before the first", start)
    dreamed = natural_texture(dreamed, row.color.texture, focus)
    dreamed = cohere(dreamed, with_reference(state.palette, row.palette), row.color.coherence)
    tile = None if step.tile is None else torch.from_numpy(tile_after(step.tile, step.matrix))
    return ZoomState(0, dreamed, state.palette, momentum, tile, beginning=dreamed)


def zoom_step(film: Film, state: ZoomState, check: Check = refuse_no_picture) -> tuple[Frame, ZoomState]:
    """One frame of a zoom film, and the state that the next one begins with."""
    row = film.timeline[state.index]
    with memory_guard(film.size):
        start, momentum, tile = zoom_start(film, state)
        if row.dream.source_pull:
            assert isinstance(film.source, torch.Tensor)
            way = film.camera.to_source(row.index)
            start = pulled_to_source(start, film.source, way, row.dream.source_pull)
        settings = row.dream if state.index or state.beginning is not None else first_settings(row.dream)
        dreamed, momentum = _dreamed(film, row, start, momentum, settings, row.dream.steps, state.palette, check)
    return dreamed, ZoomState(state.index + 1, dreamed, state.palette, momentum, tile, state.beginning)


def zoom_start(film: Film, state: ZoomState) -> tuple[Frame, Frame | None, torch.Tensor | None]:
    """What a zoom film's frame is dreamed from, the momentum that comes along, and the next state's tile.

    The camera moves here, not after the last frame: where it goes depends on both frames' rows, and a state on none to
    come.
    """
    step = film.camera.step(state.index, None if state.tile is None else state.tile.numpy())
    start = seen(state.dreamed, step, generator(film.seed, max(0, state.index - 1), "border"))
    momentum = None if state.momentum is None else seen_change(state.momentum, step)
    tile = None if step.tile is None else torch.from_numpy(tile_after(step.tile, step.matrix))
    if film.loop is not None and state.index >= len(film.timeline) - film.loop.fade:
        beginning = film.source if state.beginning is None else state.beginning
        assert isinstance(beginning, torch.Tensor)
        matrix, frames = film.camera.to_beginning(state.index), len(film.timeline)
        start, momentum = film.loop.draw_in(start, momentum, beginning, matrix, state.index, frames)
    return start, momentum, tile


def video_step(
    film: Film, state: VideoState | PartStart | None, source_frame: SourceFrame, check: Check = refuse_no_picture
) -> tuple[Frame, VideoState]:
    """One frame of a video film, and the state that the next one begins with; `state` is None before the first."""
    index = state.index if state else 0
    row = film.timeline[index]
    with memory_guard(film.size):
        start, momentum, settings = video_start(row, state, source_frame)
        palette = palette_of(source_frame.frame) if row.color.coherence else None
        dreamed, momentum = _dreamed(film, row, start, momentum, settings, row.carry.steps, palette, check)
    return dreamed, VideoState(index + 1, dreamed, source_frame.frame, source_frame.next_camera, momentum)


def video_start(
    row: Row, state: VideoState | PartStart | None, source_frame: SourceFrame
) -> tuple[Frame, Frame | None, DreamSettings]:
    """What a video frame is dreamed from, the momentum that comes along, and the settings with the number of steps.

    Within a shot, `source + strength * reliability * W(last dream - last source)`: carrying the difference keeps the
    source sharp, and where the motion cannot be trusted the start falls back to it. Few steps keep up what is carried.
    A shot's first frame is dreamed from the bare source with all steps (`cuts: fade`: with few, so that it grows).
    """
    step_size = row.dream.step_size * row.carry.step_scale
    few = row.dream.model_copy(update={"steps": row.carry.steps, "step_size": step_size})
    cut = source_frame.is_cut and row.carry.cuts != "ignore"
    if not isinstance(state, VideoState) or source_frame.motion is None or cut:
        return source_frame.frame, None, few if cut and row.carry.cuts == "fade" else row.dream
    added, momentum = carry_both(state.dreamed - state.source, state.momentum, source_frame.motion)
    return source_frame.frame + row.carry.strength * added, momentum, few


def _dreamed(
    film: Film,
    row: Row,
    start: Frame,
    momentum: Frame | None,
    settings: DreamSettings,
    steps: int,
    palette: Palette | None,
    check: Check,
) -> tuple[Frame, Frame | None]:
    rng, mirrors = generator(film.seed, row.index, "jitter"), film.camera.mirrors(row.index)
    if mirrors:
        start = mirrored(start, mirrors)
        momentum = None if momentum is None else mirrored_change(momentum, mirrors)
    focus = focus_of(start, row.focus, _rim(film, row, start), _overlap(film, row, start))
    dreamed, momentum = dream_on(start, momentum, film.objective(row), settings, rng, steps, focus)
    check(dreamed, f"frame {row.index + 1} of {len(film.timeline)}", start)
    dreamed = natural_texture(dreamed, row.color.texture, focus)
    if palette is not None:
        dreamed = cohere(dreamed, with_reference(palette, row.palette), row.color.coherence)
    return mirrored(dreamed, mirrors) if mirrors else dreamed, momentum


def _rim(film: Film, row: Row, start: Frame) -> Frame | None:
    """How newly each place has come into view, for a second of a zoom film; None where that does not count."""
    if row.focus.rim == 0 or row.index == 0 or isinstance(film.source, Footage):
        return None
    return newly_seen(film.camera.matrix(row.index), float(film.clock.fps), start)


def _overlap(film: Film, row: Row, start: Frame) -> Frame | None:
    """Where a loop's end and its beginning lie over one another; None where that does not count.

    In a calm place what shows through would stay as it is: the edge of the beginning, a frame within the frame.
    """
    if film.loop is None or row.focus.calm == 0 or not film.loop.share(row.index, len(film.timeline)):
        return None
    return film.loop.overlap(start, film.camera.to_beginning(row.index), row.index, len(film.timeline))
