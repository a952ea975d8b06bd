"""Errors as one line on stderr and an exit code, with the option that offers a way out.

0    done
1    something failed that nobody foresaw
2    an option, an argument, a preset
3    a source or weights: missing, unreadable, damaged
4    the output exists, or cannot be written there
5    the encoder or the disk, while a film was written
6    memory
130  interrupted (SIGINT)
143  terminated (SIGTERM)
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import typer
from typer.core import TyperGroup

from zoomdream.cli.echo import echo
from zoomdream.errors import (
    EncodeError,
    MissingSourceError,
    OutOfMemoryError,
    OutputError,
    OutputExistsError,
    SourceError,
    TruncatedError,
    UnknownNameError,
    UsageError,
    ZoomdreamError,
)

USAGE = 2
INTERRUPTED, TERMINATED = 130, 143  # 128 + the signal's number, as shells count

EXIT_CODES: Mapping[type[ZoomdreamError], int] = {
    ZoomdreamError: 1,
    UsageError: USAGE,
    SourceError: 3,
    OutputError: 4,
    EncodeError: 5,
    OutOfMemoryError: 6,
}


def exit_code(error: ZoomdreamError) -> int:
    """The exit code of an error: that of the nearest of its classes that has one."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def _out_of_memory(error: Any) -> str:
    if error.needed is not None:
        return f", or --max-memory {math.ceil(error.needed / 1e8) / 10:g}GB"
    return ", or a smaller --max-memory" if error.tiled else ""


_WAYS_OUT: Mapping[type[ZoomdreamError], Callable[[Any], str]] = {
    MissingSourceError: lambda error: ", or another with --input",
    TruncatedError: lambda error: "; --allow-truncated takes what there is",
    OutputExistsError: lambda error: "; replace it with -y, or choose another name",
    OutOfMemoryError: _out_of_memory,
    UnknownNameError: lambda error: (
        f" (zoomdream {error.kind.replace('class', 'classe')}s {error.network} lists all)" if error.kind else ""
    ),
}


def message(error: ZoomdreamError) -> str:
    """What a user is told of an error: its own sentence, and the option that helps."""
    return f"{error}{_WAYS_OUT.get(type(error), lambda _: '')(error)}"


class Terminated(BaseException):
    """SIGTERM, as an exception, so that everything is closed on the way out."""


class Commands(TyperGroup):
    """Turns every error that is raised on purpose into one line on stderr and its exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ZoomdreamError as error:
            echo(f"error: {message(error)}")
            raise typer.Exit(exit_code(error)) from None
        except typer.BadParameter as error:
            said = _wrong_value(error)
            if said is None:
                raise
            echo(f"error: {said}")
            raise typer.Exit(USAGE) from None
        except KeyboardInterrupt:
            echo("interrupted: nothing was written under the output's name")
            raise typer.Exit(INTERRUPTED) from None
        except Terminated:
            echo("terminated: nothing was written under the output's name")
            raise typer.Exit(TERMINATED) from None
        except BrokenPipeError:  # the reader of our stdout has gone, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


_REASONS = {
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "float_parsing": "it must be a number",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than_equal": "it must be at most {le:g}",
}


def _wrong_value(error: typer.BadParameter) -> str | None:
    """What typer says of an option's value, in one sentence with the value; None for what has no better words."""
    found: list[dict[str, Any]] = getattr(error.__cause__, "errors", list)()
    if not found or error.param is None:
        return None
    first = found[0]
    reason = _REASONS.get(first["type"], str(first["msg"]).removeprefix("Value error, "))
    return f"{' / '.join(error.param.opts)} {first['input']}: {reason.format(**first.get('ctx', {}))}"
