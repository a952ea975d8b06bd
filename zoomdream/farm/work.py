"""Does one task in this process: what every worker calls, whatever engine it belongs to."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zoomdream.errors import JournalError, OutputError, ZoomdreamError
from zoomdream.farm.storage import StoredFile, fetched_source, is_address
from zoomdream.farm.tasks import RenderTask

if TYPE_CHECKING:
    from zoomdream.films.film import Film
    from zoomdream.films.journaling import JournalOptions
    from zoomdream.presets.preset import Preset
    from zoomdream.progress import OnProgress

OnWarning = Callable[[str], None]
"""Called with each thing that a user should know, before the first frame."""


@dataclass(frozen=True)
class Result:
    """What a task has made."""

    path: str
    """The film, or the folder of the journal that holds the part."""
    frames: int
    """How many frames the film or the part has."""


def perform(
    task: RenderTask,
    on_progress: OnProgress | None = None,
    on_warning: OnWarning | None = None,
    *,
    is_retry: bool = False,
) -> Result:
    """Render a task's film, or finish the frames of its part; frames of an earlier run are not dreamed again.

    `is_retry`: a worker was lost at this task in this run, after it had reported a frame. What it has completed is not
    made a second time.

    Raises what `load_preset`, `prepare` and `RenderJob.run` raise, with a note on the frames that are kept.
    """
    from zoomdream.memory import memory_share
    from zoomdream.networks.downloads import downloads

    with downloads(allowed=not task.offline, on_progress=on_progress), memory_share(task.memory_share):
        task = _with_source_here(task)
        # It was not there when the first worker began, which would have refused to write over it.
        may_be_made = is_retry and not task.overwrite and task.part is None
        if is_address(task.output):
            is_made = may_be_made and StoredFile(task.output).exists()
            return _perform_in_storage(task, on_progress, on_warning, is_made=is_made)
        output = Path(task.output)
        with _notes_on_what_is_kept(output):
            return _perform_here(task, on_progress, on_warning, is_made=may_be_made and _is_complete(output))


def _with_source_here(task: RenderTask) -> RenderTask:
    """The task with a source of this machine in place of one in a storage."""
    if task.source is None or not is_address(task.source):
        return task
    return replace(task, source=str(fetched_source(task.source)))


def _perform_in_storage(
    task: RenderTask, on_progress: OnProgress | None, on_warning: OnWarning | None, *, is_made: bool
) -> Result:
    """The task, with its output in a storage."""
    from zoomdream.farm.staging import Stage

    part = None if task.part is None else range(*task.part)
    name = None if part is None else f"{part.start}:{part.stop}"
    with Stage(task.output, frames=part, task=name, overwrite=task.overwrite or is_made) as stage:
        here = replace(task, output=str(stage.path))
        with _notes_on_what_is_kept(stage.path, stage.kept):
            result = _perform_here(here, stage.following(on_progress), on_warning, is_made=is_made)
        if part is None and not is_made:
            stage.complete()
        return Result(task.output if part is None else stage.kept, result.frames)


def _perform_here(
    task: RenderTask, on_progress: OnProgress | None, on_warning: OnWarning | None, *, is_made: bool
) -> Result:
    """The task, with its output on this machine."""
    output = Path(task.output)
    if task.part is not None:
        return _perform_part(task, output, on_progress, on_warning)
    return _perform_film(task, output, on_progress, on_warning, is_made=is_made)


def free() -> None:
    """Give back the memory of the films that are done."""
    import torch

    from zoomdream.memory import release_freed_memory

    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    release_freed_memory()


def task_preset(task: RenderTask) -> Preset:
    """The task's preset. Raises PresetError, and SourceError for a film that cannot be read."""
    from zoomdream.presets.loading import load_preset, load_preset_text

    if task.preset_text is None:
        return load_preset(task.preset, task.changes, task.source)
    source = [] if task.source is None else [f"source={json.dumps(task.source)}"]
    return load_preset_text(task.preset_text, task.preset, changes=[*source, *task.changes])


