"""The commands for films whose parts are rendered by themselves: plan, join.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import typer

from zoomdream.cli.film_request import FilmRequest
from zoomdream.cli.options import (
    AllowTruncatedOption,
    ComputeOptions,
    JournalFlags,
    JsonOption,
    RunOptions,
    command,
)
from zoomdream.cli.parts_request import PartsRequest
from zoomdream.cli.preset_options import FilmOption, PresetArgument, PresetOptions, film_name

app = typer.Typer()


@command(app)
def plan(
    preset: PresetArgument,
    output: FilmOption = None,
    *,
    options: PresetOptions,
    compute: ComputeOptions,
    allow_truncated: AllowTruncatedOption = False,
    journal: JournalFlags,
    run: RunOptions,
    as_json: JsonOption = False,
) -> None:
    """The parts of a film that depend on no other, a video's shots, as tasks for `render --task`, and their costs."""
    request = _request(preset, output, options, compute, journal, run, allow_truncated)
    with request.staged() as staged:
        PartsRequest(staged).plan(as_json=as_json)


@command(app)
def join(
    preset: PresetArgument,
    output: FilmOption = None,
    *,
    options: PresetOptions,
    compute: ComputeOptions,
    allow_truncated: AllowTruncatedOption = False,
    journal: JournalFlags,
    run: RunOptions,
) -> None:
    """Make the film of parts that `render --task` has finished, all of them. Takes the options that they were given."""
    request = _request(preset, output, options, compute, journal, run, allow_truncated)
    with request.staged() as staged:
        PartsRequest(staged).join()


def _request(
    preset: str,
    output: str | None,
    options: PresetOptions,
    compute: ComputeOptions,
    journal: JournalFlags,
    run: RunOptions,
    allow_truncated: bool,
) -> FilmRequest:
    name = film_name(preset, output)
    loaded, source = options.load(preset), options.stored_source
    return FilmRequest(loaded, name, compute, journal, run, options.span, allow_truncated, source)
