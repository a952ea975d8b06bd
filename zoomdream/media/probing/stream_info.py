"""A file's container and streams, parsed from ffmpeg's stderr.

A stream's line reads `  Stream #0:0[0x1](und): Video: h264 (High), yuv420p(tv, bt709), ...`. Metadata is indented
deeper, so a comment that looks like a stream's line does not match.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

_STREAM = re.compile(r"^  Stream #0:(\d{1,6})(?:\[\w+\])?(?:\([^)]*\))?: (\w+): (\w.*)$", re.MULTILINE)
_MAPPING = re.compile(r"^  Stream #0:(\d{1,6}) -> #0:0 \(copy\)", re.MULTILINE)
_ITEM = re.compile(r"\b1 fps, 1 tbr, 1 tbn\b")  # an animated AVIF's picture for those that show no animations
_COVER = re.compile(r"\((?:attached pic|timed thumbnails)\)")
_CONTAINER = re.compile(r"^Input #0, (\S+), from", re.MULTILINE)
_NUMBER = r"\d{1,18}(?:\.\d{1,18})?"
_DURATION = re.compile(
    rf"^  Duration: (?:(\d{{1,18}}):(\d\d):({_NUMBER})|N/A)(?:, start: (-?{_NUMBER}))?", re.MULTILINE
)
# metadata, which hold what a stranger likes, have a space before the colon
_ROTATION = re.compile(rf"^ +display ?matrix: rotation of (-?{_NUMBER}) degrees", re.MULTILINE | re.IGNORECASE)
_RATE = re.compile(rf"({_NUMBER})(k?) (?:fps|tbr)")
_TRUNCATED = re.compile(r"partial file|ended prematurely|moov atom not found", re.IGNORECASE)
_RANGES = ("tv", "pc")
# libavutil's names without `unknown` and `reserved`
_MATRICES = (
    *("gbr", "bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "ycgco", "bt2020nc", "bt2020c", "smpte2085"),
    *("chroma-derived-nc", "chroma-derived-c", "ictcp", "ipt-c2", "ycgco-re", "ycgco-ro"),
)
_UNKNOWN_COLORS = ("unknown", "reserved")
_FIELD_ORDERS = {
    "progressive": "progressive",
    "top first": "top first",
    "bottom first": "bottom first",
    "top coded first": "top first",  # `swapped` is how ffmpeg's own encoders write it
    "bottom coded first": "bottom first",
}
_ALPHA = re.compile(r"yuva|gbrap|rgba|bgra|argb|abgr|ya8|ya16")
_PALETTES_WITH_ALPHA = ("png", "apng", "gif", "tiff")  # in other codecs' palettes the fourth value means nothing
_ALPHA_BESIDE = re.compile(r"^ +alpha_mode +: 1$", re.MULTILINE | re.IGNORECASE)
_DOLBY_VISION = re.compile(r"^ +DOVI configuration record:.* profile: (\d{1,6})", re.MULTILINE)


@dataclass(frozen=True)
class VideoStream:
    """A video stream. Colors are in ffmpeg's names; None where the file does not say."""

    codec: str
    pixel_format: str
    bit_depth: int
    color_matrix: str | None
    color_range: str | None
    color_primaries: str | None
    color_transfer: str | None
    field_order: str | None
    """`progressive`, `top first` or `bottom first`; None where the file does not say."""
    has_alpha: bool
    """Whether its pixels have an alpha channel, or it has one as a stream of its own beside them (VP8, VP9)."""
    dolby_vision: int | None
    """The profile of Dolby Vision; None without."""
    rotation: int
    """In degrees, counterclockwise."""
    fps: float | None
    """Rounded to two decimals."""


@dataclass(frozen=True)
class FileInfo:
    """An input file."""

    container: str
    """Names of ffmpeg's demuxer, with commas between them."""
    duration: Fraction
    """The container's, in seconds; 0 where it does not say."""
    start: Fraction
    """Time of the container's beginning in seconds; 0 where it does not say."""
    stream_kinds: tuple[str, ...]
    """`video`, `audio` and others, each once."""
    video: VideoStream | None
    """The stream that was mapped to the output."""
    video_index: int
    """That stream's number in the file, counted from 0."""
    pictures: tuple[int, ...]
    """The numbers of all video streams but covers, thumbnails, and an animated AVIF's still picture."""
    default_picture: int | None
    """The number of the first of them that the file marks as the default one."""
    audio_codec: str | None
    """Of the sound stream that the file marks as the default one, else of the first."""
    is_truncated: bool
    """Whether ffmpeg noticed that the end of the file is missing."""


