"""From a preset to a film: everything that the preset names is resolved and checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from zoomdream.errors import MissingSourceError, SourceError
from zoomdream.films.film import Film
from zoomdream.films.footage import Footage
from zoomdream.films.warnings import film_warnings, preset_warnings
from zoomdream.images.files import is_picture, load_image
from zoomdream.images.frame import Frame, Size, noise, size_of
from zoomdream.images.resample import fit
from zoomdream.media import Clip, Sound, audio_codec
from zoomdream.media.display import display_size, open_clip
from zoomdream.memory import memory_guard
from zoomdream.motion.flow import flow_method
from zoomdream.networks import load_network, network_info
from zoomdream.objectives import Objective, plan_tiles
from zoomdream.presets.preset import Preset
from zoomdream.progress import OnProgress
from zoomdream.rng import generator
from zoomdream.runtime import choose_device, choose_precision
from zoomdream.schedule.clock import Clock

DEFAULT_SIZE = (640, 360)
LARGEST_DEFAULT_SIZE = (1280, 720)  # of a film from a photo that does not name its size


def prepare(
    preset: Preset,
    *,
    device: str = "auto",
    precision: str = "auto",
    allow_truncated: bool = False,
    max_memory: int | None = None,
    on_progress: OnProgress | None = None,
) -> Film:
    """Resolve and check everything that a preset names: source, network, layers, sizes, sound.

    A frame whose step does not fit into `max_memory` bytes (None: half of what is free) is dreamed in tiles.
    `on_progress` counts the bytes when weights are downloaded on first use.

    Raises UsageError, SourceError, WeightsError or OutOfMemoryError; after it, rendering can only fail for lack of
    memory or disk.
    """
    where = choose_device(device)
    if preset.source is not None and not preset.source.exists():
        raise MissingSourceError(f"{preset.source}: no such file; name another in the preset's source")
    if preset.source is None or is_picture(preset.source):
        clock = preset.canvas.clock()
        source: Frame | Footage = _first_frame(preset).to(where)
    else:
        clock, source = _footage(preset, open_clip(preset.source, allow_truncated=allow_truncated), allow_truncated)
    timeline = preset.timeline(clock)
    with preset.locating_errors("network"):
        network_info(preset.network)
    network = load_network(
        preset.network,
        weights=preset.weights,
        device=where,
        dtype=choose_precision(precision, where),
        on_progress=on_progress,
    )
    sound = _sound(preset, source)
    if isinstance(source, Footage):
        with preset.locating_errors("carry", "flow"):
            flow_method(timeline[0].carry.flow, where)  # RAFT's weights may be missing
    with preset.locating_errors("dream", "layers"):
        film = Film(
            network,
            timeline,
            source,
            preset.seed,
            preset.canvas.fit,
            output=preset.output,
            sound=sound,
            recipe=preset.recipe(),
        )
        distinct_objectives = film.distinct_objectives()
    film.all_objectives.check(film.size)
    network.place_weights(film.all_objectives.taps)
    together = {objective.taps for objective in distinct_objectives}
    film = replace(film, tiling=plan_tiles(film.all_objectives, film.size, max_memory, together))
    with memory_guard(film.size):
        with preset.locating_errors("dream", "layers"):
            _refuse_nothing(film, distinct_objectives)
        warnings = (*preset_warnings(preset, film, allow_truncated), *film_warnings(film))
        return replace(film, warnings=warnings, inputs=_inputs(preset, film))


def _refuse_nothing(film: Film, distinct_objectives: Iterable[Objective]) -> None:
    for objective in distinct_objectives:
        if objective.may_cancel and (shown := film.first_octave(objective)) is not None:
            objective.refuse_cancelling(shown)


def _inputs(preset: Preset, film: Film) -> tuple[Path, ...]:
    """Every file that the film is made from."""
    named = (preset.file, preset.source, preset.weights, film.sound and Path(film.sound.path))
    files = [path for term in film.terms.values() for path in term.spec.files]
    return (*(path for path in named if path), *files)


def _first_frame(preset: Preset) -> Frame:
    size = preset.canvas.size
    if preset.source is None:
        return noise(size or DEFAULT_SIZE, generator(preset.seed, 0, "noise"))
    photo = load_image(preset.source)
    return fit(photo, size or default_size(size_of(photo), LARGEST_DEFAULT_SIZE), preset.canvas.fit)


def _footage(preset: Preset, clip: Clip, allow_truncated: bool) -> tuple[Clock, Footage]:
    canvas = preset.canvas
    fps = canvas.fps or clip.fps
    whole = Clock(fps, len(clip.source_frames(fps)))
    clock = canvas.clock(whole)
    size = canvas.size or default_size(display_size(clip))
    return clock, Footage(clip, size, fps, canvas.first_frame(whole), clock.frames, canvas.fit, allow_truncated)


def _sound(preset: Preset, source: Frame | Footage) -> Sound | None:
    """The sound that goes under the film. Raises SourceError when a file that is named has none."""
    file = preset.audio
    if file is not None:
        if audio_codec(file) is None:
            raise SourceError(f"{file} has no sound: name another file, or none")
        return Sound(file)
    if isinstance(source, Footage) and preset.output.audio == "source" and source.clip.audio:
        return Sound(source.clip.path, source.start)
    return None


def default_size(photo: Size, largest: Size | None = None) -> Size:
    """A picture's own size, or the largest of its shape within `largest`; even, as video wants it."""
    ratio = min(1.0, *(most / side for most, side in zip(largest or photo, photo, strict=True)))
    width, height = (max(2, round(side * ratio) // 2 * 2) for side in photo)
    return width, height
