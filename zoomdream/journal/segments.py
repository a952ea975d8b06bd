"""Closed segments: some finished frames in one file, and the state after them in another.

A segment's file is a ZIP archive of PNGs, stored as they are, and of `segment.json`. The state's file is written first:
a segment that is there is whole, and so is its state.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.errors import JournalError
from zoomdream.images.png import decode_png
from zoomdream.output_files import PartFile, whole_file

if TYPE_CHECKING:  # which journals there are is asked by programs that compute nothing
    import torch

    from zoomdream.images.frame import Levels

_RECORD = "segment.json"
_DAMAGE = (KeyError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile)
"""What `zipfile` raises for damaged archives; some of them seem to be encrypted, or packed in an unknown way."""
_FRAMES, _STATE = "frames-{:08}.zip", "state-{:08}.safetensors"
_FRAMES_NAME = re.compile(r"frames-(\d{8})\.zip")


@dataclass(frozen=True)
class StateFile:
    """All that a frame begins with, on disk."""

    index: int
    """The frame's index, counted from 0: the state is the one after the frames before."""
    kind: str
    """What films it belongs to: `zoom` or `video`."""
    form: int
    """`films.states.STATE_FORMAT` of the program that wrote it."""
    sha256: str
    """Of the file, in hexadecimal."""


@dataclass(frozen=True)
class Segment:
    """Frames `first` to `stop` - 1, finished and closed."""

    path: Path
    first: int
    stop: int
    rows: str
    """A digest of the settings that these frames were made with."""
    state: StateFile
    """What frame `stop` begins with. Its file may be gone: of old states only some are kept."""
    begins: str | None = None
    """Of the first segment of a part of the film that depends on no frame before it: a digest of what it begins with.
    None: it goes on from the segment before, or begins the film."""

    @property
    def state_path(self) -> Path:
        """Where the state's file is, if it is still kept."""
        return state_path(self.path.parent, self.stop)

    @property
    def files(self) -> tuple[Path, ...]:
        """The segment's files that exist."""
        return tuple(path for path in (self.path, self.state_path) if path.is_file())

    def frames(self, first: int, stop: int) -> Iterator[Levels]:
        """Those of its frames that are among `first` to `stop` - 1. Raises JournalError for a damaged one."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                for index in range(max(first, self.first), min(stop, self.stop)):
                    pixels = decode_png(archive.read(_frame_name(index)))
                    if pixels is None:
                        raise zipfile.BadZipFile
                    yield pixels
        except (*_DAMAGE, OSError) as error:
            raise JournalError(
                f"{self.path} is damaged: delete it, and the film goes on from the frames before"
            ) from error

    def has_state(self, form: int) -> bool:
        """Whether its state is of this form, there and whole."""
        try:
            return self.state.form == form and _sha256(self.state_path) == self.state.sha256
        except OSError:
            return False

    def load_state(self) -> dict[str, torch.Tensor] | None:
        """The tensors of its state; None where the file is not kept, or damaged."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        path = self.state_path
        try:
            if _sha256(path) != self.state.sha256:
                return None
            return load_file(path)
        except (OSError, SafetensorError):
            return None


def state_path(folder: Path, index: int) -> Path:
    """Where the state that frame `index` begins with is kept."""
    return folder / _STATE.format(index)


def list_segments(folder: Path) -> tuple[Segment, ...]:
    """The segments in a folder, in order: those that follow the one before, or begin a part; the others are of no use.

    The first one begins the film or a part of it, and so does each that comes after a gap.
    """
    segments: list[Segment] = []
    names = (_FRAMES_NAME.fullmatch(entry.name) for entry in folder.iterdir())
    for first in sorted(int(name[1]) for name in names if name):
        end = segments[-1].stop if segments else 0
        segment = _read_segment(folder / _FRAMES.format(first), first) if first >= end else None
        if segment is not None and (first == end or segment.begins is not None):
            segments.append(segment)
    return tuple(segments)


def _read_segment(path: Path, first: int) -> Segment | None:
    try:
        with zipfile.ZipFile(path) as archive:
            record = json.loads(archive.read(_RECORD))
            names = set(archive.namelist())
        segment = Segment(
            path,
            record["first"],
            first + record["frames"],
            record["rows"],
            StateFile(**record["state"]),
            record.get("begins"),
        )
    except FileNotFoundError:
        return None
    except (*_DAMAGE, OSError, ValueError, TypeError):
        return None  # damaged by something else: it was whole when it got its name
    frames = {_frame_name(index) for index in range(first, segment.stop)}
    is_whole = segment.first == first and frames and names >= frames and segment.state.index == segment.stop
    return segment if is_whole else None


def newest_png(folder: Path) -> tuple[int, bytes] | None:
    """The index and the PNG of the last frame that is kept in a journal's folder; None where there is none yet.

    Only the last segment is opened, while a render may be at it. Raises OSError.
    """
    names = sorted((entry.name for entry in folder.iterdir() if _FRAMES_NAME.fullmatch(entry.name)), reverse=True)
    for name in names[:2]:  # the last may be damaged
        segment = _read_segment(folder / name, int(name[7:15]))
        if segment is not None:
            with zipfile.ZipFile(segment.path) as archive:
                return segment.stop - 1, archive.read(_frame_name(segment.stop - 1))
    return None


class OpenSegment:
    """A segment that is being written. Its constructor creates the file, under a temporary name. Raises OSError."""

    def __init__(self, folder: Path, first: int, begins: str | None = None) -> None:
        """Beginning with frame `first`; `begins` is `Segment.begins`."""
        self.first = first
        self._begins = begins
        self.stop = first
        self._folder = folder
        self._part = PartFile(folder / _FRAMES.format(first))
        self._archive = zipfile.ZipFile(self._part.path, "w", zipfile.ZIP_STORED)

    def append(self, png: bytes) -> None:
        """Write the next frame, which `encode_png` has encoded. Raises OSError."""
        self._archive.writestr(_frame_name(self.stop), png)
        self.stop += 1

    def close(
        self, rows: str, kind: str, form: int, state: Mapping[str, torch.Tensor], stop: int | None = None
    ) -> Segment:
        """Write the state, complete the segment, flush both to the disk and give them their names. Raises OSError.

        `state` is what frame `stop` begins with; None: the one after the last. Frames from there on do not count.
        """
        self.stop = self.stop if stop is None else stop
        digest = _write_state(self._folder, self.stop, state)
        saved = StateFile(self.stop, kind, form, digest)
        record = {"first": self.first, "frames": self.stop - self.first, "rows": rows, "state": asdict(saved)}
        record |= {} if self._begins is None else {"begins": self._begins}
        self._archive.writestr(_RECORD, json.dumps(record))
        self._archive.close()
        self._part.commit()
        return Segment(self._part.target, self.first, self.stop, rows, saved, self._begins)

    def discard(self) -> None:
        """Leave nothing of it. After `close` this does nothing."""
        try:
            self._archive.close()
        finally:
            self._part.discard()


def _write_state(folder: Path, index: int, state: Mapping[str, torch.Tensor]) -> str:
    from zoomdream.journal.tensor_file import write_tensors

    with whole_file(state_path(folder, index)) as part, part.open("wb") as file:
        return write_tensors(file, state)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _frame_name(index: int) -> str:
    return f"{index:08}.png"
