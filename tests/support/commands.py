"""Runs zoomdream's commands in this process."""

from __future__ import annotations

import sys
from functools import cache

import typer
from typer import testing
from typer.testing import CliRunner, Result

from zoomdream.cli.app import app

# The tree of all commands and options, which a process builds once, and typer's runner anew for each command.
testing._get_command = cache(typer.main.get_command)  # type: ignore[attr-defined]

ZOOMDREAM = [sys.executable, "-m", "zoomdream"]
"""What runs it in a process of its own."""

QUIET = ("--progress", "none")


def zoomdream(*arguments: object, **environment: str) -> Result:
    """Run a command with these arguments and environment variables."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment)
