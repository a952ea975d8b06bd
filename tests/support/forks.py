"""Commands in processes of their own that need not import PyTorch: each is forked from one that has.

Streams, signals and exit codes are a process's own, as where a user starts the program. What comes before, Python's
start and the imports, is not: tests of that start `commands.ZOOMDREAM`.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import reduction
from multiprocessing.context import ForkServerProcess

ForkedProcess = ForkServerProcess

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["tests.support.forks", "zoomdream.cli.commands.films", "zoomdream.films", "zoomdream.films.rendering"]
)


class _Descriptor:
    """An open file, which arrives in the other process as the number that it has there."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Callable[..., int], tuple[object]]:
        return _detach, (reduction.DupFd(self.number),)


def _detach(copy: object) -> int:
    return copy.detach()  # type: ignore[attr-defined]


def fork_zoomdream(
    arguments: Sequence[str],
    *,
    stdout: int | None = None,
    stderr: int | None = None,
    environment: dict[str, str] | None = None,
    ignored: Iterable[int] = (),
) -> ForkedProcess:
    """Start `zoomdream` with these descriptors as its streams; None: closed. `environment`: all of it, if another.

    The caller closes its own copies. `ignored`: signals that the command ignores from its start.
    """
    return fork_module("zoomdream", arguments, stdout=stdout, stderr=stderr, environment=environment, ignored=ignored)


def fork_module(
    name: str,
    arguments: Sequence[str],
    *,
    stdout: int | None = None,
    stderr: int | None = None,
    environment: dict[str, str] | None = None,
    ignored: Iterable[int] = (),
) -> ForkedProcess:
    """The same for any module, as `python -m` runs it."""
    streams = [None if number is None else _Descriptor(number) for number in (stdout, stderr)]
    process = _FORKS.Process(target=_run, args=(name, list(arguments), streams, environment, list(ignored)))
    process.start()
    return process


def wait(process: ForkedProcess, seconds: float = 120) -> int:
    """The exit code of such a process, once it has ended."""
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"the command has not ended after {seconds} s")
    return process.exitcode


def _run(
    module: str, arguments: list[str], streams: list[int | None], environment: dict[str, str] | None, ignored: list[int]
) -> None:
    """In the new process."""
    for number, name, stream in zip((1, 2), ("stdout", "stderr"), streams, strict=True):
        if stream is None:
            os.close(number)
            setattr(sys, name, None)  # as Python does when it starts without one
        else:
            os.dup2(stream, number)
            os.close(stream)
            setattr(sys, name, os.fdopen(number, "w", closefd=False))
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    for ignored_here in (signal.SIGHUP, signal.SIGQUIT):  # under nohup, and in the background of a script
        signal.signal(ignored_here, signal.SIG_DFL)
    for signal_number in ignored:
        signal.signal(signal_number, signal.SIG_IGN)
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)
