"""A film: the two loops that dream frame after frame, and `render`, which runs one into a file."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

from zoomdream.ascent import dream
from zoomdream.camera import move
from zoomdream.color import Palette, cohere, palette_of
from zoomdream.errors import UsageError
from zoomdream.flow import carry
from zoomdream.footage import Footage, View, views
from zoomdream.image import Frame, to_uint8
from zoomdream.media import Sound, open_film
from zoomdream.memory import memory_guard
from zoomdream.plan import Film
from zoomdream.preparation import prepare
from zoomdream.randomness import generator
from zoomdream.recipes import recipe
from zoomdream.settings import DreamSettings
from zoomdream.timeline import Row

__all__ = [
    "Film",
    "Progress",
    "VideoState",
    "ZoomState",
    "checked_span",
    "frames",
    "prepare",
    "render",
    "video_frames",
    "video_start",
    "video_step",
    "zoom_frames",
    "zoom_opening",
    "zoom_step",
]


@dataclass(frozen=True)
class ZoomState:
    """All that the next frame of a zoom film needs: its index, the picture it is dreamed from, the palette to keep."""

    index: int
    start: Frame
    palette: Palette


@dataclass(frozen=True)
class VideoState:
    """All that the next frame of a video film needs: its index, the last dream, and the source it was dreamed over."""

    index: int
    dreamed: Frame
    source: Frame


def frames(film: Film) -> Generator[Frame, None, None]:
    """Dream the film's frames one after the other.

    Each is a new tensor 1x3xHxW in [0, 1] on the network's device, the caller's to keep or to change.
    """
    with closing(video_frames(film) if isinstance(film.source, Footage) else zoom_frames(film)) as loop:
        for frame in loop:
            yield frame.clone()  # the loop's state may hold the frame itself


def zoom_frames(film: Film, state: ZoomState | None = None) -> Generator[Frame, None, None]:
    """The loop of a zoom film, from its beginning or from `state`: dream, move the camera, dream what it sees."""
    state = state or zoom_opening(film)
    while state.index < len(film.timeline):
        frame, state = zoom_step(film, state)
        yield frame


def video_frames(film: Film) -> Generator[Frame, None, None]:
    """The loop of a video film: carry the last dream along the motion to the next source frame, dream over that."""
    assert isinstance(film.source, Footage)
    state: VideoState | None = None
    with closing(views(film.source, film.timeline, film.timeline[0].carry.flow, film.network.device)) as seen:
        for view in seen:
            frame, state = video_step(film, state, view)
            yield frame


def zoom_opening(film: Film) -> ZoomState:
    """The state before a zoom film's first frame."""
    assert not isinstance(film.source, Footage)
    return ZoomState(0, film.source, palette_of(film.source))


def zoom_step(film: Film, state: ZoomState) -> tuple[Frame, ZoomState]:
    """One frame of a zoom film, and the state that the next one begins with."""
    row = film.timeline[state.index]
    with memory_guard(film.size):
        dreamed = _dreamed(film, row, state.start, row.dream, state.palette)
        start = move(dreamed, row.camera, float(1 / film.clock.fps))
    return dreamed, ZoomState(state.index + 1, start, state.palette)


def video_step(film: Film, state: VideoState | None, view: View) -> tuple[Frame, VideoState]:
    """One frame of a video film, and the state that the next one begins with; `state` is None before the first."""
    index = state.index if state else 0
    row = film.timeline[index]
    with memory_guard(film.size):
        start, settings = video_start(row, state, view)
        palette = palette_of(view.source) if row.color.coherence else None
        dreamed = _dreamed(film, row, start, settings, palette)
    return dreamed, VideoState(index + 1, dreamed, view.source)


def video_start(row: Row, state: VideoState | None, view: View) -> tuple[Frame, DreamSettings]:
    """What a video frame is dreamed from, and with how many steps.

    Within a shot, `source + strength * reliability * W(last dream - last source)`: carrying the difference keeps the
    source sharp, and where the motion cannot be trusted the start falls back to it. Few steps keep up what is carried.
    A shot's first frame is dreamed from the bare source with all steps (`cuts: fade`: with few, so that it grows).
    """
    few = row.dream.model_copy(update={"steps": row.carry.steps})
    cut = view.is_cut and row.carry.cuts != "ignore"
    if state is None or view.motion is None or cut:
        return view.source, few if cut and row.carry.cuts == "fade" else row.dream
    return view.source + row.carry.strength * carry(state.dreamed - state.source, view.motion), few


def _dreamed(film: Film, row: Row, start: Frame, settings: DreamSettings, palette: Palette | None) -> Frame:
    dreamed = dream(start, film.objective(row), settings, generator(film.seed, row.index, "jitter")).clamp(0, 1)
    return dreamed if palette is None else cohere(dreamed, palette, row.color.coherence)


@dataclass(frozen=True)
class Progress:
    """What `render` reports after each frame: frames done and to do, and the row that the last one was made with."""

    done: int
    total: int
    row: Row


def render(
    film: Film,
    path: Path | str,
    *,
    overwrite: bool = False,
    span: range | None = None,
    on_frame: Callable[[Progress], None] | None = None,
) -> Path:
    """Render a film into a file or a folder of PNGs; the suffix chooses the format.

    Args:
        film: what `prepare` made.
        path: the output. Nothing is left under this name unless the whole film is there.
        overwrite: replace what is there.
        span: render only these frames; the ones before are dreamed too, for they are what the span grows out of.
        on_frame: called after each frame that was dreamed.

    Raises OutputError, EncodeError, OutOfMemoryError, UsageError.
    """
    span = checked_span(span, len(film.timeline))
    opened = open_film(
        path,
        film.size,
        film.clock.fps,
        film.output,
        frames=len(span),
        overwrite=overwrite,
        audio=_from(film.sound, span.start / film.clock.fps),
        metadata=_tags(film),
        inputs=film.inputs,
    )
    with opened as writer, closing(frames(film)) as made:
        for index, frame in enumerate(islice(made, span.stop)):
            if index in span:
                writer.write(to_uint8(frame))
            if on_frame:
                on_frame(Progress(index + 1, span.stop, film.timeline[index]))
    return Path(path)


def checked_span(span: range | None, total: int) -> range:
    """The span itself, or the whole film's. Raises UsageError when it is empty or leaves the film."""
    span = range(total) if span is None else span
    if not 0 <= span.start < span.stop <= total:
        raise UsageError(
            f"frames {span.start}:{span.stop} are not in the film: it has {total}, so A:B can be 0:1 to 0:{total}"
        )
    return span


def _from(sound: Sound | None, seconds: Fraction) -> Sound | None:
    return replace(sound, start=sound.start + seconds) if sound else None


def _tags(film: Film) -> dict[str, str]:
    """A film carries its own recipe: players show the comment, `ffprobe` all of it."""
    layers = ", ".join(map(str, film.timeline.keys()))
    tiles = film.tiling.short if film.tiling else ""
    return {
        "title": "zoomdream",
        "comment": recipe(film.network.name, layers, film.seed, tiles),
        "zoomdream_preset": film.recipe,
    }
