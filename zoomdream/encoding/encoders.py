"""Which of ffmpeg's encoders there are: builds differ."""

from __future__ import annotations

import functools
from pathlib import Path

from zoomdream.encoding.codecs import CODECS
from zoomdream.errors import EncodeError, FFmpegError
from zoomdream.media.ffmpeg import executable, ffmpeg_version, run


@functools.cache
def available_encoders() -> frozenset[str]:
    """Names of the encoders that ffmpeg has. It is asked once. Raises FFmpegError."""
    lines = run(["-encoders"], Path(executable()), loglevel="error").stdout.splitlines()
    words = [line.split() for line in lines]  # ` V....D libx264   H.264 / AVC ...`, below a legend and a line
    return frozenset(word[1] for word in words if len(word) > 1 and word[1] != "=")


def choose_encoder(codec: str, path: Path) -> str:
    """The encoder for a codec, the first of its own that there is. Raises EncodeError, about the output `path`."""
    encoders = CODECS[codec].encoders
    try:
        found = [name for name in encoders if name in available_encoders()]
    except FFmpegError as error:
        raise EncodeError(f"{path} could not be written: {error}") from error
    if not found:
        raise EncodeError(
            f"{path} could not be written: ffmpeg {ffmpeg_version()} has no encoder {' or '.join(encoders)} for "
            f"{codec}; choose another codec, or have IMAGEIO_FFMPEG_EXE name an ffmpeg that has it"
        )
    return found[0]
