"""The command line's root: all commands, and what becomes of errors and signals.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import signal
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from zoomdream import __version__
from zoomdream.cli import films, inspect, networks, presets, stills
from zoomdream.cli.exit_codes import Terminated, exit_with_code


class Commands(TyperGroup):
    """The group of all commands."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        with exit_with_code():
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
        typer.echo(f"zoomdream {__version__}")
        raise typer.Exit


for commands in (films.app, stills.app):
    app.add_typer(commands)
app.add_typer(presets.app, name="presets")
for commands in (networks.app, inspect.app):
    app.add_typer(commands)


def _terminate(number: int, frame: Any) -> None:
    raise Terminated


def main() -> None:
    """The entry point."""
    signal.signal(signal.SIGTERM, _terminate)
    app(prog_name="zoomdream")
