"""A film before it is rendered: everything that a preset names, resolved and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from zoomdream.ascent import octave_sizes
from zoomdream.clock import Clock
from zoomdream.device import choose_device, choose_precision
from zoomdream.errors import SettingError, SourceError
from zoomdream.flow import flow_method
from zoomdream.footage import Footage, open_clip, shown_size
from zoomdream.image import Frame, Size, fit, is_picture, load_image, noise, resize, size_of
from zoomdream.media import Clip, Sound, audio_codec
from zoomdream.memory import memory_guard
from zoomdream.networks import Network, load_network, network_info
from zoomdream.objectives import Objective, Term, Tiling, idle_remark, mask_remark, plan_tiles, resolve
from zoomdream.preset import Preset
from zoomdream.randomness import generator
from zoomdream.remarks import crop_remarks, picture_remarks
from zoomdream.settings import OutputSettings
from zoomdream.timeline import Key, Row, Timeline

DEFAULT_SIZE = (640, 360)
LARGEST_DEFAULT_SIZE = (1280, 720)  # of a film from a photo that does not name its size


@dataclass(frozen=True)
class Film:
    """A film with everything resolved and checked, and nothing rendered yet.

    `source` is the picture that a zoom film begins with, on the network's device and in the film's size, or the footage
    that a video film dreams over. `fit` is how masks meet the frame, the source's own way. `tiling` is for frames too
    large for memory. `sound` is what is laid under it. `recipe` is a preset that makes it again. `terms` are the
    timeline's objectives, looked up in the network when they are not given.
    """

    network: Network
    timeline: Timeline
    source: Frame | Footage
    seed: int = 0
    fit: Literal["fill", "fit"] = "fill"
    tiling: Tiling | None = None
    output: OutputSettings = field(default_factory=OutputSettings)
    sound: Sound | None = None
    recipe: str = ""
    terms: Mapping[Key, Term] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if not self.terms:
            object.__setattr__(self, "terms", look_up(self.network, self.timeline, self.fit))

    @property
    def size(self) -> Size:
        """(width, height) in pixels."""
        return self.source.size if isinstance(self.source, Footage) else size_of(self.source)

    @property
    def clock(self) -> Clock:
        """Frame rate and number of frames."""
        return self.timeline.clock

    @property
    def everything(self) -> Objective:
        """All objectives of the film at once."""
        return Objective(self.network, tuple((term, 1.0) for term in self.terms.values()))

    def objective(self, row: Row) -> Objective:
        """What one frame amplifies."""
        return Objective.mixed(self.network, [(self.terms[key], weight) for key, weight in row.mix], self.tiling)


def look_up(network: Network, timeline: Timeline, fit: Literal["fill", "fit"] = "fill") -> dict[Key, Term]:
    """Every objective that a timeline names, found in the network, its pictures read. Raises what `resolve` does."""
    kind, keys = timeline[0].dream.objective, timeline.keys()
    return {key: resolve(network, key, kind, fit=fit) for key in keys}


def prepare(
    preset: Preset,
    *,
    device: str = "auto",
    precision: str = "auto",
    allow_truncated: bool = False,
    max_memory: int | None = None,
    on_download: Callable[[int, int | None], None] | None = None,
) -> Film:
    """Resolve and check everything that a preset names: source, network, layers, sizes, sound.

    A frame whose step does not fit into `max_memory` bytes (None: half of what is free) is dreamed in tiles.
    `on_download` is told the bytes received and the bytes in all when weights are fetched on first use.

    Raises UsageError, SourceError, WeightsError or OutOfMemoryError; after it, rendering can only fail for lack of
    memory or disk.
    """
    where = choose_device(device)
    if preset.source is not None and not preset.source.exists():
        raise SourceError(f"{preset.source}: no such file; give another with --input, or in the preset's source")
    if preset.source is None or is_picture(preset.source):
        clock = preset.canvas.clock()
        source: Frame | Footage = _opening(preset).to(where)
    else:
        clock, source = _footage(preset, open_clip(preset.source, allow_truncated=allow_truncated), allow_truncated)
    timeline = preset.timeline(clock)
    with preset.naming("network"):
        network_info(preset.network)
    network = load_network(
        preset.network,
        weights=preset.weights,
        device=where,
        dtype=choose_precision(precision, where),
        progress=on_download,
    )
    sound = _sound(preset, source)
    if isinstance(source, Footage):
        with preset.naming("carry", "flow"):
            flow_method(timeline[0].carry.flow, where)  # RAFT's weights may be missing
    with preset.naming("dream", "layers"):
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
        mixes = _mixes(film)
    film.everything.check(film.size)
    network.ready(film.everything.taps)
    together = {objective.taps for objective in mixes}
    film = replace(film, tiling=plan_tiles(film.everything, film.size, max_memory, together))
    with memory_guard(film.size):
        with preset.naming("dream", "layers"):
            _refuse_nothing(film, mixes)
        of_source = [
            *preset.late(clock),
            *_source_notices(preset, film),
            *_idle_settings(preset, film.source, allow_truncated),
        ]
        return replace(film, notices=(*of_source, *_notices(film)), inputs=_inputs(preset, film))


def _mixes(film: Film) -> list[Objective]:
    """What the frames amplify: one objective for each choice of terms and their signs, all of them checked.

    Raises SettingError where weights cancel, or where all are 0 throughout.
    """
    found: dict[object, Objective] = {}
    for row in film.timeline:
        objective = film.objective(row)
        if objective.terms:
            found.setdefault(tuple((term.spec, weight > 0) for term, weight in objective.terms), objective)
    if not found:
        raise SettingError("every objective's weight is 0 throughout, so nothing would change: raise one of them")
    return list(found.values())


def _opening_of(film: Film, objective: Objective) -> Frame | None:
    """The first picture that the network sees, the smallest octave; None for a video, which is not read yet."""
    if isinstance(film.source, Footage):
        return None
    first = octave_sizes(film.size, film.timeline[0].dream, objective.smallest_input)[0]
    return resize(film.source, first).clamp(0, 1)


def _refuse_nothing(film: Film, mixes: Iterable[Objective]) -> None:
    for objective in mixes:
        if objective.may_cancel and (shown := _opening_of(film, objective)) is not None:
            objective.refuse_nothing(shown)


def _inputs(preset: Preset, film: Film) -> tuple[Path, ...]:
    """Every file that the film is made from."""
    named = (preset.file, preset.source, preset.weights, film.sound and Path(film.sound.path))
    files = [path for term in film.terms.values() for path in term.spec.files]
    return (*(path for path in named if path), *files)


def _opening(preset: Preset) -> Frame:
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
    size = canvas.size or default_size(shown_size(clip))
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


def _notices(film: Film) -> tuple[str, ...]:
    """What the film will do otherwise than one might think."""
    of_footage = _footage_notices(film.source) if isinstance(film.source, Footage) else []
    of_tiles = [film.tiling.remark] if film.tiling else []
    return (*of_footage, *_term_notices(film), *_idle_notices(film), *_octave_notices(film), *of_tiles)


def _term_notices(film: Film) -> list[str]:
    masked = (mask_remark(term, film.size) for term in film.terms.values())
    remarks = [remark for term in film.terms.values() for remark in term.remarks]
    return list(dict.fromkeys([*remarks, *(remark for remark in masked if remark)]))


def _idle_notices(film: Film) -> list[str]:
    """Features that a ReLU hides on the photo. A video's frames are not read yet."""
    hidden = [term for term in film.terms.values() if term.may_hide]
    objective = replace(film.everything, terms=tuple((term, 1.0) for term in hidden), tiling=film.tiling)
    shown = _opening_of(film, objective) if hidden else None
    return [] if shown is None else [idle_remark(term) for term in objective.without_gradient(shown)]


