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
from zoomdream.media.ffmpeg import error_summary, input_file, run
from zoomdream.media.first_frame import with_first_frame
from zoomdream.media.frame_rate import frame_rate
from zoomdream.media.stream_info import FileInfo, VideoStream, is_truncated, parse_file_info

if TYPE_CHECKING:
    from zoomdream.images.frame import Size

AnyPath = str | PathLike[str]

# `V` leaves out covers and thumbnails, which `v` does not; `-copyts` keeps the file's own times
_LIST_PACKETS = ("-map", "0:V:0", "-c", "copy", "-f", "framecrc", "pipe:1")
_NO_TIMESTAMP = -(2**63)
_DISCARD = 0x4  # AV_PKT_FLAG_DISCARD: decoded because other frames refer to it, then cut away by an edit list
_MOST_REORDERED = 16  # H.264 and H.265 allow that many frames out of order
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
    """In seconds."""
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
    """The first frame's time in seconds after the container's beginning, where the sound may begin."""
    promised_frames: int
    """Frames that the file should hold: more than `frames` only where it is cut short, estimated from its duration."""
    time_base: Fraction
    """A tick in seconds."""
    timestamps: tuple[int, ...] = field(repr=False)
    """The frames' times in ticks, sorted."""

    @property
    def is_still(self) -> bool:
        """Whether this is a single picture."""
        return self.frames == 1

    def source_indices(self, fps: Fraction | None = None) -> Sequence[int]:
        """The clip's frames that make a film at the constant rate `fps` (default: the clip's): an index for each.

        As in ffmpeg's fps filter a frame begins at the tick of that rate nearest to its time, so that jitter neither
        drops nor repeats one.
        """
        rate = self.fps if fps is None else fps
        if rate == self.fps and not self.variable_rate:
            return range(self.frames)
        scale = self.time_base * rate
        first_ticks = [
            _round((time - self.timestamps[0]) * scale.numerator, scale.denominator) for time in self.timestamps
        ]
        count = max(1, _round((self.duration * rate).numerator, (self.duration * rate).denominator))
        return [bisect_right(first_ticks, tick) - 1 for tick in range(count)]


def _round(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest whole number, halves up: `round` would take them to the even one, and so
    pick frames unevenly at half the rate."""
    return (2 * numerator + denominator) // (2 * denominator)


def probe(path: AnyPath) -> Clip:
    """Read the properties of the film at `path`. Reads the whole file once, without decoding it.

    Raises SourceError when it is missing, a folder, unreadable, no film, without picture (a cover does not count) or
    without a frame; FFmpegError when ffmpeg cannot be started or is ended. A photo gives a clip with `is_still`.
    """
    path = Path(path)
    result = run([*_input(path), *_LIST_PACKETS], path)
    info = parse_file_info(result.stderr)
    if info is None:
        hint = " (its end is missing)" if is_truncated(result.stderr) else ""
        reason = error_summary(result.stderr)
        raise SourceError(f"{path} is not a film or picture that ffmpeg can read{hint}: {reason}")
    video = info.video
    if video is None:
        others = " and ".join("a cover" if kind == "video" else kind for kind in info.stream_kinds)
        raise SourceError(f"{path} has no moving picture, only {others or 'an empty header'}")
    if video.codec in _TEXT_AS_PICTURE or video.pixel_format == "none":
        raise SourceError(f"{path} is not a film or picture that ffmpeg can decode (codec {video.codec})")
    video = with_first_frame(path, info.container, video)
    packets = _Packets.parse(result.stdout)
    if not packets.times:
        raise SourceError(f"{path} has no frame that can be read: {error_summary(result.stderr)}")
    return _clip(path, info, video, packets)


def count_frames(path: AnyPath) -> int:
    """Number of frames in the film at `path`; 0 where ffmpeg cannot read it. Raises FFmpegError."""
    path = Path(path)
    return len(_Packets.parse(run([*input_file(path, "-copyts"), *_LIST_PACKETS], path).stdout).times)


def audio_codec(path: AnyPath) -> str | None:
    """Codec of the first sound stream of a film or sound file, None without one. Raises SourceError as `probe` does."""
    result = run(_input(Path(path)), Path(path))
    info = parse_file_info(result.stderr)
    if info is None:
        raise SourceError(f"{path} is not a sound or film file that ffmpeg can read: {error_summary(result.stderr)}")
    return info.audio_codec


@dataclass(frozen=True)
class _Packets:
    """The packets of a video stream, as ffmpeg's framecrc lists them."""

    header: dict[str, str]
    times: tuple[int, ...]
    """Presentation times, sorted, in ticks of the time base."""
    last_duration: int
    """Of the last packet, in ticks."""

    @classmethod
    def parse(cls, framecrc: str) -> _Packets:
        header: dict[str, str] = {}
        rows: list[tuple[int, int, int]] = []
        for line in framecrc.splitlines():
            if line.startswith("#"):
                key, _, value = line[1:].partition(":")
                header[key.removesuffix(" 0")] = value.strip()
                continue
            cells = [cell.strip() for cell in line.split(",")]
            flags = next((int(cell[2:], 16) for cell in cells[6:] if cell.startswith("F=")), 0)
            if not flags & _DISCARD:
                rows.append((int(cells[1]), int(cells[2]), int(cells[3])))
        # AVI has no presentation times; its decoding times, sorted, are as good
        column = 0 if any(presentation == _NO_TIMESTAMP for _, presentation, _ in rows) else 1
        rows.sort(key=lambda row: row[column])
        return cls(header, tuple(row[column] for row in rows), rows[-1][2] if rows else 0)


def _input(path: Path) -> list[str]:
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


def _clip(path: Path, info: FileInfo, video: VideoStream, packets: _Packets) -> Clip:
    time_base, times = Fraction(packets.header["tb"]), packets.times
    width, height = (int(side) for side in packets.header["dimensions"].split("x"))
    numerator, denominator = (int(part) for part in packets.header["sar"].split("/"))
    aspect = Fraction(numerator, denominator) if numerator else Fraction(1)  # 0/1: unknown
    if video.rotation % 180 == 90:
        width, height, aspect = height, width, 1 / aspect
    # where a file is cut off, frames are missing among the last ones: they would come later in coding order
    regular = times[:-_MOST_REORDERED] if info.is_truncated and len(times) > 2 * _MOST_REORDERED else times
    fps, variable = frame_rate(regular, time_base, video.fps)
    span = (times[-1] - times[0]) * time_base + (packets.last_duration * time_base or 1 / fps)
    # only a file that is cut short promises more than it holds; sound may well be longer than the picture
    promised = round(info.duration * fps) if info.is_truncated else 0
    return Clip(
        path=path,
        size=(width, height),
        fps=fps,
        frames=len(times),
        duration=span if variable else len(times) / fps,
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
        start_time=times[0] * time_base - info.start,
        promised_frames=max(len(times), promised),
        time_base=time_base,
        timestamps=times,
    )
