"""The command about unfinished films: jobs.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoomdream.cli.echo import echo, echo_data, echo_json, visible
from zoomdream.cli.options.shared_options import JsonOption
from zoomdream.errors import UsageError

if TYPE_CHECKING:
    from zoomdream.films.journal.listing import Listed

app = typer.Typer()


@app.command()
def jobs(
    folder: Annotated[Path, typer.Argument(help="Where the films are.", show_default="this folder")] = Path(),
    clean: Annotated[
        bool,
        typer.Option("--clean", help="Remove journals and what killed runs have left, but nothing that is in use."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Films that are unfinished: how far they are, the command that goes on, what their journals take."""
    from zoomdream.films.journal.listing import list_journals
    from zoomdream.images.pictures.regular_files import is_folder
    from zoomdream.temporary_files import stale_files

    if not is_folder(folder):
        raise UsageError(f"{folder} is no folder: name the one that the films are in")
    listed, leftovers = list_journals(folder), stale_files(folder)
    if clean:
        return _clean(listed, leftovers)
    if as_json:
        return echo_json([_facts(each) for each in listed])
    for each in listed:
        echo_data(visible(_description(each)))
    for path in leftovers:
        echo_data(f"{visible(str(path))}: left by a run that was killed; --clean removes it")
    if not listed and not leftovers:
        echo(f"nothing is unfinished in {folder}")
    return None


def _facts(listed: Listed) -> dict[str, Any]:
    journal = listed.journal
    record = journal.record
    return {
        "output": str(listed.output),
        "journal": str(journal.path),
        "frames": journal.frames,
        "of": record.frames,
        "size": f"{record.size[0]}x{record.size[1]}",
        "fps": record.fps,
        "bytes": journal.bytes,
        "busy": listed.is_busy,
        "finished": listed.is_finished,
        "folder": record.folder,
        "command": record.command,
    }


def _description(listed: Listed) -> str:
    """Two lines for a person: how far it is, and how to go on."""
    from zoomdream.memory import format_bytes

    journal, record = listed.journal, listed.journal.record
    share = f"{journal.frames / record.frames:.0%}"
    size = f"{record.size[0]}x{record.size[1]}, {format_bytes(journal.bytes)}"
    head = f"{listed.output}: {journal.frames} of {record.frames} frames ({share}), {size}"
    if listed.is_busy:
        return f"{head}, rendering now"
    if listed.is_finished:
        return f"{head}, finished: its frames were kept"
    elsewhere = f"cd {shlex.quote(record.folder)} && " if record.folder and Path(record.folder) != Path.cwd() else ""
    return f"{head}\n    to go on: {elsewhere}{record.command}" if record.command else head


def _clean(listed: Sequence[Listed], leftovers: Sequence[Path]) -> None:
    from zoomdream.films.journal.listing import remove_journal
    from zoomdream.memory import format_bytes
    from zoomdream.temporary_files import remove

    for each in listed:
        if each.is_busy:
            echo(f"{each.journal.path}: in use, left alone")
            continue
        size = format_bytes(each.journal.bytes)
        remove_journal(each)
        echo(f"{each.journal.path}: removed, {size}")
    for path in leftovers:
        remove(path)
        echo(f"{path}: removed")
