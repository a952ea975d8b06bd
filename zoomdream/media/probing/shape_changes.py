"""Whether a video stream changes its size or its pixels' shape midway, from the headers of its key frames."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from zoomdream.media.ffmpeg import input_file, run
from zoomdream.media.probing.packets import pixel_shape

# What is kept of a key frame's headers, by codec: H.264's and H.265's parameter sets, MPEG's and AV1's sequence headers
_UNITS = {"h264": "7", "hevc": "33", "mpeg2video": "179", "av1": "1", "vp8": "", "vp9": ""}
_SIZES = (
    *("pic_width_in_mbs_minus1", "pic_height_in_map_units_minus1", "frame_crop_right_offset"),
    *("frame_crop_bottom_offset", "pic_width_in_luma_samples", "pic_height_in_luma_samples", "conf_win_right_offset"),
    *("conf_win_bottom_offset", "horizontal_size_value", "vertical_size_value", "frame_width_minus_1"),
    *("frame_height_minus_1", "max_frame_width_minus_1", "max_frame_height_minus_1", "width", "height"),
)
_ASPECTS = ("aspect_ratio_idc", "sar_width", "sar_height", "aspect_ratio_information")
_PACKET = re.compile(r"\] Packet: \d+ bytes.*?, pts (-?\d+), ")
_FIELD = re.compile(rf"\] \d+ +({'|'.join((*_SIZES, *_ASPECTS))}) +[01]+ = (\d+)$")
# Table E-1 of H.264 and H.265; 255: the two numbers follow
_IDC = [(1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11), (15, 11)]
_IDC += [(64, 33), (160, 99), (4, 3), (3, 2), (2, 1)]
_MPEG_SCREENS = {2: Fraction(4, 3), 3: Fraction(16, 9), 4: Fraction(221, 100)}  # ISO 13818-2, table 6-3
_MOST_KEY_FRAMES = 2000  # headers that are looked at, evenly spread: fifty lines of text each
_MOST_CHANGES = 50  # of the pixels' shape, as advertisements make them; ffmpeg's expression gets long
_LARGEST_FILE = 2**29  # bytes; reading more of it once again would take longer than it is worth


@dataclass(frozen=True)
class ShapeChanges:
    """How the shape of a stream's frames is known to change."""

    is_changing: bool = False
    """Whether their size or their pixels' shape changes."""
    sample_aspects: tuple[tuple[int, Fraction], ...] = ()
    """Where the pixels' shape changes: a pixel's width over its height, each from a time in ticks on; else empty."""


def shape_changes(
    path: Path, stream: int, codec: str, key_frames: int, aspect: Fraction, *, copy_times: bool
) -> ShapeChanges:
    """Compare the headers of a stream's key frames; no changes also where they cannot be known.

    Nothing is decoded, but the file is read, unless it is large or of a codec whose headers ffmpeg does not show.
    `aspect` is the shape of the pixels that the file states: where the first header disagrees, the container has its
    own, which goes for all of the film. Raises FFmpegError.
    """
    if codec not in _UNITS or key_frames < 2 or path.stat().st_size > _LARGEST_FILE:
        return ShapeChanges()
    step = -(-key_frames // _MOST_KEY_FRAMES)
    some_keys = f"noise=amount=0:drop='not(key*eq(mod(st(0,ld(0)+key)-1,{step}),0))'"
    units = f"filter_units=pass_types={_UNITS[codec]}," if _UNITS[codec] else ""
    copy = ("-map", f"0:{stream}", "-c", "copy", "-bsf:v", f"{some_keys},{units}trace_headers", "-f", "null", "-")
    headers = _headers(run([*input_file(path, *(("-copyts",) if copy_times else ())), *copy], path).stderr)
    if not headers:
        return ShapeChanges()
    known = [(time, _aspect(fields)) for time, fields in headers]
    runs = [(next(group)[0], value) for value, group in groupby(known, key=lambda item: item[1])]
    changes_aspect = 1 < len(runs) <= _MOST_CHANGES and runs[0][1] == aspect
    changes_size = any(_size(fields) != _size(headers[0][1]) for _, fields in headers)
    return ShapeChanges(changes_size or changes_aspect, tuple(runs) if changes_aspect else ())


def _headers(trace: str) -> list[tuple[int, dict[str, int]]]:
    """The fields of each key frame's header, with the time of its packet, sorted by it."""
    headers: list[tuple[int, dict[str, int]]] = []
    for line in trace.splitlines():
        if packet := _PACKET.search(line):
            headers.append((int(packet[1]), {}))
        elif headers and (found := _FIELD.search(line)):
            headers[-1][1][found[1]] = int(found[2])
    return sorted((header for header in headers if header[1]), key=lambda header: header[0])


def _size(fields: dict[str, int]) -> list[int]:
    return [fields.get(name, 0) for name in _SIZES]


def _aspect(fields: dict[str, int]) -> Fraction:
    """A pixel's width over its height; 1 where the header does not say."""
    screen = _MPEG_SCREENS.get(fields.get("aspect_ratio_information", 0))
    if screen:
        width, height = (fields.get(f"{side}_size_value", 1) for side in ("horizontal", "vertical"))
        return pixel_shape(screen.numerator * height, screen.denominator * width)
    idc = fields.get("aspect_ratio_idc", 0)
    if idc == 255:
        return pixel_shape(fields.get("sar_width", 0), fields.get("sar_height", 0))
    return Fraction(*_IDC[idc - 1]) if 1 <= idc <= len(_IDC) else Fraction(1)
