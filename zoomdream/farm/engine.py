"""What does tasks: the protocol that every engine meets, and the values in which it reports.

An engine gives each task to a worker, which calls `work.perform`. A task that fails by an error of its own is not tried
again. A worker that ends without a word is replaced, and its task tried again from its journal: `Attempts` says for how
long.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from zoomdream import errors
from zoomdream.errors import WorkerError, ZoomdreamError
from zoomdream.farm.tasks import RenderTask
from zoomdream.progress import Progress

MOST_ATTEMPTS = 3
"""How often in a row a worker may be lost at one task without a finished frame that is kept."""

EventKind = Literal["started", "progress", "warning", "lost", "done", "failed"]


@dataclass(frozen=True)
class Event:
    """Something that has happened to a task."""

    task: RenderTask
    kind: EventKind
    """`started`: a worker has it, maybe not for the first time. `lost`: that worker has ended, and another will go on.
    `done` and `failed` are the last of a task."""
    progress: Progress | None = None
    """How far it is; of `progress` alone. Its unit is `frame`, or `byte` while weights are downloaded."""
    text: str = ""
    """The warning, or why the worker was lost, in a sentence."""
    error: TaskError | None = None
    """Of `failed`."""


OnEvent = Callable[[Event], None]
"""Called by an engine in the thread that has called `run`."""


@dataclass(frozen=True)
class TaskError:
    """An error that a worker has raised, as JSON can hold it."""

    kind: str
    """The name of its class in `zoomdream.errors`; `ZoomdreamError` where nobody has foreseen it."""
    message: str
    notes: tuple[str, ...] = ()
    """What was added to it on its way: which frames are kept."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What it carries for whoever offers a way out."""
    trace: str = ""
    """Where in the code it was raised, if nobody has foreseen it; else empty."""

    @classmethod
    def of(cls, error: BaseException, trace: str = "") -> TaskError:
        """Of an exception. One that is not raised on purpose is named in the message, with its `trace`."""
        notes = tuple(getattr(error, "__notes__", ()))
        if isinstance(error, ZoomdreamError):
            attributes = {name: value for name, value in vars(error).items() if name != "__notes__"}
            return cls(type(error).__name__, str(error), notes, attributes)
        text = f"{type(error).__name__}: {error}".rstrip(": ")
        return cls("ZoomdreamError", f"something failed that nobody foresaw: {text}", notes, trace=trace)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> TaskError:
        """From the values that `dataclasses.asdict` gives, read back from JSON."""
        return cls(**{**values, "notes": tuple(values["notes"])})

    @property
    def exception(self) -> ZoomdreamError:
        """The error itself, with its notes. A class that is not known here is a ZoomdreamError."""
        kind = getattr(errors, self.kind, None)
        if not (inspect.isclass(kind) and issubclass(kind, ZoomdreamError)):
            kind = ZoomdreamError
        try:
            error = kind(self.message, **self.attributes)
        except TypeError:  # a worker of another version
            error = ZoomdreamError(self.message)
        for note in self.notes:
            error.add_note(note)
        return error


@dataclass(frozen=True)
class Outcome:
    """What has become of a task."""

    task: RenderTask
    error: TaskError | None
    """Why it failed; None: it is done."""
    attempts: int
    """How many workers have had it."""
    seconds: float
    """From its first start to its end."""
    frames: int = 0
    """How many frames the film or the part has; 0 where the task failed."""


class Engine(Protocol):
    """Does tasks."""

    def started(self) -> AbstractContextManager[None]:
        """A block at whose beginning workers may be started already, for tasks that are being prepared."""

    def run(self, tasks: Sequence[RenderTask], on_event: OnEvent | None = None) -> list[Outcome]:
        """Do all tasks, several at a time. Returns what became of each, in the order of the tasks.

        No task's error is raised: the others go on. Ctrl-C and SIGTERM end it as they end a render: workers finish
        their frame and close their journals, then Interrupted is raised; a second signal does not wait. Nothing is left
        running, whatever it raises.

        Raises WorkerError where no worker can be started.
        """


@dataclass
class Attempts:
    """How often a task was tried, and whether it is worth another try."""

    count: int = 0
    """Workers that have had it."""
    fruitless: int = 0
    """Workers that were lost at it since the journal has last grown."""
    kept: int | None = None
    """The frames that an attempt began after: those of an earlier run, and those that lost workers have left in the
    journal. None: no worker has reported any."""

    @property
    def is_begun(self) -> bool:
        """Whether any worker has reported a frame: `perform` is told as `is_retry`."""
        return self.kept is not None

    def begin(self) -> None:
        """A worker gets it."""
        self.count += 1

    def note(self, progress: Progress) -> None:
        """The worker has reported. Frames count that it has found finished: those that it finishes may yet be lost."""
        if progress.unit != "frame":
            return
        if self.kept is not None and progress.before > self.kept:
            self.fruitless = 0
        self.kept = max(self.kept or 0, progress.before)

    def is_lost(self) -> bool:
        """The worker has ended without a word. Returns whether the task fails, which is not tried again then."""
        self.fruitless += 1
        return self.fruitless >= MOST_ATTEMPTS


def lost_error(reason: str) -> TaskError:
    """Of a task at which `MOST_ATTEMPTS` workers were lost; `reason` says how the last one ended: `was killed`."""
    return TaskError.of(
        WorkerError(
            f"{MOST_ATTEMPTS} workers were lost at it and have left no more finished frames; the last one {reason}"
        )
    )