def parse_file_info(stderr: str) -> FileInfo | None:
    """Parse what ffmpeg prints of its first input. None when it could not open it."""
    container = _CONTAINER.search(stderr)
    if container is None:
        return None
    inputs, _, outputs = stderr.partition("\nStream mapping:\n")
    streams = list(_STREAM.finditer(inputs))
    mapped = _MAPPING.search(outputs)
    video = None
    ends = [*(stream.start() for stream in streams[1:]), len(inputs)]
    for stream, end in zip(streams, ends, strict=False):
        if mapped and stream[1] == mapped[1]:
            video = _video_stream(stream[3], inputs[stream.end() : end])
    pictures = [stream for stream in streams if stream[2] == "Video" and not _COVER.search(stream[3])]
    tracks = [stream for stream in pictures if not _ITEM.search(stream[3])]
    pictures = tracks or pictures
    times = _DURATION.search(inputs)
    hours, minutes, seconds, start = times.groups(default="0") if times else ("0",) * 4
    return FileInfo(
        container=container[1],
        duration=int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds),
        start=Fraction(start),
        stream_kinds=tuple(dict.fromkeys(stream[2].lower() for stream in streams)),
        video=video,
        video_index=int(mapped[1]) if mapped else 0,
        pictures=tuple(int(stream[1]) for stream in pictures),
        default_picture=next((int(stream[1]) for stream in pictures if "(default)" in stream[3]), None),
        audio_codec=_default_audio_codec([stream[3] for stream in streams if stream[2] == "Audio"]),
        is_truncated=is_truncated(stderr),
    )


def _default_audio_codec(sounds: Sequence[str]) -> str | None:
    default = next((text for text in sounds if "(default)" in text), next(iter(sounds), None))
    return None if default is None else re.split(r"[\s,]", default)[0]


def is_truncated(stderr: str) -> bool:
    """Whether ffmpeg noticed that the end of the file is missing."""
    return _TRUNCATED.search(stderr) is not None


def _video_stream(text: str, details: str) -> VideoStream:
    """Parse a stream's line from the codec on, and the indented lines below it."""
    parts = re.split(r",\s*(?![^(\[]*[)\]])", text.replace(" (swapped)", ""))  # at commas outside of brackets
    pixels = re.match(r"(\w+)(?:\((.*)\))?$", parts[1]) if len(parts) > 1 else None
    pixel_format = pixels[1] if pixels else "none"
    colors = [color.strip() for color in (pixels[2] or "").split(",")] if pixels else []
    matrix, primaries, transfer = _color_tags(colors)
    rotation, rate, profile = _ROTATION.search(details), _RATE.search(text), _DOLBY_VISION.search(details)
    codec = parts[0].split()[0]
    return VideoStream(
        codec=codec,
        pixel_format=pixel_format,
        bit_depth=_bit_depth(pixel_format),
        color_matrix=matrix if matrix in _MATRICES else None,
        color_range=next((color for color in colors if color in _RANGES), None),
        color_primaries=primaries,
        color_transfer=transfer,
        field_order=next((_FIELD_ORDERS[color] for color in colors if color in _FIELD_ORDERS), None),
        has_alpha=has_alpha(codec, pixel_format) or _ALPHA_BESIDE.search(details) is not None,
        dolby_vision=int(profile[1]) if profile else None,
        rotation=round(float(rotation[1])) if rotation else 0,
        fps=float(rate[1]) * (1000 if rate[2] else 1) if rate else None,
    )


def _color_tags(colors: Sequence[str]) -> tuple[str | None, str | None, str | None]:
    """Matrix, primaries and transfer: three names with slashes between them, or one where they are alike."""
    for color in colors:
        names = color.split("/") * (1 if "/" in color else 3)
        if len(names) == 3 and (names[0] in (*_MATRICES, *_UNKNOWN_COLORS)):
            matrix, primaries, transfer = (None if name in _UNKNOWN_COLORS else name for name in names)
            return matrix, primaries, transfer
    return None, None, None


def has_alpha(codec: str, pixel_format: str) -> bool:
    """Whether a codec's frames in this pixel format have an alpha channel that means something."""
    if pixel_format == "pal8":
        return codec in _PALETTES_WITH_ALPHA
    if codec == "rawvideo" and pixel_format == "bgra":
        return False  # AVI's: the fourth byte is unused, and mostly 0
    return _ALPHA.match(pixel_format) is not None


def _bit_depth(pixel_format: str) -> int:
    deep = re.search(r"(?:p|p[024]|gray|x2rgb|x2bgr)(9|10|12|14|16)(?:le|be)?$", pixel_format)
    if deep:
        return int(deep[1])
    return 16 if re.match(r"(?:rgb|bgr)48|(?:rgba|bgra)64|ya16", pixel_format) else 8
