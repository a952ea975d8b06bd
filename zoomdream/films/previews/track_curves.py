"""The tracks of a preset as plain curves over time, with their keyframes: what a timeline shows. Needs no torch.

A curve has at most `MOST_POINTS` points. Of more frames than that, the lowest and the highest value of each stretch are
points, so that a beat of one frame is seen in a film of an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from zoomdream.films.previews.outline import Outline, outline
from zoomdream.films.previews.units import UNITS
from zoomdream.objectives.specs.regions import Region
from zoomdream.presets.documents.yaml_document import Document, KeyPath
from zoomdream.presets.mask_places import place_of_number
from zoomdream.presets.preset import Preset
from zoomdream.schedule.curve import Curve
from zoomdream.schedule.deforum_strings import DeforumTrack
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.expressions.expression import Expression
from zoomdream.schedule.expressions.formulas import Follow, Formula
from zoomdream.schedule.tables.settings_table import bounds_of
from zoomdream.schedule.timeline import SECTIONS
from zoomdream.schedule.tracks import AnyTrack, JoinedTrack, RepeatingTrack, Track, mask_regions

MOST_POINTS = 1000
"""Of a curve."""


@dataclass(frozen=True)
class CurveKeyframe:
    """A keyframe of a curve."""

    seconds: float
    """Its time after the film's beginning; one that lies after the end is never reached."""
    value: float
    ease: str
    """The way to the next keyframe."""
    path: KeyPath
    """Where it stands in the preset: `("camera", "zoom", "3s")`; in a list its position: `("camera", "zoom", "1")`."""
    editable: bool
    """Whether its value is a number, and not computed by a formula."""


class Moving:
    """What a curve over the film's time says of itself, be it of one number or of a mix."""

    times: tuple[float, ...]
    form: str

    @property
    def moves(self) -> bool:
        """Whether it changes during the film."""
        return len(self.times) > 1

    @property
    def editable(self) -> bool:
        """Whether keyframes may be moved and added: it is written as numbers, or as keyframes."""
        return self.form in ("constant", "keyframes", "repeating")


@dataclass(frozen=True)
class TrackCurve(Moving):
    """One number over the film's time."""

    path: KeyPath
    """The setting's key: `("camera", "zoom")`."""
    component: int | None
    """Which of a pair's two numbers, or of a mask's numbers, counted from 0; None: the setting is one number."""
    name: str
    """`camera.zoom`; `camera.pan right` for a component."""
    unit: str
    """What its values are measured in; empty for none."""
    description: str
    """What the setting does."""
    minimum: float | None
    """The lowest value that the setting may have; None: there is none."""
    maximum: float | None
    """The highest one."""
    times: tuple[float, ...]
    """In seconds after the film's beginning; one for a setting that does not move."""
    values: tuple[float, ...]
    """One for each of `times`."""
    keyframes: tuple[CurveKeyframe, ...]
    """In the order of their times; none for a constant, and for what is computed."""
    form: str
    """How it is written: `constant`, `keyframes`, `repeating`, `formula` or `string` (Deforum's)."""


def track_curves(preset: Preset, film: Outline | None = None) -> list[TrackCurve]:
    """Every setting that a preset writes as a track or a number, and the numbers of its masks, over the film's time.

    `film` is `outline(preset)`, where that is known. Raises PresetError, with the place, for a track that makes no
    sense on the film, and what `outline` raises.
    """
    film = film or outline(preset)
    preset.timeline(film.clock, film.variables, measure=False)  # which says where a track makes no sense
    return [*_setting_curves(film), *_mask_curves(film)]


def _setting_curves(film: Outline) -> Iterator[TrackCurve]:
    for section, values in film.preset.model.timeline_sections().items():
        for name, track in values.items():
            if not isinstance(track, AnyTrack):
                continue  # a word, such as a border
            yield from curves_of(film, track, (section, name), _setting_components(section, name))


@dataclass(frozen=True)
class Component:
    """One number of a track: what it is called, and which values it may have."""

    name: str
    unit: str
    description: str
    low: float
    high: float
    is_whole: bool = False


def _setting_components(section: str, name: str) -> list[Component]:
    key, setting = f"{section}.{name}", SECTIONS[section].model_fields[name]
    low, high = bounds_of(setting)
    return [
        Component(f"{key} {part}".strip(), unit, setting.description or "", low, high, setting.annotation is int)
        for part, unit in UNITS[key]
    ]


def _mask_curves(film: Outline) -> Iterator[TrackCurve]:
    preset = film.preset
    for region in mask_regions(preset.layers.keys):
        for key, track in ((region.kind, region.numbers), ("feather", region.feather)):
            if track is None:
                continue
            assert isinstance(track, AnyTrack)
            place = place_of_number(preset.document, ("dream", "layers", "mask", key))
            yield from curves_of(film, track, place, _mask_components(region, key))


def _mask_components(region: Region, key: str) -> list[Component]:
    columns = [each for each in region.columns if (each.name == "feather") is (key == "feather")]
    label = f"mask {region}"
    return [
        Component(f"{label} {each.name}", "of the frame", f"The mask's {each.name}", each.low, each.high)
        for each in columns
    ]


def curves_of(film: Outline, track: AnyTrack, path: KeyPath, components: Sequence[Component]) -> list[TrackCurve]:
    """A curve for each component of a track."""
    curve = track.curve(film.clock, film.variables)
    placed, form = keyframes_of(film, track, path), form_of(track)
    is_one = len(components) == 1
    return [
        _curve(film, curve, k, path, None if is_one else k, each, placed, form) for k, each in enumerate(components)
    ]


