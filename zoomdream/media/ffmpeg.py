"""One ffmpeg process as a resource: apart from the terminal, its stderr drained, ended and reaped in any event."""

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
_PATIENCE_SECONDS = 60.0
# ffmpeg's own summary of what the lines before it have said
_EMPTY_WORDS = re.compile(
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
        found = str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise ZoomdreamError(f"no ffmpeg was found: {way_out}") from error
    if shutil.which(found) is None:
        raise ZoomdreamError(f"ffmpeg {found} cannot be run: {way_out}")
    return found


def file_url(path: Path) -> str:
    """A name that ffmpeg takes for a file whatever it looks like: an option, `concat:`, a drive or a protocol."""
    return f"file:{path}"


def input_file(path: Path, *options: str) -> list[str]:
    """Arguments that open `path`; a playlist inside may name other files, never the network."""
    return [*options, "-protocol_whitelist", "file,pipe", "-i", file_url(path)]


def queue_length(frame_bytes: int) -> int:
    """How many frames may wait between ffmpeg and us: 2 to 16, and 64 MiB where that is in between."""
    return max(2, min(16, _QUEUE_BYTES // frame_bytes))


@dataclass(frozen=True)
class Finished:
    """What a short run of ffmpeg left: exit status, stdout and stderr."""

    status: int
    stdout: str
    stderr: str


def run(arguments: Sequence[str], *, loglevel: str = "info") -> Finished:
    """Run ffmpeg to its end and return what it said. For runs with small outputs."""
    done = subprocess.run(
        _command(arguments, loglevel),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        env=_environment(),
        check=False,
    )
    return Finished(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def last_words(stderr: str, most: int = 2) -> str:
    """The last lines of ffmpeg's stderr that say something, without memory addresses, as one phrase."""
    words = [_CONTEXT.sub("", line).strip().rstrip(".") for line in stderr.splitlines()]
    telling = [word for word in words if word and not _EMPTY_WORDS.match(word)]
    return "; ".join(dict.fromkeys((telling or words)[-most:])) or "no reason given"


class FFmpeg:
    """A running ffmpeg. Leaving the `with` block kills it if it still runs, and reaps it.

    It runs in a session of its own: Ctrl-C in a terminal reaches the whole process group, and an encoder that dies by
    itself cannot be ended cleanly. `stdin` and `stdout` are pipes where asked for. stderr is read by a thread, for a
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
        self._said: deque[str] = deque(maxlen=_LINES_KEPT)
        self._drain = threading.Thread(target=self._listen, name="ffmpeg-stderr", daemon=True)
        self._drain.start()

    @property
    def stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
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

    def said(self) -> str:
        """The end of its stderr. Waits for the process to end: to be called when a pipe broke."""
        self.wait(_PATIENCE_SECONDS)
        return "".join(self._said)

    def kill(self) -> None:
        """End it at once; whoever is blocked on one of its pipes is freed."""
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

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said.append(line.decode(errors="replace"))


def _command(arguments: Sequence[str], loglevel: str) -> list[str]:
    return [executable(), *_COMMON, "-loglevel", loglevel, *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "AV_LOG_FORCE_NOCOLOR": "1"}
