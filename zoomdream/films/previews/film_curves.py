"""Everything of a preset that changes over time, as plain data: tracks, mix, sound. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from zoomdream.films.previews.mix_curves import MixCurves, mix_curves
from zoomdream.films.previews.outline import Outline, outline
from zoomdream.films.previews.track_curves import MOST_POINTS, TrackCurve, track_curves
from zoomdream.presets.preset import Preset
from zoomdream.schedule.audio_features import AudioFeatures
from zoomdream.schedule.easing import FloatArray
from zoomdream.schedule.music.analysis import FEATURES

_FINE = 16  # values of a sound that become one


@dataclass(frozen=True)
class SoundCurves:
    """What is heard with a film."""

    name: str
    """Its file's."""
    seconds: float
    """How long there is sound after the film's beginning."""
    bpm: float | None
    """Beats a minute; None where none were found."""
    beats: tuple[float, ...]
    """In seconds after the film's beginning, up to its end."""
    times: tuple[float, ...]
    """In seconds after the film's beginning, evenly spaced; each stands for the time up to the next."""
    peaks: tuple[float, ...]
    """The loudest (rms) from each of `times` to the next, from 0 to 1."""
    features: Mapping[str, tuple[float, ...]]
    """What tracks may follow, by name (`bass`, `onset`): the highest from each of `times` to the next, from 0 to 1."""


@dataclass(frozen=True)
class FilmCurves:
    """What a timeline shows of a film."""

    fps: float
    """Frames per second."""
    frames: int
    seconds: float
    """The film's length."""
    tracks: tuple[TrackCurve, ...]
    """Of all settings that the preset writes: those that move, and those that could."""
    mix: MixCurves
    sound: SoundCurves | None
    """None: nothing is heard with it, or it was not asked for."""
    warnings: tuple[str, ...]
    """About files that are not there."""

    @property
    def moving(self) -> tuple[TrackCurve, ...]:
        """The tracks that move."""
        return tuple(track for track in self.tracks if track.moves)

    def to_json(self) -> dict[str, Any]:
        """As plain data for JSON; each track also says whether it `moves`, and is `editable`."""
        data = asdict(self)
        for track, written in zip(self.tracks, data["tracks"], strict=True):
            written |= {"moves": track.moves, "editable": track.editable}
        data["mix"] |= {"moves": self.mix.moves, "editable": self.mix.editable}
        return data


def film_curves(preset: Preset, *, sound: bool = True, film: Outline | None = None) -> FilmCurves:
    """The curves of a preset's film.

    Args:
        preset: from `load_preset`.
        sound: whether the sound is analysed even where no track follows it; the analysis of a file is kept in the
            user's cache.
        film: `outline(preset)`, where that is known.

    Raises PresetError, with the place, for a track that makes no sense on the film; SourceError for a source or a
    sound that is there and cannot be read.
    """
    film = film or outline(preset)
    clock = film.clock
    tracks = tuple(track_curves(preset, film))
    heard = film.sound.features if film.sound is not None and sound else None
    return FilmCurves(
        float(clock.fps),
        clock.frames,
        float(clock.seconds),
        tracks,
        mix_curves(film),
        None if heard is None else _sound_curves(heard, float(clock.seconds)),
        film.warnings,
    )


def _sound_curves(heard: AudioFeatures, seconds: float) -> SoundCurves:
    fine = np.linspace(0, seconds, _FINE * MOST_POINTS, endpoint=False)
    features = {name: _rounded(heard.column(name, fine).reshape(-1, _FINE).max(1)) for name in FEATURES}
    beats = _rounded(heard.beats[heard.beats < seconds])
    return SoundCurves(heard.name, heard.seconds, heard.bpm, beats, _rounded(fine[::_FINE]), features["rms"], features)


def _rounded(values: FloatArray) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in values.tolist())
