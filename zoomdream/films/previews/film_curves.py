"""Everything of a preset that changes over time, as plain data: tracks, mix, sound. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoomdream.films.previews.mix_curves import MixCurves, mix_curves
from zoomdream.films.previews.outline import Outline, outline
from zoomdream.films.previews.track_curves import MOST_POINTS, TrackCurve, track_curves
from zoomdream.presets.preset import Preset
from zoomdream.schedule.audio_features import AudioFeatures


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
    fine = np.linspace(0, seconds, 16 * MOST_POINTS, endpoint=False)
    peaks = heard.column("rms", fine).reshape(-1, 16).max(1)
    beats = heard.beats[heard.beats < seconds]
    rounded = [[round(value, 4) for value in values.tolist()] for values in (beats, fine[::16], peaks)]
    return SoundCurves(heard.name, heard.seconds, heard.bpm, *map(tuple, rounded))
