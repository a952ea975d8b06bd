"""What a worker is asked for: one film, or one part of one, as JSON that any machine can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from zoomdream.errors import UsageError

FORMAT = 1
"""Of a task as JSON."""

Span = tuple[int, int]
"""The first frame, and the one after the last."""


@dataclass(frozen=True)
class RenderTask:
    """A film to render, or one part of a film whose frames are to be finished in its journal.

    It holds small values alone: names, paths, numbers. Paths are absolute, and mean the same file wherever the task is
    done.
    """

    id: str
    """A short name for messages, another one for each task of a run."""
    preset: str
    """The preset's file, a film that carries its recipe, or a shipped preset's name; where there is a `preset_text`,
    what messages call that."""
    output: str
    """The film's file or folder."""
    preset_text: str | None = None
    """The preset itself, with absolute paths in it; None: it is read from `preset`."""
    changes: tuple[str, ...] = ()
    """Assignments such as `dream.steps=6`, in order."""
    source: str | None = None
    """Another source than the preset's."""
    overwrite: bool = False
    """Replace what is there."""
    frames: Span | None = None
    """The frames of the film that are wanted; None: all."""
    part: Span | None = None
    """The part of the film whose frames are finished in the journal, and no film is written; None: the whole film."""
    is_led: bool = False
    """Of a part: whoever has given the task out holds the output's lock."""
    device: str = "auto"
    """Where the network runs: auto, cpu, cuda or mps."""
    precision: str = "auto"
    """The network's number format: auto, float32, bfloat16 or float16."""
    threads: int | None = None
    """How many threads compute; None: as many as an earlier run of the film had, or `default_threads`."""
    default_threads: int | None = None
    """How many threads compute where neither `threads` nor an earlier run says it; None: one for each core."""
    tile: int | None = None
    """Side in pixels of the tiles that frames are dreamed in; 0: in one piece; None: as an earlier run had it, or
    chosen by the memory that may be taken."""
    max_memory: int | None = None
    """Bytes that the worker and its ffmpeg may come to hold."""
    memory_share: int | None = None
    """The most bytes that are taken where `max_memory` is None: the worker's share of the free memory, which it has not
    for itself. None: half of what is free."""
    offline: bool = False
    """Download nothing."""
    allow_truncated: bool = False
    """Take what there is of a video that is cut short."""
    journal: bool = True
    """Keep finished frames while the film is rendered."""
    resume: bool | None = None
    """What becomes of an earlier run's frames: see `films.journaling.JournalOptions`."""
    keep_frames: bool = False
    """Leave the journal when the film is finished."""
    command: str = ""
    """The command that goes on with this film alone, for those who find the journal."""

    def to_json(self) -> str:
        """The task in a line of JSON."""
        return json.dumps({"zoomdream_task": FORMAT, **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> RenderTask:
        """The task in a line of JSON. Raises UsageError for what is none, or one of another version."""
        try:
            values: dict[str, Any] = dict(json.loads(text))
        except (ValueError, TypeError):
            raise UsageError(f"{text!r:.80} is no task: a task is an object in JSON") from None
        form = values.pop("zoomdream_task", None)
        if form != FORMAT:
            raise UsageError(
                f"the task has format {form!r:.20}, and this zoomdream reads {FORMAT}: use one version everywhere"
            )
        known = {each.name for each in fields(cls)}
        unknown, missing = sorted(values.keys() - known), sorted({"id", "preset", "output"} - values.keys())
        if unknown or missing:
            names = ", ".join(map(repr, unknown or missing))
            raise UsageError(
                f"the task {'has' if unknown else 'lacks'} {names}, unlike this zoomdream's tasks: use one version "
                f"everywhere"
            )
        return cls(**_with_tuples(values))


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has lists alone."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
