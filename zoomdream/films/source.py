"""What a film begins with: a photo, a video or noise, brought to the film's size and rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from zoomdream.dreaming.ascent import octave_sizes
from zoomdream.errors import MissingSourceError, SourceError
from zoomdream.films.film_size import DEFAULT_SIZE, LARGEST_DEFAULT_SIZE, default_size
from zoomdream.films.footage import Footage
from zoomdream.images.frame import Frame, Size, noise, size_of
from zoomdream.images.picture_files import is_picture, picture_size, read_picture
from zoomdream.images.resample import resize
from zoomdream.media import Clip, is_picture_sequence, probe
from zoomdream.media.display_size import display_size, open_clip, scaled_size
from zoomdream.objectives import Objective
from zoomdream.presets.preset import Preset
from zoomdream.rng import generator
from zoomdream.schedule.clock import Clock
from zoomdream.settings import DreamSettings

LARGEST_SIZE = (16384, 16384)
"""(width, height) into which every film fits."""

_PICTURE_CONTAINERS = ("image2", "fits", "jpegxl_anim")  # and all whose names end with `_pipe`
_MOST_PIXELS = 2**31 // 8  # of ffmpeg's pictures, with 128 more a side (av_image_check_size2)


@dataclass(frozen=True)
class FilmSource:
    """A film's source, read and checked."""

    clock: Clock
    """The film's rate and number of frames."""
    picture: Frame | Footage
    """The frame that a zoom film begins with, on the network's device, or the footage that a video film dreams over."""
    original_size: Size
    """(width, height) of the photo or video before it was brought to the film's size, in pixels."""
    file_warnings: tuple[str, ...] = ()
    """What a photo's file holds and the film does not show."""

    @property
    def size(self) -> Size:
        """(width, height) of the film, in pixels."""
        return self.picture.size if isinstance(self.picture, Footage) else size_of(self.picture)

    def first_octave(self, settings: DreamSettings, objective: Objective) -> Frame | None:
        """The first picture that the network sees, the smallest octave; None for a video, which is not read yet."""
        if isinstance(self.picture, Footage):
            return None
        smallest = octave_sizes(self.size, settings, objective.smallest_input)[0]
        return resize(self.picture, smallest).clamp(0, 1)


def load_source(
    preset: Preset, device: torch.device, *, allow_truncated: bool = False, max_memory: int | None = None
) -> FilmSource:
    """Read a preset's source; of a video, what is needed to know its frames.

    `allow_truncated` takes what there is of a video that is cut short. `max_memory` is `read_picture`'s. Raises
    SourceError, OutOfMemoryError for a photo, SettingError when the film leaves the video.
    """
    if preset.source is None:
        frame = noise(preset.canvas.size or DEFAULT_SIZE, generator(preset.seed, 0, "noise"))
        return FilmSource(preset.clock(), frame.to(device), size_of(frame))
    if is_picture_sequence(preset.source):
        return _sequence_source(preset, probe(preset.source), device, max_memory)
    if not _exists(preset.source):
        note = preset.odd_character_note("source")
        raise MissingSourceError(f"{note}{preset.source}: no such file; name another in the preset's source")
    if is_picture(preset.source):
        return _photo_source(preset, preset.source, device, max_memory)
    return _video_source(preset, open_clip(preset.source, allow_truncated=allow_truncated), allow_truncated)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _sequence_source(preset: Preset, clip: Clip, device: torch.device, max_memory: int | None) -> FilmSource:
    """A folder of pictures: footage; a folder of one picture is that photo."""
    assert clip.pictures is not None
    if not clip.is_still:
        return _video_source(preset, clip, allow_truncated=False)
    picture = clip.pictures.files[0]
    source = _photo_source(preset, picture, device, max_memory)
    alone = f"{clip.path.name} holds one picture: {picture.name} is taken for a photo"
    return replace(source, file_warnings=(alone, *source.file_warnings))


def _photo_source(preset: Preset, path: Path, device: torch.device, max_memory: int | None) -> FilmSource:
    canvas = preset.canvas
    size = canvas.size or default_size(picture_size(path), LARGEST_DEFAULT_SIZE)
    photo = read_picture(path, size, canvas.fit, device, canvas.background, max_memory)
    return FilmSource(preset.clock(), photo.frame, photo.original_size, photo.warnings)


def _video_source(preset: Preset, clip: Clip, allow_truncated: bool) -> FilmSource:
    if _is_picture_file(clip):
        raise SourceError(
            f"{clip.path} is a picture in a format that is not read as a photo ({clip.codec}): save it as a PNG"
        )
    canvas = preset.canvas
    fps = canvas.fps or clip.fps
    whole = Clock(fps, len(clip.source_indices(fps)), beats=preset.beats)
    clock = preset.clock(whole)
    size = canvas.size or default_size(display_size(clip), LARGEST_SIZE)
    _refuse_extreme_shape(clip, size, scaled_size(clip, size, canvas.fit))
    footage = Footage(
        clip,
        size,
        fps,
        canvas.first_frame(whole),
        clock.frames,
        canvas.fit,
        allow_truncated,
        background=canvas.background,
        deinterlace=canvas.deinterlace,
    )
    return FilmSource(clock, footage, display_size(clip))


def _is_picture_file(clip: Clip) -> bool:
    """Whether this is a single picture in a file of a format for pictures that only ffmpeg reads, as EXR and DPX."""
    is_picture = clip.container in _PICTURE_CONTAINERS or clip.container.endswith("_pipe")
    return is_picture and clip.frames == 1


def _refuse_extreme_shape(clip: Clip, size: Size, scaled: Size) -> None:
    """Raise SourceError for a video that would become larger than ffmpeg's pictures before it is cropped."""
    if (scaled[0] + 128) * (scaled[1] + 128) < _MOST_PIXELS:
        return
    coded, shown, film, needed = (
        f"{width}x{height}" for width, height in (clip.size, display_size(clip), size, scaled)
    )
    raise SourceError(
        f"{clip.path.name} has {coded} pixels and is shown as {shown}: for a film of {film} it would be scaled to "
        f"{needed}, which is too large; convert it to a usual shape before"
    )
