"""The process that renders a job: the command line's own `render`, whose progress is read line by line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import psutil

PATIENCE = 3.0
"""Seconds that a process gets to end by itself before it is asked again, and then ended."""

_NICENESS = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 5)  # Windows has classes, other systems numbers
RENDERER = "zoomdream.studio.jobs.renderer"

OnReport = Callable[[Mapping[str, Any]], None]
"""Given each report of progress: `frame`, `frames`, `fps`, `eta_s`, `now`."""


class RenderProcess:
    """A running render. Raises OSError where it cannot be started.

    It runs in a session of its own, so that Ctrl-C in the studio's terminal does not reach it twice. It ends with the
    studio, as its stdin does.
    """

    def __init__(self, arguments: Sequence[str], folder: Path, log: Path) -> None:
        self._log = log
        self._process = subprocess.Popen(
            [sys.executable, "-m", RENDERER, *arguments],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8:backslashreplace"},
            start_new_session=True,
        )
        with suppress(psutil.Error, OSError):  # previews that someone waits for come first
            psutil.Process(self._process.pid).nice(_NICENESS)
        self.lines: list[str] = []
        """What it has said to people, the last lines of it."""

    @property
    def identity(self) -> tuple[int, float]:
        """Its id, and when it began."""
        try:
            return self._process.pid, psutil.Process(self._process.pid).create_time()
        except psutil.Error:
            return self._process.pid, 0.0

    def follow(self, on_report: OnReport, on_line: Callable[[str], None]) -> int:
        """Read what it says to its end, and return its exit status: negative for a signal."""
        assert self._process.stderr is not None
        assert self._process.stdin is not None
        with self._process.stdin, self._log.open("a", encoding="utf-8") as log, self._process.stderr as stderr:
            for raw in stderr:
                self._take(raw.decode(errors="replace").rstrip("\r\n"), log, on_report, on_line)
        return self._process.wait()

    def _take(self, line: str, log: TextIO, on_report: OnReport, on_line: Callable[[str], None]) -> None:
        report = report_in(line)
        if report is not None:
            on_report(report)
            return
        if not line.strip():
            return
        log.write(line + "\n")
        log.flush()
        self.lines = [*self.lines[-99:], line]
        on_line(line)

    def interrupt(self) -> None:
        """Ask it to end after the frame that it is at; its finished frames are kept."""
        with suppress(ProcessLookupError):
            self._process.terminate()

    def end(self) -> None:
        """End it soon: a second request stops it at once, and what does not heed that is killed. Does not wait."""
        self.interrupt()
        threading.Thread(target=self._insist, name="ending-a-render", daemon=True).start()

    def _insist(self) -> None:
        for ask in (self._process.terminate, self._process.kill):
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    ask()
            else:
                return


def report_in(line: str) -> Mapping[str, Any] | None:
    """A line of progress; None for a line that is for people."""
    if not line.startswith("{"):
        return None
    try:
        report = json.loads(line)
    except ValueError:
        return None
    return report if isinstance(report, dict) and "frames" in report else None


def end_left_over(identity: tuple[int, float]) -> None:
    """End the process that an earlier studio has started, if it still runs, and wait for it."""
    number, began = identity
    try:
        process = psutil.Process(number)
        if abs(process.create_time() - began) > 1:  # another one has its number now
            return
        process.terminate()
        try:
            process.wait(PATIENCE)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE)
    except psutil.Error:
        return


def ended_by(status: int, lines: Sequence[str]) -> str:
    """Why a render that failed has ended, in a sentence."""
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if errors:
        return errors[-1]
    if status < 0:
        return f"the process was ended by signal {-status}; the system does that to what takes too much memory"
    return lines[-1] if lines else f"the process ended with status {status} and without a word"


def without_options(sentence: str) -> str:
    """A sentence without the ways out that a terminal has: `a.mp4 exists` of `a.mp4 exists; replace it with -y`."""
    return re.sub(r"(; |, or )[^;]*?(?<!\S)--?[a-z][a-z-]*[^;]*", "", sentence)
