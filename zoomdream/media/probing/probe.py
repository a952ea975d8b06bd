"""A film's size, exact frame rate, number of frames, colors and sound, read from its file.

The wheel's ffmpeg comes without ffprobe. One run of `-c copy -f framecrc` reads the file without decoding it and gives
the time base and each packet's timestamps on stdout, and the streams' descriptions on stderr.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from zoomdream.errors import SourceError
from zoomdream.media.clip import AnyPath, Clip
from zoomdream.media.ffmpeg import error_summary, input_file, run
from zoomdream.media.picture_folders.sequence import DEFAULT_FPS, PictureSequence, find_pictures, is_picture_sequence
from zoomdream.media.probing.clip_length import check_length, seconds_shown
from zoomdream.media.probing.decodable_start import decodable_start
from zoomdream.media.probing.first_frame import with_first_frame
from zoomdream.media.probing.frame_rate import frame_rate
from zoomdream.media.probing.packets import (
    MOST_REORDERED,
    Packets,
    clock_jumps,
    list_corrected,
    list_packets,
    parse_size,
    pixel_shape,
)
from zoomdream.media.probing.shape_changes import shape_changes
from zoomdream.media.probing.stream_info import FileInfo, VideoStream, is_truncated, parse_file_info
from zoomdream.media.probing.transparency import is_opaque

_TEXT_AS_PICTURE = ("ansi", "bintext", "xbin", "idf", "svg")  # ffmpeg would "play" a text file


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
    return _clip(path, info, video, packets, decodable_start(path, info, packets))


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
    """Codec of a film's or sound file's default sound stream, None without one. Raises SourceError as `probe` does."""
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
    except (OSError, ValueError) as error:  # the latter for a name that no file may have
        raise SourceError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return input_file(path, "-copyts")


def _clip(path: Path, info: FileInfo, video: VideoStream, listed: Packets, packets: Packets) -> Clip:
    """The clip of the packets that can be decoded, out of all that are listed."""
    time_base, times, clock = packets.time_base, packets.times, packets.all_times
    width, height = parse_size(packets.header, path)
    numerator, denominator = (int(part) for part in packets.header["sar"].split("/"))
    aspect = pixel_shape(numerator, denominator)
    keys, continuous = packets.key_frames, packets.is_continuous
    changes = shape_changes(path, info.video_index, video.codec, keys, aspect, copy_times=continuous)
    if video.rotation % 180 == 90:
        width, height, aspect = height, width, 1 / aspect
    # where a file is cut off, frames are missing among the last ones: they would come later in coding order
    regular = clock[:-MOST_REORDERED] if info.is_truncated and len(clock) > 2 * MOST_REORDERED else clock
    fps, variable = frame_rate(regular, time_base, video.fps)
    variable = variable or len(clock) > len(times)
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
        is_opaque=not video.has_alpha or is_opaque(path, f"0:{info.video_index}", video),
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