def _perform_film(
    task: RenderTask, output: Path, on_progress: OnProgress | None, on_warning: OnWarning | None, *, is_made: bool
) -> Result:
    from zoomdream.films.playback.playing_order import played_frames
    from zoomdream.films.rendering import RenderJob, frame_range
    from zoomdream.output_lock import output_lock

    with output_lock(output):
        film = _prepare(task, output, on_progress, on_warning)
        span = frame_range(range(*task.frames) if task.frames else None, len(film.timeline))
        if not is_made:
            job = RenderJob(film, task.output, task.overwrite, span, _journal_options(task))
            _tell(job.warnings, on_warning)
            job.run(on_progress)
        elif not task.keep_frames:
            _remove_journal(output)
        return Result(task.output, played_frames(film.output, span))


def _perform_part(
    task: RenderTask, output: Path, on_progress: OnProgress | None, on_warning: OnWarning | None
) -> Result:
    from zoomdream.films.parts.part_rendering import PartJob

    assert task.part is not None
    part = range(*task.part)
    film = _prepare(task, output, on_progress, on_warning)
    _tell(film.warnings, on_warning)
    folder = PartJob(film, output, part, _journal_options(task), is_led=task.is_led).run(on_progress)
    return Result(str(folder), len(part))


def _prepare(task: RenderTask, output: Path, on_progress: OnProgress | None, on_warning: OnWarning | None) -> Film:
    """The film, computed as an earlier run has begun it, where the task does not say how."""
    from zoomdream.films.identity import earlier_compute
    from zoomdream.films.preparation import prepare
    from zoomdream.runtime import choose_device

    preset = task_preset(task)
    earlier = earlier_compute(
        preset, output, choose_device(task.device), journal=task.journal and task.resume is not False
    )
    _tell([earlier.warning] if earlier.warning else [], on_warning)
    record = earlier.record
    return prepare(
        preset,
        device=task.device,
        precision=record.precision if record and task.precision == "auto" else task.precision,
        threads=task.threads or (record.threads if record else task.default_threads or "auto"),
        tile=_tile(task, preset, record.tile if record else None),
        max_memory=task.max_memory,
        allow_truncated=task.allow_truncated,
        on_progress=on_progress,
    )


def _tile(task: RenderTask, preset: Preset, recorded: int | None) -> int | None:
    """The side of the tiles: the task's, or the earlier run's, unless other limits or another size ask for others."""
    from zoomdream.films.identity import is_resized

    if task.tile is not None or task.max_memory is not None or recorded is None:
        return task.tile
    return None if is_resized(preset) else recorded


def _journal_options(task: RenderTask) -> JournalOptions:
    from zoomdream.films.journaling import JournalOptions

    return JournalOptions(task.journal, task.resume, task.keep_frames, task.command)


def _tell(warnings: Iterable[str], on_warning: OnWarning | None) -> None:
    if on_warning is not None:
        for warning in warnings:
            on_warning(warning)


def _is_complete(output: Path) -> bool:
    """Whether an output is there: files and folders get their names when they are whole."""
    return os.path.lexists(output) and (not output.is_dir() or any(output.glob("*.png")))


def _remove_journal(output: Path) -> None:
    """Remove the journal that a worker has left which was lost after the film had got its name."""
    from zoomdream.films.journal import find_journal, journal_folder

    found = find_journal(journal_folder(output))
    if found is not None:
        found.remove()


@contextmanager
def _notes_on_what_is_kept(output: Path, place: str | None = None) -> Iterator[None]:
    """An error gets a note on the finished frames that are kept, in `place` where that is not the journal's folder."""
    from zoomdream.films.journal import find_journal, journal_folder

    try:
        yield
    except JournalError:
        raise  # it says itself what is kept
    except ZoomdreamError as error:
        with suppress(OutputError, OSError):  # the error that ends the film comes first
            found = find_journal(journal_folder(output))
            if found is not None and found.frames:
                error.add_note(f"{found.frames} of {found.record.frames} frames are kept in {place or found.path}")
        raise
