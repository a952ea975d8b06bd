"""ffmpeg as a process: out of reach of the terminal's Ctrl-C, its stderr drained, always ended and reaped.

On Linux it ends with this process, however that ends: see `_end_with_parent`.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import imageio_ffmpeg

from zoomdream import interruption
from zoomdream.errors import FFmpegError, ZoomdreamError

_COMMON = ("-hide_banner", "-nostdin", "-nostats")
_LINES_KEPT = 40
_QUEUE_BYTES = 64 * 2**20
_EXIT_TIMEOUT = 60.0  # seconds that a process whose pipe broke has to end by itself
KILL_TIMEOUT = 10.0  # seconds until one that was killed and does not end, as on a dead network disk, is left behind
_TERMINATED = 255  # ffmpeg's own exit status after SIGTERM and the like; an error that has it also has a line on stderr
# Lines that only say that something failed, after lines that say what.
_SUMMARY_LINE = re.compile(
    r"Conversion failed!|Nothing was written into output|Task finished|Terminating thread|"
    r"Error (opening (in|out)put files?\b|muxing|submitting|sending|closing|writing trailer|parsing)|"
    r"Could not open encoder before EOF"
)
_ERROR_LEVEL = re.compile(r"\[(?:error|fatal|panic)\] ")  # as `-loglevel level+info` marks lines
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


def run(arguments: Sequence[str], reads: Path, *, loglevel: str = "info") -> RunResult:
    """Run ffmpeg, which reads the file `reads`, to its end. All output is held in memory: for runs with little of it.

    Raises FFmpegError where it cannot be started or is ended by a signal.
    """
    process = _start(arguments, loglevel, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        with interruption.waiting(f"ffmpeg to read {reads.name} (process {process.pid})"):
            stdout, stderr = (output.decode(errors="replace") for output in process.communicate())
    except BaseException:
        process.kill()
        if _is_reaped(process):
            _close_pipes(process)
        raise
    if process.returncode < 0:
        raise FFmpegError(f"ffmpeg was ended by {signal_name(-process.returncode)} while it read {reads}")
    return RunResult(process.returncode, stdout, stderr)


@functools.cache
def ffmpeg_version() -> str:
    """What ffmpeg says of itself: its version decides a decoded frame's bits. Raises FFmpegError."""
    words = run(["-version"], Path(executable())).stdout.split(maxsplit=3)  # `ffmpeg version 7.1 Copyright ...`
    return words[2] if len(words) > 2 else ""


@functools.cache
def _parts(kind: str) -> frozenset[str]:
    """The names in a list of what ffmpeg is built with, such as `-decoders`: the second word of each line."""
    lines = run([kind], Path(executable())).stdout.splitlines()
    return frozenset(words[1] for words in map(str.split, lines) if len(words) > 2)


def has_decoder(name: str) -> bool:
    """Whether this ffmpeg is built with a decoder. Raises FFmpegError."""
    return name in _parts("-decoders")


def has_filter(name: str) -> bool:
    """Whether this ffmpeg is built with a filter. Raises FFmpegError."""
    return name in _parts("-filters")


def signal_name(number: int) -> str:
    """Such as `signal 9 (SIGKILL)`."""
    known = {int(known): known.name for known in signal.Signals}
    return f"signal {number} ({known[number]})" if number in known else f"signal {number}"


def error_summary(stderr: str, most: int = 2) -> str:
    """The last `most` lines of ffmpeg's stderr that name a cause, without memory addresses, as one phrase."""
    lines = [_CONTEXT.sub("", line).strip().rstrip(".") for line in stderr.splitlines()]
    causes = [line for line in lines if line and not _SUMMARY_LINE.match(line)]
    return "; ".join(dict.fromkeys((causes or lines)[-most:])) or "no reason given"


