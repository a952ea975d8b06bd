"""What a cluster makes of tasks: what each takes, what it reads, and a proof that machines see the same folders."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoomdream.errors import ClusterError, OutputError
from zoomdream.farm.ray.machines import Machine, largest
from zoomdream.farm.storage import StoredFile, is_address
from zoomdream.farm.tasks import RenderTask
from zoomdream.temporary_files import create_file, remove, temporary_name


def needs(task: RenderTask) -> tuple[int, int]:
    """The processors and the GPUs that a task takes."""
    return task.threads or task.default_threads or 1, int(task.device == "cuda")


def divided(tasks: Sequence[RenderTask], machines: Sequence[Machine]) -> list[RenderTask]:
    """The tasks, each with a device, and with its number of threads where nobody says it."""
    most_cpus, most_gpus = largest(machines)
    cpus = sum(machine.cpus for machine in machines)
    gpus = sum(machine.gpus for machine in machines)
    wide = max(1, min(most_cpus, cpus // len(tasks)))
    shared = []
    for task in tasks:
        device = ("cuda" if gpus else "cpu") if task.device == "auto" else task.device
        threads = max(1, min(wide, cpus // gpus)) if device == "cuda" and gpus else wide
        each = replace(task, device=device, default_threads=threads)
        needed = needs(each)
        if machines and not any(machine.fits(*needed) for machine in machines):
            raise ClusterError(
                f"no machine of the cluster has {needed[0]} processors{f' and {needed[1]} GPU' if needed[1] else ''} "
                f"for {task.id}: the largest has {most_cpus}{f', and {most_gpus} GPUs' if needed[1] else ''}"
            )
        shared.append(each)
    return shared


def inputs(tasks: Sequence[RenderTask]) -> list[str]:
    """The files that the tasks read, by their full names: those of this machine, and those in a storage."""
    named = {task.preset for task in tasks if task.preset_text is None} | {task.source for task in tasks}
    paths = [Path(name) for name in named if name and not is_address(name)]
    stored = [name for name in named if name and is_address(name)]
    return sorted([*stored, *(str(path) for path in paths if path.is_absolute() and path.exists())])


@contextmanager
def proofs(tasks: Sequence[RenderTask]) -> Iterator[list[tuple[str, str]]]:
    """A file with a content by chance beside every output, by which a machine sees that it is the same folder.

    Yields their names and contents. Raises OutputError where none can be written.
    """
    stored = {StoredFile(task.output).folder for task in tasks if is_address(task.output)}
    folders = {Path(task.output).parent for task in tasks if not is_address(task.output)}
    with ExitStack() as stack:
        found = [stack.enter_context(_proof(folder)) for folder in sorted(folders)]
        yield found + [stack.enter_context(_stored_proof(folder)) for folder in sorted(stored)]


@contextmanager
def _proof(folder: Path) -> Iterator[tuple[str, str]]:
    content = secrets.token_hex(16)
    try:
        file = create_file(folder)
        file.path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}; choose another output") from error
    try:
        yield str(file.path), content
    finally:
        with suppress(OSError):
            remove(file.path)
        file.release()


@contextmanager
def _stored_proof(folder: str) -> Iterator[tuple[str, str]]:
    content = secrets.token_hex(16)
    file = StoredFile(f"{folder}/{temporary_name()}")
    file.write(content)
    try:
        yield file.address, content
    finally:
        with suppress(OutputError):  # the storage may have gone, and whatever ended the run comes first
            file.remove()


def loss_reason(kinds: Any, error: Exception) -> str:
    """How a worker was lost, for a sentence that begins with it."""
    if isinstance(error, kinds.OutOfMemoryError):
        return "was ended by Ray, as its machine had no more memory"
    if isinstance(error, (kinds.NodeDiedError, kinds.LocalRayletDiedError, kinds.TaskUnschedulableError)):
        return "was on a machine that is gone"
    return "has ended without a word"
