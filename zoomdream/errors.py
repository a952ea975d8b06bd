"""Every error that zoomdream raises on purpose.

    ZoomdreamError                   something failed that nobody foresaw
    ├── UsageError                   an argument that does not make sense
    │   ├── SettingError             a setting out of its range
    │   ├── PresetError              a preset that cannot be read or does not make sense
    │   │   └── ForeignFileError     another program's file in a preset's place
    │   ├── UnknownNameError         a network, layer, class or preset that does not exist
    │   └── ClusterError             a cluster that is not there, or whose machines do not fit this one
    ├── SourceError                  a picture or a film that is missing, unreadable or damaged
    │   ├── MissingSourceError       a film's source is not there
    │   ├── TruncatedError           a film that is cut short
    │   └── WeightsError             a network's weights: missing, damaged, or not for this network
    │       └── OfflineError         they would have to be downloaded, and downloads are turned off
    ├── OutputError                  an output that cannot be written there
    │   ├── OutputExistsError        something is there already
    │   ├── JournalError             finished frames of another film are kept there, or damaged ones
    │   └── OutputBusyError          another process or thread is writing it
    ├── EncodeError                  ffmpeg or the disk failed while something was written
    ├── FFmpegError                  ffmpeg could not be started, or was ended by a signal
    ├── DreamError                   a dream that is no picture any more
    ├── WorkerError                  a worker that could not be started, or that has ended without a word
    └── OutOfMemoryError             the frame does not fit into memory

A message is one sentence or two: the thing, the value, what is allowed. An error carries as attributes what a program
needs to offer a way out; the command line adds its options and exit codes in `cli.exit_codes`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Literal


class ZoomdreamError(Exception):
    """Base of every error raised on purpose."""


class UsageError(ZoomdreamError):
    """An argument that does not make sense."""


class SettingError(UsageError):
    """A setting with a value that is not allowed."""


class PresetError(UsageError):
    """A preset that cannot be read or does not make sense; the message begins with file and line."""


class ForeignFileError(PresetError):
    """Another program's file, such as a settings file of Deforum, in a preset's place.

    `can_be_imported` says whether a preset can be made of it.
    """

    def __init__(self, message: str, *, can_be_imported: bool = False) -> None:
        super().__init__(message)
        self.can_be_imported = can_be_imported


class UnknownNameError(UsageError):
    """A name that is not in its list; the message carries the nearest names that are.

    `kind` is what the name was looked up as, `network` where, if it was in a network.
    """

    def __init__(
        self, message: str, *, kind: Literal["layer", "class"] | None = None, network: str | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.network = network


class ClusterError(UsageError):
    """A cluster that does not answer, or machines of it that do not fit this one: other versions, other folders."""


class SourceError(ZoomdreamError):
    """A picture or a film that is missing, unreadable or damaged."""


class MissingSourceError(SourceError):
    """The photo or video that a film begins with is not there."""


class TruncatedError(SourceError):
    """A film that is cut short: fewer frames are there than it promises."""


class WeightsError(SourceError):
    """A network's weights are missing, damaged, or belong to another network."""


class OfflineError(WeightsError):
    """A network's weights are not here, and downloads are turned off. `network` is its name."""

    def __init__(self, message: str, *, network: str) -> None:
        super().__init__(message)
        self.network = network


class OutputError(ZoomdreamError):
    """The output cannot be written where it should be."""


class OutputExistsError(OutputError):
    """Something exists under the output's name, and nobody said that it may be replaced.

    `is_folder` says that it is a folder, of which only files with the outputs' names would be replaced.
    """

    def __init__(self, message: str, *, is_folder: bool = False) -> None:
        super().__init__(message)
        self.is_folder = is_folder


class JournalError(OutputError):
    """The folder with an output's finished frames holds another film's, damaged ones, or something else.

    `matching` is how many of its frames could be taken over if the rest were dropped; `differs` says whether it holds
    another film's at all.
    """

    def __init__(self, message: str, *, differs: bool = False, matching: int = 0) -> None:
        super().__init__(message)
        self.differs = differs
        self.matching = matching


class OutputBusyError(OutputError):
    """Another process, or another thread of this one, is writing the output."""


class EncodeError(ZoomdreamError):
    """ffmpeg or the disk failed while something was written."""


class FFmpegError(ZoomdreamError):
    """ffmpeg could not be started, or was ended by a signal; what it read is not to blame."""


class DreamError(ZoomdreamError):
    """A dream is no picture any more: its numbers are NaN, or all of it has become one color."""


class WorkerError(ZoomdreamError):
    """A process that works for this one could not be started, or has ended without a word; as the system ends what
    takes too much memory."""


class OutOfMemoryError(ZoomdreamError):
    """The frame does not fit into memory.

    `needed` is the limit in bytes that would be enough, where it is known. `tiled` says whether a lower limit would
    help, as it does where frames are cut into tiles.
    """

    def __init__(self, message: str, *, needed: int | None = None, tiled: bool = False) -> None:
        super().__init__(message)
        self.needed = needed
        self.tiled = tiled


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
    listed = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"; known: {listed}"
