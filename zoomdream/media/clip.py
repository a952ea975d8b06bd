"""A film's size, exact frame rate, number of frames, colors and sound, read from its file.

The wheel's ffmpeg comes without ffprobe. One run of `-c copy -f framecrc` reads the file without decoding it and gives
the time base and each packet's timestamps on stdout, and the streams' descriptions on stderr.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.errors import SourceError
from zoomdream.media.clip_length import check_length, seconds_shown
from zoomdream.media.ffmpeg import error_summary, input_file, run
from zoomdream.media.first_frame import with_first_frame
from zoomdream.media.frame_rate import frame_rate
from zoomdream.media.frame_times import decoded_times
from zoomdream.media.packets import (
    MOST_REORDERED,
    Packets,
    clock_jumps,
    list_corrected,
    list_packets,
    parse_size,
    pixel_shape,
)
from zoomdream.media.picture_sequence import DEFAULT_FPS, PictureSequence, find_pictures, is_picture_sequence
from zoomdream.media.shape_changes import shape_changes
from zoomdream.media.stream_info import FileInfo, VideoStream, is_truncated, parse_file_info

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

AnyPath = str | PathLike[str]

SQUARE_TOLERANCE = 0.02
"""Shapes of pixels and pictures that differ by less are the same."""

_TEXT_AS_PICTURE = ("ansi", "bintext", "xbin", "idf")  # ffmpeg would "play" a text file


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
    """Codec of the first sound stream; None without sound."""
    start_time: Fraction
    """The first frame's time in seconds after the container's beginning, where the sound may begin; negative where the
    container's beginning is later."""
    promised_frames: int
    """Frames that the file should hold: more than `frames` only where it is cut short, estimated from its duration."""
    time_base: Fraction
    """A tick in seconds."""
    timestamps: tuple[int, ...] = field(repr=False)
    """The frames' times in ticks, sorted."""
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


def probe(path: AnyPath) -> Clip:
    """Read the properties of the film at `path`. Reads the whole file once, without decoding it.

    A folder of pictures, or a pattern such as `frames/%06d.png`, is a film, too: see `picture_sequence.find_pictures`.

    Raises SourceError when it is missing, unreadable, no film, without picture (a cover does not count) or
    without a frame; FFmpegError when ffmpeg cannot be started or is ended. A photo gives a clip with `is_still`.
    """
    path = Path(path)
    if is_picture_sequence(path):
        return _clip_of_pictures(find_pictures(path))
    checked_input(path)
    packets, result = list_packets(path)
    info = _file_info(path, result.stderr)
    if info.default_picture not in (None, info.video_index):
        packets, result = list_packets(path, f"0:{info.default_picture}")
        info = _file_info(path, result.stderr)
    assert info.video is not None
    if not packets.times:
        raise SourceError(f"{path} has no frame that can be read: {error_summary(result.stderr)}")
    if clock_jumps(packets, info.container):
        packets = list_corrected(path, f"0:{info.video_index}", packets)
    video = with_first_frame(path, info.container, info.video, f"0:{info.video_index}")
    return _clip(path, info, video, packets, _decodable_start(path, info, packets))


def _file_info(path: Path, stderr: str) -> FileInfo:
    """What the file's header says. Raises SourceError where that is no film."""
    info = parse_file_info(stderr)
    if info is None:
        hint = " (its end is missing)" if is_truncated(stderr) else ""
        raise SourceError(f"{path} is not a film or picture that ffmpeg can read{hint}: {error_summary(stderr)}")
    if info.video is None:
        others = " and ".join("a cover" if kind == "video" else kind for kind in info.stream_kinds)
        raise SourceError(f"{path} has no moving picture, only {others or 'an empty header'}")
    if info.video.codec in _TEXT_AS_PICTURE or info.video.pixel_format == "none":
        raise SourceError(f"{path} is not a film or picture that ffmpeg can decode (codec {info.video.codec})")
    return info


def _decodable_start(path: Path, info: FileInfo, packets: Packets) -> Packets:
    """The packets from the first one on that decodes. Raises SourceError where none does."""
    if not packets.doubtful:
        return packets
    first_key = packets.first_key
    candidates = packets.order if first_key is None else packets.order[packets.order.index(first_key) :]
    tick = packets.time_base
    stream = f"0:{info.video_index}"
    expected = {time * tick for time in candidates}
    with decoded_times(path, stream, copy_times=packets.is_continuous) as decoded:
        first = next((time for time in decoded if time in expected), None)
    if first is None:
        raise SourceError(f"{path}: none of its {len(packets.times)} frames can be decoded")
    return packets.from_time(int(first / tick))


