"""Every error that zoomdream raises on purpose, and the exit code that the command line gives it.

    ZoomdreamError                 1   something failed that nobody foresaw
    ├── UsageError                 2   an option or an argument
    │   ├── SettingError           2   a setting out of its range
    │   ├── PresetError            2   a preset that cannot be read or does not make sense
    │   └── UnknownNameError       2   a network, layer, class or preset that does not exist
    ├── SourceError                3   a picture or a film that is missing, unreadable or damaged
    │   └── WeightsError           3   a network's weights: missing, damaged, or not for this network
    ├── OutputError                4   an output that exists, or a folder that is missing or closed to us
    ├── EncodeError                5   ffmpeg or the disk failed while a film was written
    └── OutOfMemoryError           6   the frame does not fit into memory

A message is one sentence or two: the thing, the value, what is allowed, the way out.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ZoomdreamError(Exception):
    """Base of every error raised on purpose. `exit_code` is the command line's."""

    exit_code = 1


class UsageError(ZoomdreamError):
    """An option or an argument that does not make sense."""

    exit_code = 2


class SettingError(UsageError):
    """A setting with a value that is not allowed."""


class PresetError(UsageError):
    """A preset that cannot be read or does not make sense; the message begins with file and line."""


class UnknownNameError(UsageError):
    """A name that is not in its list; the message carries the nearest names that are."""


class SourceError(ZoomdreamError):
    """A picture or a film that is missing, unreadable or damaged."""

    exit_code = 3


class WeightsError(SourceError):
    """A network's weights are missing, damaged, or belong to another network."""


class OutputError(ZoomdreamError):
    """The output exists, or its folder is missing or cannot be written."""

    exit_code = 4


class EncodeError(ZoomdreamError):
    """ffmpeg or the disk failed while a film was written."""

    exit_code = 5


class OutOfMemoryError(ZoomdreamError):
    """The frame does not fit into memory."""

    exit_code = 6


def nearest(name: str, allowed: Iterable[str], most: int = 3) -> str:
    """A phrase that ends an error message: `; did you mean fire8 or fire9?`, or what is allowed when nothing is near.

    An empty string when `allowed` is empty.
    """
    names = list(dict.fromkeys(allowed))
    by_lower = {known.lower(): known for known in names}
    close = [by_lower[c] for c in difflib.get_close_matches(name.lower(), by_lower, n=most, cutoff=0.5)]
    if close:
        return f"; did you mean {' or '.join(close)}?"
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"; known: {shown}"
