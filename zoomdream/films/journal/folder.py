"""A film's journal: a folder beside the output with all frames that are finished, and what the next one begins with."""

from __future__ import annotations

import hashlib
import json
import os
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from zoomdream.errors import JournalError
from zoomdream.films.journal.segments import Segment, list_segments
from zoomdream.output_files import JOURNAL_NAME, whole_file
from zoomdream.temporary_files import is_own_name, remove

if TYPE_CHECKING:
    from zoomdream.images.frame import Levels

FORMAT = 1
"""Number of the form of the folder's files. Folders of another form are left alone."""

PARTS_NAME = "parts.json"
"""Where a journal says which parts its film has: see `films.parts.part_list`."""

_RECORD = "journal.json"
_FILE = re.compile(r"(?P<kind>frames|state)-(?P<index>\d{8})\.(zip|safetensors)")
_LONGEST_NAME = 255  # bytes, on all common file systems
SUFFIX = ".journal"

Identity = Mapping[str, str | int | None]
"""All that decides the bits of a film's frames beside its rows of settings, by name in words."""


@dataclass(frozen=True)
class JournalRecord:
    """What a journal says about its film."""

    identity: Identity
    """See `Identity`. Frames of another identity do not belong into this film."""
    output: str
    """The output's file name."""
    frames: int
    """How many frames the film has, up to the last one that is asked for."""
    size: tuple[int, int]
    """(width, height) in pixels."""
    fps: str
    """Frames per second, as `24` or `24000/1001`."""
    command: str = ""
    """The command that goes on, as it was typed."""
    folder: str = ""
    """The folder in which it was typed."""
    compute: Mapping[str, Any] = field(default_factory=dict)
    """How the network ran: see `films.identity.ComputeRecord`."""


@dataclass(frozen=True)
class Journal:
    """A journal as it lies on the disk."""

    path: Path
    record: JournalRecord
    segments: tuple[Segment, ...]

    @property
    def frames(self) -> int:
        """How many frames are finished."""
        return sum(segment.stop - segment.first for segment in self.segments)

    @property
    def bytes(self) -> int:
        """What all of its files take on the disk."""
        total = 0
        for file in self.path.rglob("*"):
            with suppress(FileNotFoundError):  # a render that is under way renames and removes files
                total += file.stat().st_size
        return total

    def differences(self, identity: Identity) -> list[str]:
        """In what another film's frames would differ from these, in words: `seed is 1 there and 2 here`."""
        ours = self.record.identity
        return [
            f"{name} is {_text(ours.get(name))} there and {_text(identity.get(name))} here"
            for name in dict.fromkeys((*ours, *identity))
            if ours.get(name) != identity.get(name)
        ]

    def usable(self, digest: Callable[[int, int], str], begins: Callable[[int], str]) -> Journal:
        """The segments that another film has as well: made with the same settings, after frames that it has, too.

        `digest(first, stop)` is that of the other film's settings, `begins(first)` of what a part of it begins with.
        """
        usable: list[Segment] = []
        for segment in self.segments:
            end = usable[-1].stop if usable else 0
            is_part = segment.begins is not None and segment.first > 0
            follows = segment.begins == begins(segment.first) if is_part else segment.first == end
            if follows and digest(segment.first, segment.stop) == segment.rows:
                usable.append(segment)
        return Journal(self.path, self.record, tuple(usable))

    def with_states(self, frames: int, form: int) -> Journal:
        """Without the last segments before a gap, as far as their states cannot be gone on from.

        `frames` is the number of the film's, `form` that of the states that can be read.
        """
        kept: list[Segment] = []
        follower = frames
        for segment in reversed(self.segments):
            if segment.stop == follower or segment.has_state(form):
                kept.append(segment)
                follower = segment.first
        return Journal(self.path, self.record, tuple(reversed(kept)))

    def read(self, first: int, stop: int) -> Iterator[Levels]:
        """Frames `first` to `stop` - 1, HxWx3 RGB each: uint8, or uint16 of a film of more than 8 bits a channel.

        Raises JournalError for a damaged one.
        """
        position = max(0, bisect_right(self.segments, first, key=lambda segment: segment.first) - 1)
        for segment in self.segments[position:]:
            if segment.first >= stop:
                break
            yield from segment.frames(first, stop)

    def remove(self) -> None:
        """Remove its files, and the folder if nothing else is in it. Raises OSError."""
        clear(self.path)


def _text(value: object) -> str:
    return "nothing" if value is None else str(value)


