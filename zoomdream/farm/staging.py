"""An output in a storage: rendered in a folder of this machine, and sent as it becomes finished.

The storage is where machines meet: it has the journal's closed files, as a folder beside an output has them, and in
the end the film. What is in the folder here is a copy.
"""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from zoomdream.errors import OutputError, ZoomdreamError
from zoomdream.farm.storage import StoredFile, StoredFolder, check_output_address, digest, kept_folder
from zoomdream.films.journal import journal_folder
from zoomdream.films.journal.folder import SUFFIX, in_writing_order, is_part_file
from zoomdream.interruption import waiting
from zoomdream.output_lock import output_lock
from zoomdream.progress import OnProgress, Progress

PAUSE = 1.0
"""Seconds between two looks for files that have been closed."""

NO_FRAMES = range(0)
"""For `Stage`: of the journal only what it says about the film and its parts."""


@dataclass(frozen=True)
class _State:
    """What a file was when it was last sent or fetched."""

    size: int
    changed: int
    """Nanoseconds."""

    @classmethod
    def of(cls, file: Path) -> _State:
        """Of a file of this machine. Raises FileNotFoundError."""
        found = file.stat()
        return cls(found.st_size, found.st_mtime_ns)


class Stage:
    """Context manager: a file of this machine, `path`, in place of an output in a storage.

    Entering it fetches what earlier runs have finished. Leaving it sends what has become finished since, and removes
    the copies here; where they cannot be sent they stay, and the next run on this machine sends them.

    Raises OutputExistsError where the film is there and may not be replaced, OutputBusyError where another process of
    this machine makes it, UsageError for an address of no use, OutputError where the storage fails.
    """

    def __init__(
        self, address: str, *, frames: range | None = None, task: str | None = None, overwrite: bool = False
    ) -> None:
        """Of an output.

        Args:
            address: the film's.
            frames: those whose journal is fetched; None: all.
            task: what is made of the film where no film is written, as a part: another one for each that may be made
                at one time.
            overwrite: replace a film that is there.
        """
        self.film = StoredFile(address)
        self.journal = StoredFolder(address + SUFFIX)
        self._frames = frames
        self._task = task
        self._overwrite = overwrite or task is not None
        self._is_complete = False
        self._states: dict[str, _State] = {}
        self._due = 0.0
        self._sending: Future[None] | None = None
        self._stack = ExitStack()
        self.path = Path()

    def __enter__(self) -> Stage:
        with waiting(self._place):
            check_output_address(self.film.address, overwrite=self._overwrite)
            self.path = self._folder() / self.film.name
        with ExitStack() as stack:
            stack.enter_context(output_lock(self.path))
            self.path.unlink(missing_ok=True)  # of a run that was lost before the film was sent
            self.fetch(self._frames)
            self._executor = stack.enter_context(ThreadPoolExecutor(1, "storage"))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, ZoomdreamError):
            error.args = (str(error).replace(str(self.path), self.film.address), *error.args[1:])
        with self._stack:
            if error is not None and self.path.is_file() and not self._is_complete:
                error.add_note(f"the whole film is kept in {self.path}")
                return
            try:
                self.send()
            except OutputError as failure:
                if error is None:
                    raise
                error.add_note(f"what is finished could not be sent ({failure}): it is kept in {self.path.parent}")
                return
        shutil.rmtree(self.path.parent, ignore_errors=True)

    @property
    def kept(self) -> str:
        """Where finished frames are kept, for messages."""
        return self.journal.address

    def fetch(self, frames: range | None) -> None:
        """Fetch what is finished of these frames and not here yet; None: of all."""
        with waiting(self._place):
            sizes = self.journal.sizes()
            for name in _of_frames(in_writing_order(sizes), frames):
                file = self._journal_folder / name
                if file.is_file() and file.stat().st_size == sizes[name]:
                    self._states.setdefault(name, _State.of(file))
                    continue
                file.parent.mkdir(exist_ok=True)
                with suppress(FileNotFoundError):  # another worker has removed it: an old state
                    self.journal.file(name).fetch(file)
                    self._states[name] = _State.of(file)

    def following(self, on_progress: OnProgress | None = None) -> OnProgress:
        """A callback that also sends what has become finished, in a thread. It raises OutputError where that fails."""

        def report(progress: Progress) -> None:
            if on_progress is not None:
                on_progress(progress)
            self.send_soon()

        return report

    def send_soon(self) -> None:
        """Send what has become finished, in a thread, unless that was done a moment ago. Raises OutputError.

        For whoever writes the journal, between two frames: what it lists then are no files of a journal that vanishes.
        """
        if time.monotonic() < self._due or (self._sending is not None and not self._sending.done()):
            return
        self._raise_failure()
        self._due = time.monotonic() + PAUSE
        self._sending = self._executor.submit(self._send, self._listing())

    def send(self) -> None:
        """Send all that has become finished, and remove there what was removed here. Raises OutputError."""
        with waiting(self._place):
            self._raise_failure()
            self._send(self._listing())

    def complete(self) -> None:
        """Send the film, and then do what the render has done with its journal. Raises OutputError."""
        with waiting(self._place):
            self._raise_failure()
            self.film.send(self.path)
            self._is_complete = True
            if not self._journal_folder.is_dir():
                self.remove_journal()

    def remove_journal(self) -> None:
        """Remove the journal of a film that is there, also what other workers have sent."""
        for name in reversed(in_writing_order(self.journal.sizes())):
            self.journal.file(name).remove()
        self.journal.remove()
        self._states.clear()

    @property
    def _place(self) -> str:
        return f"the storage of {self.film.address}"

    @property
    def _journal_folder(self) -> Path:
        return journal_folder(self.path)

    def _folder(self) -> Path:
        """Of this machine's own, as several may share a folder of caches."""
        return kept_folder("outputs", digest(f"{self.film.address} {self._task or ''} {platform.node()}"))

    def _listing(self) -> dict[str, _State]:
        """The journal's files here."""
        folder = self._journal_folder
        found: dict[str, _State] = {}
        for file in folder.iterdir() if folder.is_dir() else ():
            with suppress(FileNotFoundError):
                found[file.name] = _State.of(file)
        return {name: found[name] for name in in_writing_order(found)}

    def _send(self, listing: Mapping[str, _State]) -> None:
        changed = [name for name, state in listing.items() if self._states.get(name) != state]
        if changed and not self._states:
            self.journal.create()
        for name in changed:
            with suppress(FileNotFoundError):  # removed since: an old state
                self.journal.file(name).send(self._journal_folder / name)
                self._states[name] = listing[name]
        for name in reversed(in_writing_order(self._states.keys() - listing.keys())):
            self.journal.file(name).remove()
            del self._states[name]

    def _raise_failure(self) -> None:
        """Wait for what is being sent, and raise what it has failed with."""
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.result()


def _of_frames(names: Iterable[str], frames: range | None) -> list[str]:
    """Those of a journal's files that are about its film, or hold some of these frames; None: all."""
    everything = range(10**9)
    return [
        name for name in names if frames is None or is_part_file(name, frames) or not is_part_file(name, everything)
    ]
