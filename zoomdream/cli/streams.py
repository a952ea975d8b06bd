"""stdout and stderr of the program: a command depends on no listener, and success means that stdout took the data.

`main` puts these streams in place of Python's. Both write at once, so that nothing is left for Python to write, and to
fail at, when it exits.
"""

from __future__ import annotations

import io
import os
import select
import sys
from contextlib import suppress
from typing import Any, TextIO

import typer

from zoomdream.errors import ZoomdreamError

_CHUNK = 512  # bytes that fit into a pipe, on every system, where `poll` says that it takes some
PATIENCE = 1.0
"""Seconds to wait for a listener that takes nothing: a stopped terminal, a pager that nobody scrolls."""


class StdoutError(ZoomdreamError):
    """stdout does not take the data that a command is asked for."""


def open_closed_descriptors() -> None:
    """Connect stdin, stdout and stderr with the null device where they are closed.

    Otherwise the next file opened, a film for one, would get their number, and what a library or a child writes to
    stderr would go into it.
    """
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= 2:
        os.set_inheritable(descriptor, True)
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)


def protect_streams() -> None:
    """Replace `sys.stdout` and `sys.stderr` by streams whose failures are known for what they are."""
    sys.stdout = _text_stream(_Stdout(sys.stdout), sys.stdout, "strict")
    sys.stderr = _text_stream(_Stderr(sys.stderr), sys.stderr, "backslashreplace")


def _text_stream(binary: _Output, stream: TextIO | None, errors: str) -> TextIO:
    encoding, errors = (stream.encoding, stream.errors or errors) if stream else ("utf-8", errors)
    buffer: Any = binary  # a BufferedWriter is what TextIOWrapper's types want; it writes to any raw stream
    return io.TextIOWrapper(buffer, encoding=encoding, errors=errors, write_through=True)


class _Output(io.RawIOBase):
    """What lies below a text stream. Closing it closes nothing: Python's own stream owns the descriptor."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream  # it would close the descriptor if nothing held it
        buffer = getattr(stream, "buffer", None)
        self._binary = getattr(buffer, "raw", buffer)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        if self._binary is None:
            raise io.UnsupportedOperation("fileno")
        return int(self._binary.fileno())

    def isatty(self) -> bool:
        return self._binary is not None and bool(self._binary.isatty())

    def _abandon(self) -> None:
        """Have everything that is still written go nowhere, also what a library writes past Python."""
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)
        self._binary = None


class _Stdout(_Output):
    """stdout: raises StdoutError where data is lost, and ends the command where its reader has read enough."""

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        if self._binary is None:
            raise StdoutError("stdout is closed, so the data cannot be written: open it, or send it to a file")
        rest = memoryview(data)
        try:
            while rest:
                count = self._binary.write(rest)
                if count is None:  # not a full disk, but a pipe that someone has set not to wait
                    raise StdoutError("stdout takes no data at the moment, and not all of it was written")
                rest = rest[count:]
        except BrokenPipeError:  # the reader has what it wanted, as `head` has
            self._abandon()
            raise typer.Exit(0) from None
        except OSError as error:
            self._abandon()
            reason = error.strerror or error
            raise StdoutError(f"not all of the data could be written to stdout: {reason}") from error
        return len(data)


class _Stderr(_Output):
    """stderr: drops what nobody takes.

    What is written here is said to whoever listens, and no command is run for it: a render goes on, and ends with its
    exit code, where the terminal is closed, the log's disk is full, or a pager stands still.
    """

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream)
        self._is_stuck = False

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        rest = memoryview(data)
        while rest and self._binary is not None and self._takes_some():
            try:
                count = self._binary.write(rest[:_CHUNK])
            except BrokenPipeError:
                self._abandon()
            except (OSError, ValueError):
                break  # it may work the next time: a disk has space again
            else:
                if not count:  # a terminal that someone has set not to wait
                    break
                rest = rest[count:]
        return len(data)

    def _takes_some(self) -> bool:
        """Whether a chunk can be written without waiting, at most `PATIENCE` for the first that cannot."""
        try:
            poll = select.poll()
            poll.register(self.fileno(), select.POLLOUT)
            self._is_stuck = not poll.poll(0 if self._is_stuck else PATIENCE * 1000)
        except (AttributeError, OSError, ValueError):  # a system without poll, a stream without a descriptor
            return True
        return not self._is_stuck
