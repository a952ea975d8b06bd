"""The command that renders many films: batch.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zoomdream.cli.options.parsing import frame_span
from zoomdream.cli.options.preset_options import (
    FPS_HELP,
    INPUT_HELP,
    SEED_HELP,
    SIZE_HELP,
    ChangesOption,
    DryRunOption,
    option_changes,
    preset_option,
    set_changes,
)
from zoomdream.cli.options.shared_options import (
    AllowTruncatedOption,
    ComputeOptions,
    JobsOption,
    JournalFlags,
    OnOption,
    RunOptions,
    command,
)
from zoomdream.cli.requests.batch_request import BatchRequest, FilmOptions
from zoomdream.errors import UsageError

if TYPE_CHECKING:
    from zoomdream.farm.variations import Axis

app = typer.Typer()


@command(app)
def batch(
    presets: Annotated[
        list[str], typer.Argument(help="YAML files, shipped presets' names, or films that carry their recipe.")
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            help="The films' names: {preset}, {index} and the keys that vary stand for each film's.",
            show_default="'{preset}.mp4', with the keys that vary",
        ),
    ] = None,
    *,
    jobs: JobsOption = None,
    on: OnOption = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(help="A film for each value: seed=1..20, or dream.layers=fire5,fire8. May be repeated."),
    ] = None,
    is_zipped: Annotated[
        bool, typer.Option("--zip", help="The first values of all keys together, the second ones, not all with all.")
    ] = False,
    source: Annotated[
        str | None, typer.Option("--input", metavar="PATH", help=INPUT_HELP, show_default="each one's")
    ] = None,
    changes: ChangesOption = None,
    size: Annotated[str | None, preset_option(SIZE_HELP, "each preset's")] = None,
    fps: Annotated[str | None, preset_option(FPS_HELP, "each preset's")] = None,
    start: Annotated[str | None, preset_option("Where in a video the film begins, such as 10s.", "0")] = None,
    duration: Annotated[str | None, preset_option("Length, such as 8s or 1:30.", "each preset's")] = None,
    frames: Annotated[str | None, typer.Option(help="A:B renders frames A to B-1.", show_default="all")] = None,
    seed: Annotated[int | None, preset_option(SEED_HELP, "each preset's", least=0)] = None,
    compute: ComputeOptions,
    allow_truncated: AllowTruncatedOption = False,
    journal: JournalFlags,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave what exists as it is, also where it is another film.")
    ] = False,
    run: RunOptions,
    dry_run: DryRunOption = False,
) -> None:
    """Render many films at one time: several presets, or one with other settings, such as seeds."""
    from zoomdream.farm.batch import batch_films
    from zoomdream.farm.variations import parse_axis

    span = None if frames is None else frame_span(frames)
    canvas = {"canvas.size": size, "canvas.fps": fps, "canvas.start": start, "canvas.duration": duration}
    options = {name: value for name, value in {**canvas, "seed": seed}.items() if value is not None}
    axes = [parse_axis(each) for each in vary or ()]
    _refuse_both(axes, options)
    all_changes = [*set_changes(changes), *option_changes(options)]
    every_film = FilmOptions(all_changes, source, span, compute, journal, run, allow_truncated)
    films = batch_films(presets, axes, output, is_zipped=is_zipped)
    request = BatchRequest(films, every_film, jobs, skip_existing, on)
    request.check() if dry_run else request.render()


def _refuse_both(axes: Sequence[Axis], options: Mapping[str, object]) -> None:
    """Raise UsageError for a key that varies and that an option sets, too."""
    both = next((axis.key for axis in axes if axis.key in options), None)
    if both is not None:
        raise UsageError(f"--vary {both} and --{both.rpartition('.')[2]} set the same key: leave one of them out")
