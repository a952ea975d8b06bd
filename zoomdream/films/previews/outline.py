"""A film's clock, size and sound, found without its network, its frames and torch: what its curves are drawn from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path

from PIL import ExifTags

from zoomdream.errors import SourceError
from zoomdream.films.inputs.film_size import DEFAULT_SIZE, LARGEST_DEFAULT_SIZE, default_size
from zoomdream.films.inputs.lazy_sound import LazySound
from zoomdream.images.pictures.formats import open_decoder
from zoomdream.images.pictures.kinds import is_picture
from zoomdream.images.pictures.regular_files import exists, open_regular
from zoomdream.media import Clip, is_picture_sequence, probe
from zoomdream.media.clip import display_size
from zoomdream.presets.preset import Preset
from zoomdream.schedule.clock import Clock
from zoomdream.schedule.expressions.variables import Silence, Sound, Variables
from zoomdream.schedule.music.audio_features import AudioFeatures, audio_features

_QUARTER_TURNS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height


@dataclass(frozen=True)
class Outline:
    """What is known of a film before its source is read."""

    preset: Preset
    clock: Clock
    """The film's rate and number of frames."""
    size: tuple[int, int]
    """(width, height) of the film, in pixels."""
    clip: Clip | None = None
    """The video that it is over; None: it begins with a picture."""
    first: int = 0
    """The clip's frame, counted at the film's rate, that it begins with."""
    sound: LazySound | None = None
    """What tracks may follow; None: the film has no sound, or its file is not there."""
    warnings: tuple[str, ...] = ()
    """About what was not there and is drawn as if something else were."""
    is_guess: bool = field(default=False, repr=False)
    """Whether a file is missing: what follows its sound stands still."""

    @cached_property
    def variables(self) -> Variables:
        """What the film's expressions may name."""
        sound: Sound | None = self.sound or (Silence() if self.is_guess else None)
        return self.preset.variables(self.clock, self.size, sound)


def outline(preset: Preset) -> Outline:
    """The outline of a preset's film.

    A source or a sound that is missing is a warning, not an error: the film is then taken to last what the preset says,
    or 10 s. Raises SourceError for one that is there and cannot be read, SettingError where the film leaves the video.
    """
    source = preset.source
    if source is not None and not (exists(source) or is_picture_sequence(source)):
        missing = f"{preset.model.source} is not there: {_guess(preset)}"
        return _with_sound(Outline(preset, preset.clock(), preset.canvas.size or DEFAULT_SIZE, None), missing)
    if source is None:
        return _with_sound(Outline(preset, preset.clock(), preset.canvas.size or DEFAULT_SIZE))
    if not is_picture_sequence(source) and is_picture(source):
        return _with_sound(Outline(preset, preset.clock(), preset.canvas.size or _photo_size(source)))
    clip = _probed(*_identity(source))
    if clip.is_still:
        return _with_sound(Outline(preset, preset.clock(), preset.canvas.size or default_size(display_size(clip))))
    fps = preset.canvas.fps or clip.fps
    whole = Clock(fps, len(clip.source_indices(fps)), beats=preset.beats)
    size = preset.canvas.size or default_size(display_size(clip))
    return _with_sound(Outline(preset, preset.clock(whole), size, clip, preset.canvas.first_frame(whole)))


def _guess(preset: Preset) -> str:
    clock = preset.clock()
    return f"taken for a film of {float(clock.seconds):g} s at {float(clock.fps):g} frames per second"


def _with_sound(film: Outline, *warnings: str) -> Outline:
    preset, clip = film.preset, film.clip
    track, clock = preset.model.audio.track, replace(film.clock, beats=film.clock.beats or preset.beats)
    film = replace(film, warnings=warnings, is_guess=bool(warnings))
    if preset.music is not None:
        if not exists(preset.music):
            gone = f"{preset.model.audio.file} is not there: what follows it stands still"
            return replace(film, warnings=(*warnings, gone), is_guess=True)
        return replace(film, sound=_sound(preset.music, track, Fraction(0), clock))
    if clip is not None and clip.audio:
        start = clip.start_time + film.first / clock.fps
        return replace(film, sound=_sound(clip.path, track, start, clock))
    return film


def _sound(path: Path, track: int | None, start: Fraction, clock: Clock) -> LazySound:
    """A file's sound track, from `start` seconds on."""
    return LazySound(lambda: _features(*_identity(path), track).at(start), clock.beats, clock.origin)


def _photo_size(path: Path) -> tuple[int, int]:
    """(width, height) of the film of a photo that names no size."""
    with open_regular(path, "picture") as file:
        _, opened = open_decoder(file, path)
        width, height = opened.size
        turned = opened.format not in ("PNG", "TIFF") and _orientation(opened.getexif()) in _QUARTER_TURNS
    return default_size((height, width) if turned else (width, height), LARGEST_DEFAULT_SIZE)


def _orientation(exif: object) -> int:
    orientation = exif.get(ExifTags.Base.Orientation, 1)  # type: ignore[attr-defined]
    return orientation if isinstance(orientation, int) else 1


# -- what is asked again with each keystroke of an editor --------------------------------------------------------------


def _identity(path: Path) -> tuple[Path, int, int]:
    """A file with its time of change and its size. Raises SourceError."""
    try:
        status = os.stat(path)  # noqa: PTH116  of a pattern of pictures, too, it says what is wrong
    except FileNotFoundError:
        return path, 0, 0  # a pattern of numbered pictures
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return path, status.st_mtime_ns, status.st_size


@lru_cache(maxsize=8)
def _probed(path: Path, _changed: int, _size: int) -> Clip:
    return probe(path)


@lru_cache(maxsize=4)
def _features(path: Path, _changed: int, _size: int, track: int | None) -> AudioFeatures:
    return audio_features(path, track)
