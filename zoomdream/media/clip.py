"""What a film is: size, exact rate, frames, colors, sound.

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

from zoomdream.errors import SourceError
from zoomdream.media.ffmpeg import input_file, last_words, run
from zoomdream.media.frame_rate import frame_rate
from zoomdream.media.stream_info import Description, Picture, describe, is_cut_short

Size = tuple[int, int]
AnyPath = str | PathLike[str]

# `V` leaves out covers and thumbnails, which `v` takes for films; `-copyts` keeps the file's own times
_LIST_PACKETS = ("-map", "0:V:0", "-c", "copy", "-f", "framecrc", "pipe:1")
_NO_TIMESTAMP = -(2**63)
_DISCARD = 0x4  # AV_PKT_FLAG_DISCARD: decoded for others' sake, then cut away by an edit list
_REORDERED = 16  # H.264 and H.265 allow that many frames out of order
_TEXT_AS_PICTURE = ("ansi", "bintext", "xbin", "idf")  # ffmpeg would "play" a text file


@dataclass(frozen=True)
class Clip:
    """A film file as it will be read: after rotation, with its real timestamps.

    `size` is (width, height) in pixels as displayed; a pixel is `sample_aspect` times as wide as high. `fps` is exact
    for a constant rate; for a variable one it is the rate most frames were taken at. `frames` counts the packets that
    decode to frames; `promised_frames` is more only where the file is cut short, and estimated from its duration.
    `duration` is in seconds. `rotation` is in degrees as tagged, and already part of `size`. `color_matrix` and
    `color_range` are as tagged, in ffmpeg's names, None where the file does not say. `start_time` is the first frame's
    time in seconds after the container's beginning, where the sound may begin. `timestamps` are the frames' times,
    sorted, in units of `time_base`.
    """

    path: Path
    size: Size
    fps: Fraction
    frames: int
    duration: Fraction
    variable_rate: bool
    codec: str
    container: str
    pixel_format: str
    bit_depth: int
    color_matrix: str | None
    color_range: str | None
    rotation: int
    sample_aspect: Fraction
    audio: str | None
    start_time: Fraction
    promised_frames: int
    time_base: Fraction
    timestamps: tuple[int, ...] = field(repr=False)

    @property
    def is_still(self) -> bool:
        """Whether this is a single picture."""
        return self.frames == 1

    def source_frames(self, fps: Fraction | None = None) -> Sequence[int]:
        """For each frame of the film at the constant rate `fps` (default: the clip's) the source frame shown then.

        As in ffmpeg's fps filter a frame is shown from the tick nearest to its time, so that jitter neither drops nor
        repeats one.
        """
        rate = self.fps if fps is None else fps
        if rate == self.fps and not self.variable_rate:
            return range(self.frames)
        scale = self.time_base * rate
        shown_from = [
            _round((time - self.timestamps[0]) * scale.numerator, scale.denominator) for time in self.timestamps
        ]
        count = max(1, _round((self.duration * rate).numerator, (self.duration * rate).denominator))
        return [bisect_right(shown_from, tick) - 1 for tick in range(count)]


def _round(numerator: int, denominator: int) -> int:
    """Nearest whole number, halves up: `round` takes them to the even one, and every other frame of half a rate."""
    return (2 * numerator + denominator) // (2 * denominator)


def probe(path: AnyPath) -> Clip:
    """What the film at `path` is. Reads the whole file once, without decoding it.

    Raises SourceError when it is missing, a folder, unreadable, no film, without picture (a cover does not count) or
    without a frame. A photo gives a clip with `is_still`.
    """
    path = Path(path)
    done = run([*_input(path), *_LIST_PACKETS])
    described = describe(done.stderr)
    if described is None:
        cut = " (its end is missing)" if is_cut_short(done.stderr) else ""
        raise SourceError(f"{path} is not a film or picture that ffmpeg can read{cut}: {last_words(done.stderr)}")
    picture = described.picture
    if picture is None:
        others = " and ".join("a cover" if kind == "video" else kind for kind in described.kinds) or "an empty header"
        raise SourceError(f"{path} has no moving picture, only {others}")
    if picture.codec in _TEXT_AS_PICTURE or picture.pixel_format == "none":
        raise SourceError(f"{path} is not a film or picture that ffmpeg can decode (codec {picture.codec})")
    packets = _Packets.parse(done.stdout)
    if not packets.times:
        raise SourceError(f"{path} has no frame that can be read: {last_words(done.stderr)}")
    return _clip(path, described, picture, packets)


def count_frames(path: AnyPath) -> int:
    """Number of frames in the film at `path`; 0 where ffmpeg cannot read it."""
    return len(_Packets.parse(run([*input_file(Path(path), "-copyts"), *_LIST_PACKETS]).stdout).times)


def audio_codec(path: AnyPath) -> str | None:
    """Codec of the first sound stream of a film or sound file, None without one. Raises SourceError as `probe` does."""
    done = run(_input(Path(path)))
    described = describe(done.stderr)
    if described is None:
        raise SourceError(f"{path} is not a sound or film file that ffmpeg can read: {last_words(done.stderr)}")
    return described.audio


@dataclass(frozen=True)
class _Packets:
    """framecrc's table: its header, the frames' times, sorted, and the last one's duration, both in ticks."""

    header: dict[str, str]
    times: tuple[int, ...]
    last_duration: int

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
        column = 0 if any(shown == _NO_TIMESTAMP for _, shown, _ in rows) else 1
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


def _clip(path: Path, described: Description, picture: Picture, packets: _Packets) -> Clip:
    time_base, times = Fraction(packets.header["tb"]), packets.times
    width, height = (int(side) for side in packets.header["dimensions"].split("x"))
    numerator, denominator = (int(part) for part in packets.header["sar"].split("/"))
    aspect = Fraction(numerator, denominator) if numerator else Fraction(1)  # 0/1: not said
    if picture.rotation % 180 == 90:
        width, height, aspect = height, width, 1 / aspect
    # a cut leaves holes among the last frames, which wait for others in coding order
    regular = times[:-_REORDERED] if described.cut_short and len(times) > 2 * _REORDERED else times
    fps, variable = frame_rate(regular, time_base, picture.fps)
    span = (times[-1] - times[0]) * time_base + (packets.last_duration * time_base or 1 / fps)
    # only a file that is cut short promises more than it holds; sound may well be longer than the picture
    promised = round(described.duration * fps) if described.cut_short else 0
    return Clip(
        path=path,
        size=(width, height),
        fps=fps,
        frames=len(times),
        duration=span if variable else len(times) / fps,
        variable_rate=variable,
        codec=picture.codec,
        container=described.container,
        pixel_format=picture.pixel_format,
        bit_depth=picture.bit_depth,
        color_matrix=picture.color_matrix,
        color_range=picture.color_range,
        rotation=picture.rotation,
        sample_aspect=aspect,
        audio=described.audio,
        start_time=times[0] * time_base - described.start,
        promised_frames=max(len(times), promised),
        time_base=time_base,
        timestamps=times,
    )
