"""Whether something is seen through a clip's alpha channel: most animated GIFs have one, and are opaque."""

from __future__ import annotations

import re
from pathlib import Path

from zoomdream.media.ffmpeg import has_decoder, input_file, run
from zoomdream.media.probing.stream_info import VideoStream

_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
_FRAMES = 25  # that are looked at
_LOWEST = re.compile(r"signalstats\.YMIN=(\d+)")
_OPAQUE = 255


def alpha_decoder(codec: str) -> str | None:
    """The decoder that gives a codec's alpha where it lies in packets of its own, which ffmpeg's own one ignores.

    None where ffmpeg's own does. Raises FFmpegError.
    """
    decoder = _DECODERS.get(codec)
    return decoder if decoder and has_decoder(decoder) else None


def loses_alpha(codec: str) -> bool:
    """Whether this ffmpeg cannot decode a codec's alpha. Raises FFmpegError."""
    return codec in _DECODERS and alpha_decoder(codec) is None


def is_opaque(path: Path, stream: str, video: VideoStream) -> bool:
    """Whether the first frames of a stream with alpha are opaque everywhere. Raises FFmpegError."""
    decoder = alpha_decoder(video.codec)
    options = ("-c:v", decoder) if decoder else ()
    lowest = "alphaextract,format=gray,signalstats,metadata=print:key=lavfi.signalstats.YMIN:file=-"
    arguments = ("-map", stream, "-frames:v", str(_FRAMES), "-vf", lowest, "-f", "null", "-")
    values = _LOWEST.findall(run([*input_file(path, *options), *arguments], path).stdout)
    return bool(values) and min(map(int, values)) == _OPAQUE
