"""A process that makes previews, kept warm: requests and reports are lines of JSON on its stdin and stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, Any

Report = Mapping[str, Any]

WORKER = "zoomdream.studio.previews.worker"
_SECONDS_TO_END = 3.0


class PreviewProcess:
    """A worker's process; `on_report` is called in a thread with each of its reports, `on_end` when it has ended.

    It ends when its stdin does, and so with the studio, however that ends. Raises OSError where it cannot be started.
    """

    def __init__(self, kind: str, on_report: Callable[[Report], None], on_end: Callable[[int], None]) -> None:
        self._on_report = on_report
        self._on_end = on_end
        self._process = subprocess.Popen(
            [sys.executable, "-m", WORKER, kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONIOENCODING": "utf-8:surrogateescape"},
            start_new_session=True,
        )
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, name=f"preview-{kind}", daemon=True)
        self._thread.start()

    def send(self, request: Mapping[str, Any]) -> None:
        """Send a request, or that one is not wanted any more. A process that has ended tells by `on_end`."""
        assert self._process.stdin is not None
        with self._lock, suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def close(self) -> None:
        """End it, and wait until it has ended."""
        assert self._process.stdin is not None
        with self._lock, suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join(_SECONDS_TO_END)

    def _read(self) -> None:
        assert self._process.stdout is not None
        stdout: IO[bytes] = self._process.stdout
        with stdout:
            for line in stdout:
                try:
                    report = json.loads(line)
                except ValueError:
                    continue  # a library's words
                if isinstance(report, dict) and "event" in report:
                    self._on_report(report)
        self._on_end(self._process.wait())
