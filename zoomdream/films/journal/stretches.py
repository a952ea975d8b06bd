"""Which frames of a film are finished, and which are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zoomdream.errors import JournalError


@dataclass(frozen=True)
class Stretch:
    """Frames of a film that follow one another, all of which are finished, or none."""

    frames: range
    is_finished: bool


def stretches_of(frames: range, finished: Sequence[range]) -> list[Stretch]:
    """Some frames in order, as stretches; `finished` are ranges in order, which do not overlap."""
    found: list[Stretch] = []
    position = frames.start
    for each in finished:
        first, stop = max(each.start, position), min(each.stop, frames.stop)
        if first >= stop:
            continue
        if first > position:
            found.append(Stretch(range(position, first), is_finished=False))
        before = found.pop().frames.start if found and found[-1].is_finished else first
        found.append(Stretch(range(before, stop), is_finished=True))
        position = stop
    if position < frames.stop:
        found.append(Stretch(range(position, frames.stop), is_finished=False))
    return found


def needed_stretches(stretches: Sequence[Stretch], span: range) -> list[Stretch]:
    """Without what the frames of `span` do not depend on: missing ones before it, after which finished ones come."""
    return [
        stretch
        for stretch, follower in zip(stretches, [*stretches[1:], None], strict=True)
        if stretch.is_finished or stretch.frames.stop > span.start or not (follower and follower.is_finished)
    ]


def refuse_missing(folder: Path, stretches: Sequence[Stretch]) -> None:
    """Raise JournalError where frames are missing in the journal in `folder`."""
    missing = [f"{each.frames.start}:{each.frames.stop}" for each in stretches if not each.is_finished]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise JournalError(f"{folder} lacks the frames {', '.join(missing[:3])}{more}: render them first")
