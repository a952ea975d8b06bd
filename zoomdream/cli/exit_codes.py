"""Errors as one line on stderr and an exit code, with the option that offers a way out.

0    done
1    something failed that nobody foresaw, or the dream did: it is not a number, or one flat color
2    an option, an argument, a preset
3    a source or weights: missing, unreadable, damaged
4    the output exists, or cannot be written there
5    the encoder or the disk, while a film was written; stdout, where a command writes data
6    memory
129  the terminal was closed (SIGHUP)
130  interrupted (SIGINT)
131  quit (SIGQUIT)
143  terminated (SIGTERM)
"""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import typer

from zoomdream.cli.echo import echo
from zoomdream.cli.signals import ends_with, exit_code_of, word
from zoomdream.cli.streams import StdoutError
from zoomdream.errors import (
    EncodeError,
    FFmpegError,
    ForeignFileError,
    JournalError,
    MissingSourceError,
    OfflineError,
    OutOfMemoryError,
    OutputError,
    OutputExistsError,
    PresetError,
    SettingError,
    SourceError,
    TruncatedError,
    UnknownNameError,
    UsageError,
    WorkerError,
    ZoomdreamError,
)

UNFORESEEN, USAGE, MEMORY = 1, 2, 6

_LIMITED = ("can't start new thread", "failed to map segment", "annot allocate memory", "can't allocate memory")
"""What Python, the loader of libraries and the system say where memory or threads are limited."""

EXIT_CODES: Mapping[type[ZoomdreamError], int] = {
    ZoomdreamError: UNFORESEEN,
    UsageError: USAGE,
    SourceError: 3,
    OutputError: 4,
    EncodeError: 5,
    FFmpegError: 5,
    StdoutError: 5,
    OutOfMemoryError: MEMORY,
}


def exit_code(error: ZoomdreamError) -> int:
    """The exit code of an error: that of the nearest of its classes that has one."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def _memory_option(error: Any) -> str:
    if error.needed is not None:
        return f", or --max-memory {math.ceil(error.needed / 1e8) / 10:g}GB"
    return ", or a smaller --max-memory" if error.tiled else ""


def _list_command(error: Any) -> str:
    if error.kind is None:
        return ""
    command = {"layer": "layers", "class": "classes"}[error.kind]
    return f" (zoomdream {command} {error.network} lists all)"


def _journal_options(error: Any) -> str:
    if not error.differs:
        return ""
    some = f"--resume keeps the first {error.matching} and drops the rest, " if error.matching else ""
    return f"; {some}--fresh drops {'all' if some else 'them'} and begins anew, and another output leaves them alone"


_WAYS_OUT: Mapping[type[ZoomdreamError], Callable[[Any], str]] = {
    ForeignFileError: lambda error: (
        "; zoomdream presets import FILE makes a preset of it"
        if error.can_be_imported
        else "; zoomdream presets list shows those to begin with"
    ),
    OfflineError: lambda error: (
        f", or fetch them where there is a connection: zoomdream networks fetch {error.network}"
    ),
    MissingSourceError: lambda error: ", or another with --input",
    TruncatedError: lambda error: "; --allow-truncated takes what there is",
    OutputExistsError: lambda error: (
        f"; replace {'its frames' if error.is_folder else 'it'} with -y, or choose another name"
    ),
    JournalError: _journal_options,
    OutOfMemoryError: _memory_option,
    UnknownNameError: _list_command,
    WorkerError: lambda _: "; where memory ran out, fewer at one time (-j) or a smaller --max-memory help",
}


def message(error: ZoomdreamError) -> str:
    """The error's own sentence, and the option that offers a way out where there is one."""
    way_out = _WAYS_OUT.get(type(error))
    return f"{error}{way_out(error) if way_out else ''}{_odd_character(error)}"


def _odd_character(error: ZoomdreamError) -> str:
    """The name of a character that looks like another, in the value of an option."""
    text = str(error)
    is_about_a_value = isinstance(error, (SettingError, UnknownNameError)) or text.startswith("--")
    if not is_about_a_value or isinstance(error, PresetError) or "(U+" in text:
        return ""
    from zoomdream.presets.documents.characters import first_odd

    odd = first_odd(text)
    return f"; {odd.sentence}" if odd else ""


def notes(error: BaseException) -> list[str]:
    """What was added to an error on its way: what is kept, and the command that goes on."""
    return list(getattr(error, "__notes__", []))


@contextmanager
def exit_with_code() -> Iterator[None]:
    """Turn an error that a command raises on purpose into one line on stderr and its exit code."""
    try:
        yield
    except ZoomdreamError as error:
        _exit("\n".join([f"error: {message(error)}", *notes(error)]), exit_code(error))
    except typer.BadParameter as error:
        sentence = _wrong_value(error)
        if sentence is None:
            raise
        _exit(f"error: {sentence}", USAGE)
    except KeyboardInterrupt as error:
        number = getattr(error, "number", signal.SIGINT)
        kept = notes(error) or ["nothing was written under the output's name"]
        _exit(f"{word(number)}: {'; '.join(kept)}", exit_code_of(number))
    except FileNotFoundError:
        if _has_working_folder():
            raise
        _exit("error: the working folder has been removed: go to another, or give all names in full", USAGE)
    except BrokenPipeError as error:
        # Not stdout's, whose reader may go: see `streams`. typer would take it for that, and end without a word.
        _exit(f"error: a program that zoomdream wrote to has ended ({error})", UNFORESEEN)
    except (ImportError, RuntimeError, OSError, MemoryError) as error:
        if not isinstance(error, MemoryError) and not any(words in str(error) for words in _LIMITED):
            raise
        reason = str(error) or "out of memory"
        _exit(f"error: no more memory or threads may be had ({reason}): `ulimit -a` shows the limits", MEMORY)


def _has_working_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _exit(line: str, code: int) -> NoReturn:
    ends_with(code)
    echo(line)
    raise typer.Exit(code) from None


_REASONS = {
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "float_parsing": "it must be a number",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than_equal": "it must be at most {le:g}",
}
_OUT_OF_RANGE = ("greater_than_equal", "less_than_equal")


def _wrong_value(error: typer.BadParameter) -> str | None:
    """One sentence about an option's value, with the value; None where typer's own sentence is as good."""
    errors: list[dict[str, Any]] = getattr(error.__cause__, "errors", list)()
    if not errors or error.param is None:
        return None
    first = errors[0]
    reason = _REASONS.get(first["type"], str(first["msg"]).removeprefix("Value error, ").removesuffix("."))
    low, high = getattr(error.param, "min", None), getattr(error.param, "max", None)
    if first["type"] in _OUT_OF_RANGE and low is not None and high is not None:
        reason = f"it must be from {low:g} to {high:g}"
    return f"{' / '.join(error.param.opts)} {first['input']}: {reason.format(**first.get('ctx', {}))}"
