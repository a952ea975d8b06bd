"""Renders a film into a file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

from zoomdream.errors import UsageError
from zoomdream.films.film import Film
from zoomdream.films.loops import (
    frames,
)
from zoomdream.images.frame import to_uint8
from zoomdream.media import Sound, open_film
from zoomdream.provenance import recipe
from zoomdream.schedule.timeline import Row


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
    span = frame_range(span, len(film.timeline))
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


def frame_range(span: range | None, total: int) -> range:
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
