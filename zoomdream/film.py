"""A film: the loop that dreams frame after frame, and `render`, which runs it into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import torch

from zoomdream import __version__
from zoomdream.ascent import dream, octave_sizes
from zoomdream.camera import move
from zoomdream.clock import Clock
from zoomdream.color import Palette, cohere, palette_of
from zoomdream.device import choose_device, choose_precision
from zoomdream.errors import OutOfMemoryError, UsageError
from zoomdream.image import Frame, Size, fit, load_image, noise, size_of, to_uint8
from zoomdream.media import open_film
from zoomdream.networks import Network, load_network
from zoomdream.objective import Objective
from zoomdream.preset import Preset
from zoomdream.randomness import generator
from zoomdream.settings import OutputSettings
from zoomdream.timeline import Row, Timeline

DEFAULT_SIZE = (640, 360)
LARGEST_DEFAULT_SIZE = (1280, 720)  # of a film from a photo that does not name its size


@dataclass(frozen=True)
class Film:
    """A film with everything resolved and checked, and nothing rendered yet.

    `opening` is the picture that the film begins with, on the network's device, in the film's size.
    """

    network: Network
    timeline: Timeline
    opening: Frame
    seed: int = 0
    output: OutputSettings = field(default_factory=OutputSettings)
    recipe: str = ""
    notices: tuple[str, ...] = ()

    @property
    def size(self) -> Size:
        """(width, height) in pixels."""
        return size_of(self.opening)

    @property
    def clock(self) -> Clock:
        """Frame rate and number of frames."""
        return self.timeline.clock


@dataclass(frozen=True)
class State:
    """All that the next frame needs: its index, the picture that it is dreamed from, the palette to keep."""

    index: int
    start: Frame
    palette: Palette


def opening_state(film: Film) -> State:
    """The state before the first frame."""
    return State(0, film.opening, palette_of(film.opening))


def frames(film: Film, state: State | None = None) -> Iterator[Frame]:
    """Dream the film's frames one after the other, from the beginning or from `state`.

    Each is a new tensor 1x3xHxW in [0, 1] on the network's device, the caller's to keep or to change.
    """
    state = state or opening_state(film)
    while state.index < len(film.timeline):
        frame, state = zoom_step(film, state)
        yield frame.clone()  # without a camera the state holds the frame itself, and the caller may change it


def zoom_step(film: Film, state: State) -> tuple[Frame, State]:
    """One frame of a zoom film, and the state that the next one begins with."""
    row = film.timeline[state.index]
    with _memory_guard(film.size):
        dreamed = dream(state.start, _objective(film, row), row.dream, generator(film.seed, row.index, "jitter"))
        dreamed = cohere(dreamed, state.palette, row.color.coherence)
        start = move(dreamed, row.camera, float(1 / film.clock.fps))
    return dreamed, State(state.index + 1, start, state.palette)


def _objective(film: Film, row: Row) -> Objective:
    return Objective.of(film.network, dict(row.mix), row.dream.objective)


@contextmanager
def _memory_guard(size: Size) -> Iterator[None]:
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # PyTorch's CPU allocator raises a plain RuntimeError; its words are all that tells it from others.
        known = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if known or "not enough memory" in str(error) or "allocate memory" in str(error):
            raise OutOfMemoryError(
                f"a frame of {size[0]}x{size[1]} does not fit into memory: choose a smaller size or a shallower layer"
            ) from error
        raise


def prepare(preset: Preset, *, device: str = "auto", precision: str = "auto") -> Film:
    """Resolve and check everything that a preset names: source, network, layers, sizes.

    Raises UsageError, SourceError or WeightsError; after it, rendering can only fail for lack of memory or disk.
    """
    where = choose_device(device)
    opening = _opening(preset).to(where)
    timeline = preset.timeline(preset.canvas.clock())
    network = load_network(
        preset.network, weights=preset.weights, device=where, dtype=choose_precision(precision, where)
    )
    film = Film(network, timeline, opening, preset.seed, preset.output, preset.recipe())
    return replace(film, notices=_notices(film))


def _opening(preset: Preset) -> Frame:
    size = preset.canvas.size
    if preset.source is None:
        return noise(size or DEFAULT_SIZE, generator(preset.seed, 0, "noise"))
    photo = load_image(preset.source)
    return fit(photo, size or default_size(size_of(photo)), preset.canvas.fit)


def default_size(photo: Size) -> Size:
    """A photo's own size, or the largest of its shape within 1280x720; even, as video wants it."""
    ratio = min(1.0, *(most / side for most, side in zip(LARGEST_DEFAULT_SIZE, photo, strict=True)))
    width, height = (max(2, round(side * ratio) // 2 * 2) for side in photo)
    return width, height


def _notices(film: Film) -> tuple[str, ...]:
    """What the film will do otherwise than the preset says. Raises UsageError when a layer cannot be reached at all."""
    objective = Objective.of(film.network, dict.fromkeys(film.timeline.keys(), 1.0))
    objective.check(film.opening)
    most = max((row.dream for row in film.timeline), key=lambda dream: dream.octaves * dream.octave_scale)
    kept = len(octave_sizes(film.size, most, objective.smallest_input))
    if kept == most.octaves:
        return ()
    deepest = objective.deepest
    return (
        f"{most.octaves - kept} of {most.octaves} octaves are left out: at a scale of {most.octave_scale:g} they are "
        f"smaller than the {objective.smallest_input} pixels that {deepest} needs",
    )


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
    with open_film(
        path, film.size, film.clock.fps, film.output, frames=len(span), overwrite=overwrite, metadata=_tags(film)
    ) as writer:
        for index, frame in enumerate(islice(frames(film), span.stop)):
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


def _tags(film: Film) -> dict[str, str]:
    """A film carries its own recipe: players show the comment, `ffprobe` all of it."""
    layers = ", ".join(film.timeline.keys())
    return {
        "title": "zoomdream",
        "comment": f"zoomdream {__version__}: {film.network.name} {layers}, seed {film.seed}",
        "zoomdream_preset": film.recipe,
    }
