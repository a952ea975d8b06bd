"""Renders in processes of their own, at whose progress a test waits for the moment of a fault.

The processes are forked from a server that has imported zoomdream and PyTorch, which takes longer than a small film.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import psutil

DEADLINE = 240.0
"""Seconds after which a render that hangs is killed: a test fails then instead of waiting for ever."""

_PRELOADED = [
    *(
        "zoomdream.__main__",
        "zoomdream.cli.commands.films",
        "zoomdream.cli.progress.progress_bar",
        "zoomdream.cli.watchdog",
    ),
    *("zoomdream.films.preparation", "zoomdream.films.rendering", "zoomdream.films.warnings", __name__),
]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(_PRELOADED)

_PRESET = """zoomdream: 1
source: {source}
canvas: {{size: 64x48{length}}}
dream: {{layers: {{fire2: 1}}, octaves: 1, steps: 1}}
output: {{speed: ultrafast}}
{more}
"""


def zoom_preset(path: Path, frames: int) -> Path:
    """A preset of a film from a picture; a frame takes some milliseconds."""
    length = f", fps: 24, duration: {frames}f"
    path.write_text(
        _PRESET.format(source="sample:clouds", length=length, more="camera: {zoom: 1.3, rotate: 4}"), encoding="utf-8"
    )
    return path


def video_preset(path: Path, clip: str) -> Path:
    """A preset of a film over a clip in the same folder."""
    path.write_text(_PRESET.format(source=clip, length="", more="carry: {steps: 1, strength: 0.9}"), encoding="utf-8")
    return path


@dataclass
class Render:
    """A running `zoomdream render`. Leaving the `with` block kills it if it still runs."""

    process: BaseProcess
    stderr: TextIO
    lines: list[str] = field(default_factory=list)
    """What it has said for a person so far: lines of stderr that are no JSON."""
    reports: list[dict[str, Any]] = field(default_factory=list)
    """The JSON lines so far."""

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self.process.pid is not None
        return self.process.pid

    def wait_for(self, event: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Read up to the first JSON line of which `event` is true."""
        for line in self.stderr:
            if not line.startswith("{"):
                self.lines.append(line.rstrip())
                continue
            report = json.loads(line)
            self.reports.append(report)
            if event(report):
                return report
        raise AssertionError(f"it has ended: {self.lines}")

    def wait_for_frame(self, number: int) -> None:
        """Wait until this run has dreamed frame `number`, counted from 1."""
        self.wait_for(lambda report: report.get("frame", 0) >= number and report["frame"] > report["before"])

    def send(self, *signals: int) -> None:
        """Send it signals."""
        for number in signals:
            os.kill(self.pid, number)

    def children(self) -> list[psutil.Process]:
        """The processes that it has started."""
        return psutil.Process(self.pid).children()

    def end(self) -> int:
        """Read to the end; the exit code, negative for a signal that it did not handle."""
        for line in self.stderr:
            if line.startswith("{"):
                self.reports.append(json.loads(line))
            else:
                self.lines.append(line.rstrip())
        self.process.join()
        assert self.process.exitcode is not None
        return self.process.exitcode

    def __enter__(self) -> Render:
        self._deadline = threading.Timer(DEADLINE, self.process.kill)
        self._deadline.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deadline.cancel()
        self.process.kill()
        self.process.join()
        self.stderr.close()


def start(
    *arguments: object,
    folder: Path | None = None,
    prepare: Callable[[], object] | None = None,
    environment: Mapping[str, str | None] | None = None,
) -> Render:
    """Start `zoomdream render` with these arguments, in a folder.

    `prepare`, a function of a module, is called in the new process, its working folder being `folder`; `environment`
    changes its variables, None removes one. Signals are as in a terminal.
    """
    reader, writer = _context.Pipe(duplex=False)
    words = ["render", *map(str, arguments), "--progress", "json"]
    process = _context.Process(target=_main, args=(words, writer, folder, prepare, dict(environment or {})))
    process.start()
    writer.close()
    stderr = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
    reader.close()
    return Render(process, stderr)


def run(*arguments: object, **options: Any) -> tuple[int, list[str]]:
    """Render to the end: the exit code and the lines for a person."""
    with start(*arguments, **options) as render:
        code = render.end()
    return code, render.lines


def _main(
    arguments: Sequence[str],
    stderr: Connection,
    folder: Path | None,
    prepare: Callable[[], object] | None,
    environment: Mapping[str, str | None],
) -> None:
    """What the new process does."""
    from zoomdream.__main__ import main

    null = os.open(os.devnull, os.O_RDWR)
    for number, descriptor in enumerate((null, null, stderr.fileno())):
        os.dup2(descriptor, number)
    stderr.close()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, value in environment.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    if folder is not None:
        os.chdir(folder)
    if prepare is not None:
        prepare()
    sys.argv = ["zoomdream", *arguments]
    main()