def _source_notices(preset: Preset, film: Film) -> list[str]:
    """What of the photo or video is not seen."""
    if preset.source is None:
        return []
    if isinstance(film.source, Footage):
        return crop_remarks(preset.source.name, shown_size(film.source.clip), film.size) if film.fit == "fill" else []
    size = size_of(load_image(preset.source)) if preset.canvas.size and film.fit == "fill" else film.size
    return [*picture_remarks(preset.source), *crop_remarks(preset.source.name, size, film.size)]


def _idle_settings(preset: Preset, source: Frame | Footage, allow_truncated: bool) -> list[str]:
    """What only a video heeds, where there is none."""
    if isinstance(source, Footage):
        return []
    named = [f"canvas.{name}" for name in ("start", "times") if name in preset.canvas.model_fields_set]
    named += ["carry"] if "carry" in preset.model.model_fields_set else []
    named += ["--allow-truncated"] if allow_truncated else []
    return [f"{', '.join(named)}: without effect, for only a video heeds it"] if named else []


def _footage_notices(footage: Footage) -> list[str]:
    clip, (width, height) = footage.clip, footage.size
    shown = shown_size(clip)
    notices = []
    if clip.variable_rate:
        notices.append(f"{clip.path.name} has a variable frame rate and is read at {footage.fps} per second")
    if (width, height) != shown and max(abs(width - shown[0]), abs(height - shown[1])) == 1:
        notices.append(
            f"{clip.path.name} is {shown[0]}x{shown[1]}; video wants even sides, so it becomes {width}x{height}"
        )
    return notices


def _octave_notices(film: Film) -> list[str]:
    objective = film.everything
    most = max((row.dream for row in film.timeline), key=lambda dream: dream.octaves * dream.octave_scale)
    kept = len(octave_sizes(film.size, most, objective.smallest_input))
    if kept == most.octaves:
        return []
    return [
        f"{most.octaves - kept} of {most.octaves} octaves are left out: at a scale of {most.octave_scale:g} they are "
        f"smaller than the {objective.smallest_input} pixels that {objective.deepest} needs"
    ]
