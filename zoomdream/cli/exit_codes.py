"""Errors as one line on stderr and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from zoomdream.errors import UsageError, ZoomdreamError

if TYPE_CHECKING:
    pass
from zoomdream.cli.echo import echo

INTERRUPTED, TERMINATED = 130, 143  # 128 + the signal's number, as shells count


class Terminated(BaseException):
    """SIGTERM, as an exception, so that everything is closed on the way out."""


class Commands(TyperGroup):
    """Turns every error that is raised on purpose into one line on stderr and its exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ZoomdreamError as error:
            echo(f"error: {error}")
            raise typer.Exit(error.exit_code) from None
        except typer.BadParameter as error:
            said = _wrong_value(error)
            if said is None:
                raise
            echo(f"error: {said}")
            raise typer.Exit(UsageError.exit_code) from None
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