def _clip_of_pictures(pictures: PictureSequence) -> Clip:
    """A folder of pictures as a film at `DEFAULT_FPS`."""
    count = len(pictures.files)
    return Clip(
        path=pictures.path,
        size=pictures.size,
        fps=DEFAULT_FPS,
        frames=count,
        duration=count / DEFAULT_FPS,
        variable_rate=False,
        codec=pictures.files[0].suffix.lower().removeprefix("."),
        container="folder of pictures",
        pixel_format="rgb24",
        bit_depth=8,
        color_matrix=None,
        color_range=None,
        color_primaries=None,
        color_transfer=None,
        field_order=None,
        has_alpha=False,
        dolby_vision=None,
        rotation=0,
        sample_aspect=Fraction(1),
        audio=None,
        start_time=Fraction(0),
        promised_frames=count,
        time_base=1 / DEFAULT_FPS,
        timestamps=tuple(range(count)),
        pictures=pictures,
    )


def count_frames(path: AnyPath) -> int:
    """Number of frames in the film at `path`; 0 where ffmpeg cannot read it. Raises FFmpegError."""
    path = Path(path)
    return len(list_packets(path)[0].times)


def audio_codec(path: AnyPath) -> str | None:
    """Codec of the first sound stream of a film or sound file, None without one. Raises SourceError as `probe` does."""
    result = run(checked_input(Path(path)), Path(path))
    info = parse_file_info(result.stderr)
    if info is None:
        raise SourceError(f"{path} is not a sound or film file that ffmpeg can read: {error_summary(result.stderr)}")
    return info.audio_codec


def checked_input(path: Path) -> list[str]:
    """ffmpeg's arguments that open a file, with its own times. Raises SourceError unless it is one, and readable."""
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder, not a file")
        if path.exists() and not path.is_file():
            raise SourceError(f"{path} is not a regular file")
        with path.open("rb") as file:
            if not file.read(1):
                raise SourceError(f"{path} is empty")
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    return input_file(path, "-copyts")


def _clip(path: Path, info: FileInfo, video: VideoStream, listed: Packets, packets: Packets) -> Clip:
    """The clip of the packets that can be decoded, out of all that are listed."""
    time_base, times = packets.time_base, packets.times
    width, height = parse_size(packets.header, path)
    numerator, denominator = (int(part) for part in packets.header["sar"].split("/"))
    aspect = pixel_shape(numerator, denominator)
    changes = shape_changes(
        path,
        info.video_index,
        video.codec,
        packets.key_frames,
        aspect,
        copy_times=packets.is_continuous,
    )
    if video.rotation % 180 == 90:
        width, height, aspect = height, width, 1 / aspect
    # where a file is cut off, frames are missing among the last ones: they would come later in coding order
    regular = times[:-MOST_REORDERED] if info.is_truncated and len(times) > 2 * MOST_REORDERED else times
    fps, variable = frame_rate(regular, time_base, video.fps)
    start_time = (times[0] + packets.clock_offset) * time_base - info.start
    container_end = None if info.is_truncated or not info.duration else info.duration - start_time
    duration = seconds_shown(packets, fps, variable=variable, container_end=container_end)
    check_length(path, duration, fps)
    # only a file that is cut short promises more than it holds; sound may well be longer than the picture
    lost = (times[0] - listed.times[0]) * time_base
    promised = round((info.duration - lost) * fps) if info.is_truncated else 0
    return Clip(
        path=path,
        size=(width, height),
        fps=fps,
        frames=len(times),
        duration=duration,
        variable_rate=variable,
        codec=video.codec,
        container=info.container,
        pixel_format=video.pixel_format,
        bit_depth=video.bit_depth,
        color_matrix=video.color_matrix,
        color_range=video.color_range,
        color_primaries=video.color_primaries,
        color_transfer=video.color_transfer,
        field_order=video.field_order,
        has_alpha=video.has_alpha,
        dolby_vision=video.dolby_vision,
        rotation=video.rotation,
        sample_aspect=aspect,
        audio=info.audio_codec,
        start_time=start_time,
        promised_frames=max(len(times), promised),
        time_base=time_base,
        timestamps=times,
        stream=info.video_index,
        video_streams=len(info.pictures),
        is_default=info.default_picture is not None,
        changes_shape=changes.is_changing,
        sample_aspects=changes.sample_aspects,
        undecodable_start=len(listed.times) - len(times),
        has_times=packets.has_times,
        is_continuous=packets.is_continuous,
    )
