"""Renders a film into a file."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

from zoomdream.errors import UsageError
from zoomdream.films.film import Film
from zoomdream.films.frame_loops import frames
from zoomdream.images.frame import Size, to_uint8
from zoomdream.media import FilmWriter, Sound, open_film
from zoomdream.progress import OnProgress, Progress
from zoomdream.schedule.timeline import Row
from zoomdream.schedule.tracks import Key


@dataclass(frozen=True)
class RenderJob:
    """A `zoomdream.progress.Job` whose result is the path of the film's file, or of its folder of PNGs."""

    film: Film
    path: Path | str
    """The output; its suffix chooses the format. Nothing is left under this name unless the whole film is there."""
    overwrite: bool = False
    """Replace what is there."""
    span: range | None = None
    """Render only these frames; None: all. Those before are dreamed too: each frame starts from the one before."""

    @property
    def size(self) -> Size:
        """(width, height) of the film, in pixels."""
        return self.film.size

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know before the work begins."""
        return self.film.warnings

    @property
    def provenance(self) -> str:
        """What makes the film, in one line for its metadata."""
        return self.film.provenance

    def run(self, on_progress: OnProgress | None = None) -> Path:
        """Render the film. `on_progress` is called after each frame that was dreamed.

        Raises OutputError, EncodeError, OutOfMemoryError, UsageError.
        """
        film, span = self.film, frame_range(self.span, len(self.film.timeline))
        with self._open(span) as writer, closing(frames(film)) as dreamed:
            for index, frame in enumerate(islice(dreamed, span.stop)):
                if index in span:
                    writer.write(to_uint8(frame))
                if on_progress:
                    on_progress(frame_progress(film.timeline[index], span.stop))
        return Path(self.path)

    def _open(self, span: range) -> FilmWriter:
        film = self.film
        return open_film(
            self.path,
            film.size,
            film.clock.fps,
            film.output,
            frames=len(span),
            overwrite=self.overwrite,
            audio=_sound_from(film.sound, span.start / film.clock.fps),
            metadata={"title": "zoomdream", "comment": film.provenance, "zoomdream_preset": film.recipe},
            inputs=film.inputs,
        )


def render(
    film: Film,
    path: Path | str,
    *,
    overwrite: bool = False,
    span: range | None = None,
    on_progress: OnProgress | None = None,
) -> Path:
    """Render a film into a file or a folder of PNGs; the suffix chooses the format.

    Args:
        film: what `prepare` returned.
        path: the output. Nothing is left under this name unless the whole film is there.
        overwrite: replace what is there.
        span: render only these frames; those before are dreamed too, since each frame starts from the one before.
        on_progress: called after each frame that was dreamed.

    Raises OutputError, EncodeError, OutOfMemoryError, UsageError.
    """
    return RenderJob(film, path, overwrite, span).run(on_progress)


def frame_range(span: range | None, total: int) -> range:
    """The span itself, or the whole film's. Raises UsageError when it is empty or leaves the film."""
    span = range(total) if span is None else span
    if not 0 <= span.start < span.stop <= total:
        raise UsageError(
            f"frames {span.start}:{span.stop} are not in the film: it has {total}, so A:B can be 0:1 to 0:{total}"
        )
    return span


def frame_progress(row: Row, total: int) -> Progress:
    """The progress of a film of which `total` frames are rendered, after the frame that `row` belongs to."""
    return Progress(row.index + 1, total, "frame", mix_text(row), {"layers": named_weights(row.mix)})


def mix_text(row: Row) -> str:
    """What a frame amplifies, with the shares of several objectives: `fire5 30% + fire8 70%`."""
    if len(row.mix) == 1:
        return str(row.mix[0][0])
    total = sum(abs(weight) for _, weight in row.mix) or 1
    return " + ".join(f"{key} {weight / total:.0%}" for key, weight in row.mix) or "no layer"


def named_weights(mix: Iterable[tuple[Key, float]]) -> dict[str, float]:
    """Each objective's weight by name; of two with one name, as guides from two folders, the second is numbered."""
    weights: dict[str, float] = {}
    for key, weight in mix:
        names = (str(key), *(f"{key} ({number})" for number in range(2, len(weights) + 2)))
        weights[next(name for name in names if name not in weights)] = weight
    return weights


def _sound_from(sound: Sound | None, seconds: Fraction) -> Sound | None:
    return replace(sound, start=sound.start + seconds) if sound else None
