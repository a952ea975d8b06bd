"""What ffmpeg's stderr says about a file: `Stream #0:0[0x1](und): Video: h264 (High), yuv420p(tv, bt709), ...`

Metadata is printed with a deeper indent, so a comment that looks like a stream's line is not taken for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_STREAM = re.compile(r"^  Stream #0:(\d+)(?:\[\w+\])?(?:\([^)]*\))?: (\w+): (.*)$", re.MULTILINE)
_MAPPING = re.compile(r"^  Stream #0:(\d+) -> #0:0 \(copy\)", re.MULTILINE)
_CONTAINER = re.compile(r"^Input #0, (\S+), from", re.MULTILINE)
_DURATION = re.compile(r"^  Duration: (?:(\d+):(\d+):([\d.]+)|N/A)(?:, start: (-?[\d.]+))?", re.MULTILINE)
_ROTATION = re.compile(r"rotation of (-?[\d.]+) degrees")
_RATE = re.compile(r"([\d.]+)(k?) (?:fps|tbr)")
_CUT_SHORT = re.compile(r"partial file|ended prematurely|moov atom not found", re.IGNORECASE)
_RANGES = ("tv", "pc")
# libavutil's names without `unknown` and `reserved`
_MATRICES = (
    *("gbr", "bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "ycgco", "bt2020nc", "bt2020c", "smpte2085"),
    *("chroma-derived-nc", "chroma-derived-c", "ictcp", "ipt-c2", "ycgco-re", "ycgco-ro"),
)


@dataclass(frozen=True)
class Picture:
    """A video stream as described. `rotation` in degrees, `fps` rounded to two decimals; None where it is not said."""

    codec: str
    pixel_format: str
    bit_depth: int
    color_matrix: str | None
    color_range: str | None
    rotation: int
    fps: float | None


@dataclass(frozen=True)
class Description:
    """An input file as described; `picture` is the stream that was mapped to the output, `audio` the first codec.

    `duration` and `start` are the container's, in seconds, 0 where it does not say. `cut_short`: the end is missing.
    """

    container: str
    duration: Fraction
    start: Fraction
    kinds: tuple[str, ...]
    picture: Picture | None
    audio: str | None
    cut_short: bool


def describe(said: str) -> Description | None:
    """Parse ffmpeg's stderr. None when it could not open the input."""
    container = _CONTAINER.search(said)
    if container is None:
        return None
    inputs, _, outputs = said.partition("\nStream mapping:\n")
    streams = list(_STREAM.finditer(inputs))
    mapped = _MAPPING.search(outputs)
    picture = None
    ends = [*(stream.start() for stream in streams[1:]), len(inputs)]
    for stream, end in zip(streams, ends, strict=False):
        if mapped and stream[1] == mapped[1]:
            picture = _picture(stream[3], inputs[stream.end() : end])
    times = _DURATION.search(inputs)
    hours, minutes, seconds, start = times.groups(default="0") if times else ("0",) * 4
    return Description(
        container=container[1],
        duration=int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds),
        start=Fraction(start),
        kinds=tuple(dict.fromkeys(stream[2].lower() for stream in streams)),
        picture=picture,
        audio=next((re.split(r"[\s,]", stream[3])[0] for stream in streams if stream[2] == "Audio"), None),
        cut_short=is_cut_short(said),
    )


def is_cut_short(said: str) -> bool:
    """Whether ffmpeg noticed that the end of the file is missing."""
    return _CUT_SHORT.search(said) is not None


def _picture(text: str, details: str) -> Picture:
    parts = re.split(r",\s*(?![^(\[]*[)\]])", text.replace(" (swapped)", ""))  # at commas outside of brackets
    form = re.match(r"(\w+)(?:\((.*)\))?$", parts[1]) if len(parts) > 1 else None
    name = form[1] if form else "none"
    notes = [note.strip().split("/")[0] for note in (form[2] or "").split(",")] if form else []
    turned, rate = _ROTATION.search(details), _RATE.search(text)
    return Picture(
        codec=parts[0].split()[0],
        pixel_format=name,
        bit_depth=_bit_depth(name),
        color_matrix=next((note for note in notes if note in _MATRICES), None),
        color_range=next((note for note in notes if note in _RANGES), None),
        rotation=round(float(turned[1])) if turned else 0,
        fps=float(rate[1]) * (1000 if rate[2] else 1) if rate else None,
    )


def _bit_depth(pixel_format: str) -> int:
    wide = re.search(r"(?:p|p[024]|gray|x2rgb|x2bgr)(9|10|12|14|16)(?:le|be)?$", pixel_format)
    if wide:
        return int(wide[1])
    return 16 if re.match(r"(?:rgb|bgr)48|(?:rgba|bgra)64|ya16", pixel_format) else 8