def journal_folder(output: Path) -> Path:
    """Where the journal of an output lies: beside it, or inside of a folder that exists, which may be a disk's root.

    Where the output has become a folder since the journal was begun, it stays where it is.
    """
    name = output.name + SUFFIX
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = f".zoomdream-{hashlib.sha256(os.fsencode(output.name)).hexdigest()[:8]}{SUFFIX}"
    beside = output.with_name(name)
    return output / JOURNAL_NAME if output.is_dir() and not beside.is_dir() else beside


def find_journal(folder: Path) -> Journal | None:
    """The journal in a folder; None where there is none.

    Raises JournalError where something else lies there, or a journal of a newer program.
    """
    if not folder.is_dir():
        if folder.exists() or folder.is_symlink():
            raise JournalError(f"{folder} is no folder, and the film's finished frames are kept there: move it away")
        return None
    try:
        values = dict(json.loads((folder / _RECORD).read_text(encoding="utf-8")))
        form = values.pop("zoomdream_journal")
    except FileNotFoundError:
        if not all(is_own_name(entry.name) for entry in folder.iterdir()):
            raise _foreign(folder) from None
        return None  # a run was killed before it wrote anything
    except PermissionError as error:
        raise JournalError(f"{folder} may not be read, and the film's finished frames are kept there") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _foreign(folder) from error
    if form != FORMAT:
        raise JournalError(f"{folder} has format {form}, and this zoomdream reads {FORMAT}: use the one that wrote it")
    try:
        record = TypeAdapter(JournalRecord).validate_python(values)
    except ValidationError as error:
        raise _foreign(folder) from error
    return Journal(folder, record, list_segments(folder))


def _foreign(folder: Path) -> JournalError:
    return JournalError(f"{folder} is no journal of zoomdream, and the film's finished frames are kept there: move it")


def clear(folder: Path, useful: Collection[Path] = ()) -> None:
    """Remove a journal's files but for the `useful` ones, and the folder if nothing is left in it. Raises OSError.

    Others' files in it stay.
    """
    drop_files(folder, useful)
    for entry in folder.iterdir():
        if is_own_name(entry.name) and entry not in useful:
            remove(entry)
    for name in (PARTS_NAME, _RECORD):  # the record last: without it the others are nobody's
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def drop_frames(folder: Path, part: range, useful: Collection[Path]) -> None:
    """Remove the segments that begin in a part of the film, and the states after them, but for the `useful` files.

    For whoever has the part's lock. Raises OSError.
    """
    for entry in folder.iterdir():
        if is_part_file(entry.name, part) and entry not in useful:
            remove(entry)


def is_part_file(name: str, part: range) -> bool:
    """Whether a journal's file of this name holds frames of a part of the film, or a state after some of them."""
    found = _FILE.fullmatch(name)
    places = {"frames": part, "state": range(part.start + 1, part.stop + 1)}
    return found is not None and int(found["index"]) in places[found["kind"]]


def in_writing_order(names: Collection[str]) -> list[str]:
    """Those of the names that a journal's files have, in the order in which they may appear: each needs those before.

    The record makes it a journal, and frames that are there have their state. They may vanish in the reverse order.
    """
    known = {_RECORD: 0, PARTS_NAME: 1}
    kinds = {name: found["kind"] for name in names if (found := _FILE.fullmatch(name))}
    ranks = {name: known[name] for name in names if name in known}
    ranks |= {name: 2 if kind == "state" else 3 for name, kind in kinds.items()}
    return sorted(ranks, key=lambda name: (ranks[name], name))


def drop_files(folder: Path, useful: Collection[Path] = ()) -> None:
    """Remove a journal's files but for its record and the `useful` ones. Raises OSError.

    For whoever holds the output's lock: what is being written is removed, too; but not frames that a run was replacing
    when it was killed.
    """
    for entry in folder.iterdir():
        is_ours = _FILE.fullmatch(entry.name) or (is_own_name(entry.name) and not any(entry.glob("replaced/*")))
        if is_ours and entry not in useful:
            remove(entry)


def write_record(folder: Path, record: JournalRecord) -> None:
    """Write what the journal says about its film, and create its folder where it is missing. Raises OSError."""
    is_new = not folder.exists()
    folder.mkdir(exist_ok=True)
    try:
        with whole_file(folder / _RECORD) as part:
            part.write_text(json.dumps({"zoomdream_journal": FORMAT, **asdict(record)}, indent=1), encoding="utf-8")
    except OSError:
        if is_new:
            with suppress(OSError):  # what is there is not ours
                folder.rmdir()
        raise