class FFmpeg:
    """A running ffmpeg. Leaving the `with` block kills it if it still runs, and reaps it.

    It runs in a session of its own: Ctrl-C in a terminal reaches the whole process group, and would end the encoder
    before its file is complete. `stdin` and `stdout` are pipes where asked for. stderr is read by a thread, for a
    full pipe would stop ffmpeg; the last lines are kept for error messages. `on_info` is called with each line that is
    no error, in that thread, and at last with None; without it ffmpeg says errors alone.

    On Linux it also ends with the thread that starts it. Raises FFmpegError where it cannot be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        stdin: bool = False,
        stdout: bool = False,
        on_info: Callable[[str | None], None] | None = None,
    ) -> None:
        self._on_info = on_info
        self._process = _start(
            arguments,
            "level+info" if on_info else "error",
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE if stdout else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._is_killed = False
        self._error_lines: deque[str] = deque(maxlen=_LINES_KEPT)
        try:
            self._drain = start_thread(self._read_stderr, "ffmpeg-stderr")
        except BaseException:
            self._process.kill()
            if _is_reaped(self._process):
                _close_pipes(self._process)
            raise

    @property
    def process_id(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def end_signal(self) -> int | None:
        """The signal from outside that has ended it; None where it runs, ended by itself or was killed by `kill`."""
        status = self._process.poll()
        if status is None or self._is_killed:
            return None
        if status == _TERMINATED and not self.error_output():
            return int(signal.SIGTERM)
        return -status if status < 0 else None

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
            self.kill()
        self._drain.join()
        return self._process.wait()

    def error_output(self) -> str:
        """The last lines of its stderr. Waits for the process to end: to be called when a pipe broke."""
        self.wait(_EXIT_TIMEOUT)
        return "".join(self._error_lines)

    def kill(self) -> None:
        """End it at once; a thread that is blocked on one of its pipes goes on."""
        if self._process.poll() is None:
            self._is_killed = True
            self._process.kill()

    def close(self) -> None:
        """Kill it if it still runs, reap it, close the pipes. Safe to call twice.

        One that does not end in KILL_TIMEOUT seconds is left behind, with its pipes: closing them would wait as well.
        """
        self.kill()
        with interruption.waiting(f"ffmpeg to end (process {self.process_id})"):
            if not _is_reaped(self._process):
                return
            self._drain.join(KILL_TIMEOUT)
        if not self._drain.is_alive():
            _close_pipes(self._process)

    def __enter__(self) -> FFmpeg:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        try:
            for line in self._process.stderr:
                text = line.decode(errors="replace")
                if self._on_info is None:
                    self._error_lines.append(text)
                elif _ERROR_LEVEL.search(text):
                    self._error_lines.append(_ERROR_LEVEL.sub("", text, count=1))
                else:
                    self._on_info(text)
        except BaseException:  # no memory for a line: a full pipe would stop ffmpeg, and its reader, for ever
            self.kill()
            raise
        finally:
            if self._on_info is not None:
                self._on_info(None)


def start_thread(run: Callable[[], None], name: str) -> threading.Thread:
    """Start a thread beside ffmpeg, which does not hold up the end of the program. Raises FFmpegError."""
    thread = threading.Thread(target=run, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise FFmpegError(f"ffmpeg could not be started: {error}") from error
    return thread


def _start(arguments: Sequence[str], loglevel: str, *, stdin: int, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    try:
        Path(executable()).stat()  # setpriv would start, and fail then
        return subprocess.Popen(
            [*_end_with_parent(), executable(), *_COMMON, "-loglevel", loglevel, *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            env={**os.environ, "AV_LOG_FORCE_NOCOLOR": "1", "SVT_LOG": "1"},  # SVT-AV1 also says how it is built
        )
    except OSError as error:  # no more processes, open files or memory
        raise FFmpegError(f"ffmpeg could not be started: {error.strerror}") from error


@functools.cache
def _end_with_parent() -> tuple[str, ...]:
    """The beginning of a command that the kernel is to kill when its parent ends, even by kill -9.

    The parent is, to the kernel, the thread that started it. Only Linux has this; elsewhere an encoder ends with its
    stdin, and a reader with its stdout, unless it is stopped. util-linux's setpriv asks for it and becomes the program
    that follows. Asking between fork and exec would copy this process's tables of memory for each start: 70 ms.
    """
    path = shutil.which("setpriv") if sys.platform == "linux" else None
    return (path, "--pdeathsig", "KILL", "--") if path else ()


def _is_reaped(process: subprocess.Popen[bytes]) -> bool:
    """Wait for a process that was killed; False where it does not end."""
    try:
        process.wait(KILL_TIMEOUT)
    except subprocess.TimeoutExpired:
        return False
    return True


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):  # what is left in the buffer of a broken pipe
                pipe.close()
