"""What a file's header does not say of a video stream, and its first decoded frame does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from zoomdream.media.ffmpeg import input_file, run
from zoomdream.media.probing.stream_info import VideoStream, has_alpha

MARKED_BY_FRAMES = ("dvvideo", "mpeg2video", "mpeg4", "h264", "vc1", "mjpeg", "dnxhd", "prores", "utvideo")
"""Codecs whose frames may be marked as interlaced where the header says nothing."""

_SHOWN = re.compile(r" fmt:(\w+) .* i:(\w) ")
_FIELD_ORDERS = {"T": "top first", "B": "bottom first"}


def with_first_frame(path: Path, container: str, video: VideoStream, stream: str = "0:V:0") -> VideoStream:
    """The stream with what its first frame says of fields and alpha, where they are in doubt: it is decoded then.

    The headers of DV and some others say nothing of fields, and Apple's HEVC keeps alpha in a layer that they do not
    mention. A frame that cannot be decoded says nothing. Raises FFmpegError.
    """
    may_be_interlaced = video.field_order is None and video.codec in MARKED_BY_FRAMES
    may_have_alpha = video.codec == "hevc" and video.bit_depth == 8 and container.startswith("mov")
    if not may_be_interlaced and not may_have_alpha:
        return video
    decoded = ("-map", stream, "-frames:v", "1", "-vf", "showinfo", "-f", "null", "-")
    one_thread = ("-threads", "1")  # more would each ask for a frame before the first comes out
    shown = _SHOWN.search(run([*input_file(path, *one_thread), *decoded], path).stderr)
    if shown is None:
        return video
    return replace(
        video,
        field_order=video.field_order or _FIELD_ORDERS.get(shown[2]),
        has_alpha=video.has_alpha or has_alpha(video.codec, shown[1]),
    )