def _curve(
    film: Outline,
    curve: Curve,
    number: int,
    path: KeyPath,
    component: int | None,
    about: Component,
    placed: Sequence[PlacedKeyframe],
    form: str,
) -> TrackCurve:
    def values(start: int, stop: int) -> FloatArray:
        clipped = np.clip(curve.values(start, stop)[:, number], about.low, about.high)
        return np.rint(clipped) if about.is_whole else clipped

    frames = film.clock.frames
    at, points = (np.array([0]), values(0, 1)) if curve.is_still(0, frames) else points_of(values, frames)
    if np.ptp(points) == 0:
        at, points = at[:1], points[:1]
    keyframes = tuple(each.of(number, curve, film) for each in placed)
    low, high = (float(bound) if np.isfinite(bound) else None for bound in (about.low, about.high))
    times = tuple((at / float(film.clock.fps)).tolist())
    return TrackCurve(
        path, component, about.name, about.unit, about.description, low, high, times, tuple(points.tolist()), keyframes,
        form,
    )  # fmt: skip


# -- keyframes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlacedKeyframe:
    """A keyframe of a track, with all its components, on a film."""

    at: Fraction
    """Its position in frames."""
    value: tuple[float | Formula | None, ...]
    """None: the value of the curve at its frame."""
    ease: str
    path: KeyPath
    """See `CurveKeyframe.path`."""

    def of(self, number: int, curve: Curve, film: Outline) -> CurveKeyframe:
        """The keyframe of one component."""
        written = self.value[min(number, len(self.value) - 1)]
        is_number = isinstance(written, int | float)
        frame = min(max(round(self.at), 0), curve.frames - 1)
        value = float(written) if is_number else float(curve.values(frame, frame + 1)[0, number])  # type: ignore[arg-type]
        return CurveKeyframe(float(self.at / film.clock.fps), value, self.ease, self.path, is_number)


def keyframes_of(film: Outline, track: object, path: KeyPath) -> list[PlacedKeyframe]:
    """The keyframes of a track, in the order of their times; none of a constant, and of what is computed throughout."""
    if isinstance(track, RepeatingTrack):
        return keyframes_of(film, track.track, (*path, "keyframes"))
    if isinstance(track, DeforumTrack):
        fixed = sorted((each for each in track.placed(film.variables)), key=lambda pair: pair[0])
        return [PlacedKeyframe(Fraction(frame), (None,), "linear", path) for frame, _ in fixed]
    if isinstance(track, JoinedTrack):
        return [each for part in track.parts for each in keyframes_of(film, part, path)]
    if not isinstance(track, Track) or form_of(track) != "keyframes":
        return []
    places = _places(film.preset.document, path, len(track.keyframes))
    placed = sorted(
        zip(map(film.clock.at, (key.at for key in track.keyframes)), track.keyframes, places, strict=True),
        key=lambda each: each[0],
    )
    return [PlacedKeyframe(at, key.value, key.ease, place) for at, key, place in placed]


def _places(document: Document, path: KeyPath, count: int) -> list[KeyPath]:
    """Where the entries of a mapping or a list stand, in the order in which they are written."""
    written = document.value(path)
    keys = list(written) if isinstance(written, dict) else range(count)
    return [(*path, str(key)) for key in keys]


def form_of(track: object) -> str:
    """How a track is written: see `TrackCurve.form`."""
    if isinstance(track, RepeatingTrack):
        return "repeating"
    if isinstance(track, DeforumTrack | JoinedTrack):
        return "string"
    assert isinstance(track, Track)
    first = track.keyframes[0]
    if len(track.keyframes) > 1:
        return "keyframes"
    return "formula" if any(isinstance(value, Expression | Follow) for value in first.value) else "constant"


# -- points ------------------------------------------------------------------------------------------------------------


def points_of(
    values: Callable[[int, int], FloatArray], frames: int, most: int = MOST_POINTS
) -> tuple[FloatArray, FloatArray]:
    """The frames, and the values there, that a curve is drawn through: at most about `most`.

    `values` gives those of the frames from a start to a stop.
    """
    if frames <= most:
        return np.arange(frames, dtype=float), np.asarray(values(0, frames))
    length = -(-2 * frames // most)
    block = length * max(1, 2**16 // length)
    parts = [_extremes(values(start, min(start + block, frames)), start, length) for start in range(0, frames, block)]
    at = np.concatenate([part[0] for part in parts])
    return at.astype(float), np.concatenate([part[1] for part in parts])


def _extremes(values: FloatArray, start: int, length: int) -> tuple[FloatArray, FloatArray]:
    """The lowest and the highest value of each stretch of `length`, in the order of their frames."""
    padded = np.pad(values, (0, -len(values) % length), mode="edge").reshape(-1, length)
    pairs = np.sort(np.stack([padded.argmin(1), padded.argmax(1)], axis=1), axis=1)
    pairs[0, 0] = 0  # the first frame's value, and the last one's, are points as well
    at = np.minimum((pairs + np.arange(len(padded))[:, np.newaxis] * length).ravel(), len(values) - 1)
    at[-1] = len(values) - 1
    at = np.unique(at)
    return (at + start).astype(float), values[at]
