"""A text's film over time, as JSON: curves with their keyframes, the mix, the sound, the cuts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zoomdream.films.previews.film_curves import SoundCurves, film_curves
from zoomdream.films.previews.mix_curves import LAYERS, MixCurves
from zoomdream.films.previews.outline import Outline, outline
from zoomdream.films.previews.track_curves import TrackCurve
from zoomdream.presets.preset import Preset
from zoomdream.schedule.clock import BeatGrid
from zoomdream.schedule.easing import EASES

_MOST_BEATS = 5000


def timeline(preset: Preset, find_cuts: Callable[[Outline], list[float] | None]) -> dict[str, Any]:
    """The timeline of a preset's film; `find_cuts` gives those of its clip, in seconds of the film, or None.

    Raises PresetError, with the place, for a track that makes no sense on the film, SourceError.
    """
    film = outline(preset)
    curves = film_curves(preset, film=film)
    sound = curves.sound
    return {
        "fps": curves.fps,
        "frames": curves.frames,
        "seconds": curves.seconds,
        "size": list(film.size),
        "kind": "zoom" if film.clip is None else "video",
        "tracks": [_track(track) for track in curves.tracks],
        "mix": _mix(curves.mix),
        "audio": _sound(sound) if sound else None,
        "beats": list(sound.beats) if sound else _beats(preset.beats, film),
        "cuts": find_cuts(film),
        "eases": list(EASES),
        "warnings": list(curves.warnings),
    }


def _track(track: TrackCurve) -> dict[str, Any]:
    component = [] if track.component is None else [track.component]
    return {
        "path": [*track.path, *component],
        "name": track.name,
        "unit": track.unit,
        "description": track.description,
        "minimum": track.minimum,
        "maximum": track.maximum,
        "times": list(track.times),
        "values": list(track.values),
        "moves": track.moves,
        "form": track.form,
        "editable": track.editable,
        "keyframes": [
            {
                "time": key.seconds,
                "value": key.value,
                "ease": key.ease,
                "key": list(key.path),
                "editable": key.editable and track.editable,
            }
            for key in track.keyframes
        ],
    }


def _mix(mix: MixCurves) -> dict[str, Any]:
    return {
        "path": list(LAYERS),
        "names": list(mix.names),
        "times": list(mix.times),
        "shares": [list(row) for row in mix.shares],
        "form": mix.form,
        "editable": mix.editable,
        "keyframes": [
            {
                "time": key.seconds,
                "weights": list(key.weights),
                "ease": key.ease,
                "key": list(key.path),
                "editable": mix.editable,
            }
            for key in mix.keyframes
        ],
    }


def _sound(sound: SoundCurves) -> dict[str, Any]:
    return {
        "name": sound.name,
        "seconds": sound.seconds,
        "bpm": sound.bpm,
        "beats": list(sound.beats),
        "times": list(sound.times),
        "peaks": list(sound.peaks),
    }


def _beats(grid: BeatGrid | None, film: Outline) -> list[float]:
    """The beats of a preset's own tempo, in seconds of the film."""
    if grid is None:
        return []
    step, end = 60 / grid.bpm, film.clock.seconds
    first = grid.offset - film.clock.origin
    first -= step * (first // step)
    count = min(_MOST_BEATS, max(0, int((end - first) / step) + 1))
    return [round(float(first + step * number), 4) for number in range(count)]
