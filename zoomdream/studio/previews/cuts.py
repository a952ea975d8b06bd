"""Where new shots begin in the clips that films are over: looked for once, by a process of their own, and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from zoomdream.films.previews.outline import Outline
from zoomdream.output_files import whole_file
from zoomdream.studio.previews.process import PreviewProcess, Report


class Cuts:
    """The cuts of a workspace's clips. Threads may use it at the same time; `on_found` is called with each result."""

    def __init__(self, folder: Path, on_found: Callable[[], None]) -> None:
        self._folder = folder
        self._on_found = on_found
        self._lock = Lock()
        self._process: PreviewProcess | None = None
        self._wanted: set[str] = set()
        self._hopeless: set[str] = set()
        self._closed = False

    def of(self, film: Outline) -> list[float] | None:
        """The cuts of a film, in seconds of it; None where they are being looked for, or cannot be found."""
        if film.clip is None:
            return []
        name = _name(film)
        with suppress(OSError, ValidationError):
            return TypeAdapter(list[float]).validate_json(self._file(name).read_bytes())
        with self._lock:
            if not self._closed and name not in self._wanted | self._hopeless:
                self._wanted.add(name)
                self._look(name, film)
        return None

    def close(self) -> None:
        """Look no more."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            process.close()

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _look(self, name: str, film: Outline) -> None:
        if self._process is None:
            self._process = PreviewProcess("cuts", self._on_report, self._on_end)
        self._process.send({"id": name, "preset": film.preset.located_text, "folder": str(self._folder)})

    def _on_report(self, report: Report) -> None:
        name = str(report["id"])
        if report["event"] == "cuts" and report["seconds"] is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            with whole_file(self._file(name)) as part:
                part.write_text(json.dumps(report["seconds"]), encoding="utf-8")
        if report["event"] not in ("done", "failed"):
            return
        with self._lock:
            self._wanted.discard(name)
            if not self._file(name).is_file():
                self._hopeless.add(name)
        self._on_found()

    def _on_end(self, status: int) -> None:
        with self._lock:
            self._hopeless |= self._wanted
            self._wanted.clear()
            self._process = None


def _name(film: Outline) -> str:
    """What the cuts of a film are kept under: another file, stretch or rate has another name."""
    assert film.clip is not None
    status = film.clip.path.stat()
    facts = f"{film.clip.path} {status.st_mtime_ns} {status.st_size} {film.first} {film.clock.frames} {film.clock.fps}"
    return hashlib.sha256(facts.encode(errors="surrogatepass")).hexdigest()[:32]
