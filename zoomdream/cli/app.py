"""The command line's root: all commands, and what becomes of errors and signals.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from zoomdream import __version__
from zoomdream.cli.commands import audio, batch, films, inspect, jobs, networks, parts, presets, sheets, stills, studio
from zoomdream.cli.echo import echo, echo_data
from zoomdream.cli.exit_codes import exit_with_code
from zoomdream.cli.signals import handle_signals, working
from zoomdream.cli.streams import open_closed_descriptors, protect_streams
from zoomdream.cli.viewing import doctor, finished, previews


class Commands(TyperGroup):
    """The group of all commands."""

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        """Read the options before the command's name; `--help` writes to stdout here."""
        with exit_with_code():
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        with exit_with_code(), working(echo):
            return super().invoke(ctx)


app = typer.Typer(
    cls=Commands,
    help="DeepDream films: a photo that an endless zoom turns into a world, from one YAML file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    """DeepDream films: a photo that an endless zoom turns into a world, from one YAML file."""
    if version:
        echo_data(f"zoomdream {__version__}")
        raise typer.Exit


for commands in (films.app, previews.app, batch.app, parts.app, jobs.app, stills.app, sheets.app):
    app.add_typer(commands)
app.add_typer(presets.app, name="presets")
app.add_typer(networks.group, name="networks")
for commands in (networks.app, inspect.app, audio.app, finished.app, doctor.app, studio.app):
    app.add_typer(commands)


def main() -> None:
    """The entry point, after `zoomdream.__main__`."""
    open_closed_descriptors()
    protect_streams()
    handle_signals()
    app(prog_name="zoomdream")
