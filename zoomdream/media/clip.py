"""A clip: a film's size, exact frame rate, frames with their times, colors and streams, as a plain value."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.media.picture_folders.sequence import PictureSequence

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

AnyPath = str | PathLike[str]

SQUARE_TOLERANCE = 0.02
"""Shapes of pixels and pictures that differ by less are the same."""


@dataclass(frozen=True)
class Clip:
    """A film file as it will be read: rotated for display, with its real timestamps."""

    path: Path
    size: Size
    """(width, height) in pixels as displayed, after rotation."""
    fps: Fraction
    """Frames per second: exact for a constant rate; for a variable one the rate that most frames were taken at."""
    frames: int
    """Packets that decode to frames."""
    duration: Fraction
    """In seconds, from the first frame's beginning to the end of the last one, which may stay for long."""
    variable_rate: bool
    codec: str
    container: str
    """Names of ffmpeg's demuxer, with commas between them."""
    pixel_format: str
    bit_depth: int
    color_matrix: str | None
    """As tagged, in ffmpeg's names; None where the file does not say."""
    color_range: str | None
    """As tagged: `tv` or `pc`; None where the file does not say."""
    color_primaries: str | None
    """As tagged, in ffmpeg's names; None where the file does not say."""
    color_transfer: str | None
    """As tagged, in ffmpeg's names; None where the file does not say."""
    field_order: str | None
    """As tagged: `progressive`, `top first` or `bottom first`; None where the file does not say."""
    has_alpha: bool
    """Whether there is an alpha channel, be it opaque or not."""
    dolby_vision: int | None
    """The profile of Dolby Vision; None without."""
    rotation: int
    """In degrees as tagged, and applied to `size` already."""
    sample_aspect: Fraction
    """A pixel's width over its height."""
    audio: str | None
    """Codec of the sound stream that is marked as the default one, else of the first; None without sound."""
    start_time: Fraction
    """The first frame's time in seconds after the container's beginning, where the sound may begin; negative where the
    container's beginning is later."""
    promised_frames: int
    """Frames that the file should hold: more than `frames` only where it is cut short, estimated from its duration."""
    time_base: Fraction
    """A tick in seconds."""
    timestamps: tuple[int, ...] = field(repr=False)
    """The frames' times in ticks, sorted."""
    is_opaque: bool = True
    """Whether nothing is seen through its first frames."""
    stream: int = 0
    """The video stream's number in the file, counted from 0."""
    video_streams: int = 1
    """How many the file holds, without covers: the one that is marked as the default is read, else the first."""
    is_default: bool = False
    """Whether the file marks this video stream as the default one."""
    changes_shape: bool = False
    """Whether the frames' size or their pixels' shape is known to change midway."""
    sample_aspects: tuple[tuple[int, Fraction], ...] = ()
    """Where the pixels' shape changes: a coded pixel's width over its height, each from a time in ticks on."""
    undecodable_start: int = 0
    """Frames at the file's beginning that cannot be decoded, for they refer to others before it; the clip begins after
    them."""
    missing_frames: int = 0
    """Frames after the first that are known not to be decodable: the one before each is shown for longer."""
    has_times: bool = True
    """Whether the timestamps are presentation times, which decoded frames carry too; AVI has only decoding times."""
    is_continuous: bool = True
    """Whether the timestamps are the file's own; else the file's clock jumps, and they are ffmpeg's corrected ones."""
    pictures: PictureSequence | None = None
    """What a folder of pictures holds; None for a film's file. Pictures are shown at any rate, each once."""

    @property
    def is_still(self) -> bool:
        """Whether this is a single picture that does not last."""
        return self.frames == 1 and len(self.source_indices()) == 1

    @property
    def last_frame_seconds(self) -> Fraction:
        """How long the last frame stays."""
        return self.duration - (self.timestamps[-1] - self.timestamps[0]) * self.time_base

    def source_indices(self, fps: Fraction | None = None) -> Sequence[int]:
        """The clip's frames that make a film at the constant rate `fps` (default: the clip's): an index for each.

        As in ffmpeg's fps filter a frame begins at the tick of that rate nearest to its time, so that jitter neither
        drops nor repeats one.
        """
        rate = self.fps if fps is None else fps
        if self.pictures:
            return range(self.frames)
        if rate == self.fps and not self.variable_rate and not self.missing_frames:
            held = _round_fraction(self.duration * rate) - self.frames
            return [*range(self.frames), *[self.frames - 1] * held] if held > 0 else range(self.frames)
        scale = self.time_base * rate
        first_ticks = [
            _round((time - self.timestamps[0]) * scale.numerator, scale.denominator) for time in self.timestamps
        ]
        count = max(1, _round_fraction(self.duration * rate))
        return [bisect_right(first_ticks, tick) - 1 for tick in range(count)]


def _round(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest whole number, halves up: `round` would take them to the even one, and so
    pick frames unevenly at half the rate."""
    return (2 * numerator + denominator) // (2 * denominator)


def _round_fraction(value: Fraction) -> int:
    return _round(value.numerator, value.denominator)


def display_size(clip: Clip) -> Size:
    """A clip's (width, height) on a screen of square pixels.

    Pixels within 2 % of square come from rounded sizes: the difference is invisible, and resampling for it would cost
    sharpness.
    """
    width, height = clip.size
    aspect = clip.sample_aspect if abs(clip.sample_aspect - 1) > SQUARE_TOLERANCE else 1
    return max(1, round(width * aspect)), height
