"""What a film's tracks hear: the features of the sound that its preset names, or of its video's own."""

from __future__ import annotations

from fractions import Fraction

from zoomdream.films.footage import Footage
from zoomdream.films.inputs.lazy_sound import LazySound
from zoomdream.films.inputs.source import FilmSource
from zoomdream.presets.preset import Preset
from zoomdream.schedule.music.audio_features import AudioFeatures, audio_features

_LEAST_GAP = 0.05  # seconds: a song that ends that much before the film has its whole length


def film_sound(preset: Preset, source: FilmSource) -> AudioFeatures | None:
    """The features of a film's sound, on the film's clock: of `audio.file`, or of the video's own sound from where the
    film begins in it. None where there is neither.

    Reads and analyses the whole sound, unless it is kept from an earlier time. Raises SourceError for a file without
    sound that can be decoded, SettingError for a track that it does not have, FFmpegError.
    """
    music, picture, track = preset.music, source.picture, preset.model.audio.track
    if music is not None:
        with preset.locating_errors("audio", "file" if track is None else "track"):
            return audio_features(music, track)
    if isinstance(picture, Footage) and picture.clip.audio:
        with preset.locating_errors(*(("source",) if track is None else ("audio", "track"))):
            return audio_features(picture.clip.path, track).at(picture.start)
    return None


class FilmSound(LazySound):
    """A film's sound, analysed when a track first asks for it. Its methods raise what `film_sound` does."""

    def __init__(self, preset: Preset, source: FilmSource) -> None:
        """Of a film that has a sound: see `has_sound`."""
        super().__init__(lambda: _analysed(preset, source), preset.model.beats, source.clock.origin)
        self._is_named = preset.music is not None

    def check(self) -> None:
        """Analyse a file that the preset names: one of no use is told before anything else is loaded."""
        if self._is_named:
            _ = self.features

    @property
    def heard(self) -> AudioFeatures | None:
        """The features, where a track has asked for them or the preset has an audio file."""
        return self.features if self._is_named or self.is_analysed else None


def _analysed(preset: Preset, source: FilmSource) -> AudioFeatures:
    features = film_sound(preset, source)
    assert features is not None
    return features


def has_sound(preset: Preset, source: FilmSource) -> bool:
    """Whether there is something to hear: a file that the preset names, or the video's own sound."""
    return preset.music is not None or (isinstance(source.picture, Footage) and bool(source.picture.clip.audio))


def sound_warnings(preset: Preset, source: FilmSource, features: AudioFeatures | None) -> list[str]:
    """About a sound that says nothing, or less than the film is long; `features` are None where none were wanted."""
    if features is None:
        is_idle = "audio" in preset.model.model_fields_set and not has_sound(preset, source)
        return ["audio: no effect, since it names no file and the source has no sound"] if is_idle else []
    if not features.analysis.features["rms"].any():
        return [f"{features.name} is silent: what follows it stands still"]
    return [*_early_end(features, source.clock.seconds), *_without_beats(features)]


def _early_end(features: AudioFeatures, film: Fraction) -> list[str]:
    missing = float(film) - features.seconds
    if missing <= _LEAST_GAP:
        return []
    return [f"{features.name} ends {missing:.1f} s before the film: silence follows, in which every feature is 0"]


def _without_beats(features: AudioFeatures) -> list[str]:
    if features.bpm is not None:
        return []
    return [f"no beats were found in {features.name}: on_beat is 0, and beats need a tempo, as bpm"]
