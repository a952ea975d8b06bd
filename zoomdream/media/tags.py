"""A film's tags as text for ffmpeg's ffmetadata format: values of any length, with newlines and special characters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from zoomdream.errors import SourceError
from zoomdream.media.ffmpeg import error_summary, input_file, run

_SPECIAL = re.compile(r"[=;#\\\n]")
_ENTRY = re.compile(r"((?:[^=\\\n]|\\.)*)=((?:[^\\\n]|\\.)*)(?:\n|$)", re.DOTALL)


def to_ffmetadata(tags: Mapping[str, str]) -> str:
    """The text of an ffmetadata file (https://ffmpeg.org/ffmpeg-formats.html#Metadata-2).

    A value that ends with a backslash gets a newline more: ffmpeg takes a backslash before a line's end, though it is
    escaped itself, for a value that goes on.
    """
    lines = [f"{_escape(key)}={_escape(value + _after(value))}\n" for key, value in tags.items()]
    return ";FFMETADATA1\n" + "".join(lines)


def read_tags(path: str | Path) -> dict[str, str]:
    """The tags of the film at `path`, by lower-case name (Matroska's are in capitals). Raises SourceError."""
    result = run([*input_file(Path(path)), "-f", "ffmetadata", "pipe:1"], Path(path), loglevel="error")
    if result.status:
        raise SourceError(f"{path} has no tags that can be read: {error_summary(result.stderr)}")
    return {name.lower(): value for name, value in parse_ffmetadata(result.stdout).items()}


def parse_ffmetadata(text: str) -> dict[str, str]:
    """The tags in the text of an ffmetadata file, without those of streams and chapters."""
    tags = {}
    position = text.find("\n") + 1  # after the signature
    while entry := _ENTRY.match(text, position):  # `[STREAM]` is no entry
        tags[_unescape(entry[1])] = _unescape(entry[2])
        position = entry.end()
    return tags


def _after(value: str) -> str:
    return "\n" if value.endswith("\\") else ""


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda special: "\\" + special[0], text)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
