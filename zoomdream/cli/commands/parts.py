"""The commands for films whose parts are rendered by themselves: plan, join.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import typer

from zoomdream.cli.options.preset_options import FilmOption, PresetArgument
from zoomdream.cli.options.shared_options import JsonOption, command
from zoomdream.cli.requests.parts_request import PartsRequest
from zoomdream.cli.requests.render_options import RenderOptions

app = typer.Typer()


@command(app)
def plan(
    preset: PresetArgument, output: FilmOption = None, *, options: RenderOptions, as_json: JsonOption = False
) -> None:
    """The parts of a film that depend on no other, a video's shots, as tasks for `render --task`, and their costs."""
    with options.request(preset, output).staged() as request:
        PartsRequest(request).plan(as_json=as_json)


@command(app)
def join(preset: PresetArgument, output: FilmOption = None, *, options: RenderOptions) -> None:
    """Make the film of parts that `render --task` has finished, all of them. Takes the options that they were given."""
    with options.request(preset, output).staged() as request:
        PartsRequest(request).join()
