"""Films that a fault ends, and what is left of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zoomdream.cli.exit_codes import exit_code, message
from zoomdream.errors import EncodeError, ZoomdreamError
from zoomdream.films.film import Film
from zoomdream.films.journal import find_journal, journal_folder
from zoomdream.films.journaling import JournalOptions
from zoomdream.films.preparation import prepare
from zoomdream.films.rendering import render
from zoomdream.presets.loading import load_preset
from zoomdream.progress import OnProgress, Progress

Act = Callable[[], object]


def film_of(preset: Path) -> Film:
    """The film of a preset, prepared as the command line does."""
    return prepare(load_preset(str(preset)))


def at_frame(number: int, act: Act) -> OnProgress:
    """A progress callback that does something once, when this run has dreamed frame `number`, counted from 1."""
    is_done = False

    def on_progress(progress: Progress) -> None:
        nonlocal is_done
        if not is_done and progress.done >= number and progress.done > progress.before:
            is_done = True
            act()

    return on_progress


@dataclass(frozen=True)
class End:
    """How a render has ended."""

    code: int
    """The exit code that the command has."""
    words: str
    """What it says."""
    kept: int
    """How many frames are in the journal."""


def rendered(preset: Path, output: Path | str, on_progress: OnProgress | None = None, **options: bool | None) -> End:
    """Render a film; `options` are those of the journal, and `overwrite`."""
    overwrite = bool(options.pop("overwrite", False))
    journal = JournalOptions(**options)  # type: ignore[arg-type]
    try:
        render(film_of(preset), output, overwrite=overwrite, on_progress=on_progress, journal=journal)
    except ZoomdreamError as error:
        return End(exit_code(error), message(error), kept_frames(output))
    return End(0, "", kept_frames(output))


def kept_frames(output: Path | str) -> int:
    """How many finished frames lie beside an output, or in it."""
    journal = find_journal(journal_folder(Path(output)))
    return journal.frames if journal else 0


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by their names in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def contents(output: Path | str) -> list[bytes]:
    """A film's bytes, or those of each picture of a folder."""
    path = Path(output)
    return [file.read_bytes() for file in sorted(path.iterdir())] if path.is_dir() else [path.read_bytes()]


def copied(folder: Path, target: Path) -> Path:
    """Copy the files of a folder, with their times."""
    for path in folder.iterdir():
        shutil.copy2(path, target / path.name)
    return target


def leave_journal(preset: Path, output: Path | str, frames: int) -> None:
    """Render a film until that many frames are finished, as one that is interrupted there."""

    def stop() -> None:
        raise EncodeError("interrupted")

    end = rendered(preset, output, at_frame(frames, stop))
    assert (end.words, end.kept) == ("interrupted", frames)
