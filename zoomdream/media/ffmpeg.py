"""ffmpeg as a process: out of reach of the terminal's Ctrl-C, its stderr drained, always ended and reaped."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import imageio_ffmpeg

from zoomdream.errors import ZoomdreamError

_COMMON = ("-hide_banner", "-nostdin", "-nostats")
_LINES_KEPT = 40
_QUEUE_BYTES = 64 * 2**20
_EXIT_TIMEOUT = 60.0  # seconds that a process whose pipe broke has to end by itself
# Lines that only say that something failed, after lines that say what.
_SUMMARY_LINE = re.compile(
    r"Conversion failed!|Nothing was written into output|Task finished|Terminating thread|"
    r"Error (opening (in|out)put files?\b|muxing|submitting|sending|closing|writing trailer|parsing)|"
    r"Could not open encoder before EOF"
)
_CONTEXT = re.compile(r"\[[^\]]* @ 0x[0-9a-f]+\] ")


@functools.cache
def executable() -> str:
    """Path of the ffmpeg to use: `IMAGEIO_FFMPEG_EXE` if set, else the one inside imageio-ffmpeg's wheel."""
    way_out = "reinstall imageio-ffmpeg, or set IMAGEIO_FFMPEG_EXE to the path of one"
    try:
        path = str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise ZoomdreamError(f"no ffmpeg was found: {way_out}") from error
    if shutil.which(path) is None:
        raise ZoomdreamError(f"ffmpeg {path} cannot be run: {way_out}")
    return path


def file_url(path: Path) -> str:
    """A URL that ffmpeg opens as a file, even where the name looks like an option, `concat:`, a drive or a protocol."""
    return f"file:{path}"


def input_file(path: Path, *options: str) -> list[str]:
    """ffmpeg's arguments that open `path`, with input `options`; a playlist in it may name files, but no network."""
    return [*options, "-protocol_whitelist", "file,pipe", "-i", file_url(path)]


def queue_length(frame_bytes: int) -> int:
    """How many frames of `frame_bytes` may wait between ffmpeg and Python: as many as fit 64 MiB, but 2 to 16."""
    return max(2, min(16, _QUEUE_BYTES // frame_bytes))


@dataclass(frozen=True)
class RunResult:
    """Exit status and output of a run of ffmpeg that has ended."""

    status: int
    stdout: str
    stderr: str


def run(arguments: Sequence[str], *, loglevel: str = "info") -> RunResult:
    """Run ffmpeg to its end. All output is held in memory: for runs with little of it."""
    process = subprocess.run(
        _command(arguments, loglevel),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        env=_environment(),
        check=False,
    )
    stdout, stderr = (output.decode(errors="replace") for output in (process.stdout, process.stderr))
    return RunResult(process.returncode, stdout, stderr)


def error_summary(stderr: str, most: int = 2) -> str:
    """The last `most` lines of ffmpeg's stderr that name a cause, without memory addresses, as one phrase."""
    lines = [_CONTEXT.sub("", line).strip().rstrip(".") for line in stderr.splitlines()]
    causes = [line for line in lines if line and not _SUMMARY_LINE.match(line)]
    return "; ".join(dict.fromkeys((causes or lines)[-most:])) or "no reason given"


class FFmpeg:
    """A running ffmpeg. Leaving the `with` block kills it if it still runs, and reaps it.

    It runs in a session of its own: Ctrl-C in a terminal reaches the whole process group, and would end the encoder
    before its file is complete. `stdin` and `stdout` are pipes where asked for. stderr is read by a thread, for a
    full pipe would stop ffmpeg; the last lines are kept for error messages.
    """

    def __init__(self, arguments: Sequence[str], *, stdin: bool = False, stdout: bool = False) -> None:
        self._process = subprocess.Popen(
            _command(arguments, "error"),
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE if stdout else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=_environment(),
        )
        self._error_lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._drain = threading.Thread(target=self._read_stderr, name="ffmpeg-stderr", daemon=True)
        self._drain.start()

    @property
    def stdin(self) -> IO[bytes]:
        """The pipe into it, where `stdin` was asked for."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """The pipe out of it, where `stdout` was asked for."""
        assert self._process.stdout is not None
        return self._process.stdout

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit status; after `timeout` seconds it is killed."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._drain.join()
        return self._process.wait()

    def error_output(self) -> str:
        """The last lines of its stderr. Waits for the process to end: to be called when a pipe broke."""
        self.wait(_EXIT_TIMEOUT)
        return "".join(self._error_lines)

    def kill(self) -> None:
        """End it at once; a thread that is blocked on one of its pipes goes on."""
        self._process.kill()

    def close(self) -> None:
        """Kill it if it still runs, reap it, close the pipes. Safe to call twice."""
        self.kill()
        self.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):  # what is left in the buffer of a broken pipe
                    pipe.close()

    def __enter__(self) -> FFmpeg:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._error_lines.append(line.decode(errors="replace"))


def _command(arguments: Sequence[str], loglevel: str) -> list[str]:
    return [executable(), *_COMMON, "-loglevel", loglevel, *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "AV_LOG_FORCE_NOCOLOR": "1"}
