"""A film whose parts are given to workers as tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zoomdream.farm.tasks import RenderTask
from zoomdream.films.film import Film
from zoomdream.films.identity import ComputeRecord
from zoomdream.films.journal import find_journal, journal_folder
from zoomdream.films.journaling import JournalOptions
from zoomdream.presets.preset import Preset


def part_tasks(
    film: Film,
    preset: Preset,
    output: Path | str,
    parts: Sequence[range],
    finished: Sequence[int],
    *,
    source: str | None = None,
    journal: JournalOptions,
    allow_truncated: bool = False,
) -> list[RenderTask]:
    """A task for each part of a film that is not finished, the longest first: so the workers end at about one time.

    Args:
        film: how it was prepared here decides how the workers compute: device, precision, threads, tiles.
        preset: what it was prepared from.
        output: the film's full path, or its address in a storage. Whoever gives the tasks out holds its lock.
        parts: of the film: see `films.parts.splitting`.
        finished: how many frames of each are in the journal.
        source: the address of the preset's source in a storage; None: it is the file that the preset names.
        journal: of these options, `resume` and `command` are the tasks'.
        allow_truncated: take what there is of a video that is cut short.
    """
    compute = ComputeRecord.of(film.network, film.tiling)
    missing = [(part, len(part) - done) for part, done in zip(parts, finished, strict=True) if done < len(part)]
    return [
        RenderTask(
            f"{part.start}:{part.stop}",
            preset.name,
            str(output),
            preset_text=preset.located_text,
            source=source,
            part=(part.start, part.stop),
            is_led=True,
            device=film.network.device.type,
            precision=compute.precision,
            threads=compute.threads,
            tile=compute.tile,
            offline=True,  # what was to be downloaded is here: the film was prepared
            allow_truncated=allow_truncated,
            resume=True if journal.resume else None,
            command=journal.command,
        )
        for part, _ in sorted(missing, key=lambda each: -each[1])
    ]


def forget_frames(output: Path) -> None:
    """Remove what earlier runs have finished of a film, for whoever holds the output's lock.

    Raises JournalError, OSError.
    """
    found = find_journal(journal_folder(output))
    if found is not None:
        found.remove()
