"""Notices files that come, go and change in the workspace by other programs' doing."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from zoomdream.errors import PresetError
from zoomdream.presets.text_files import read_text
from zoomdream.studio.editing.documents import version_of
from zoomdream.studio.workspace import SUFFIXES, Workspace

SECONDS = 1.5
"""Between two looks."""

Stamp = tuple[int, int]
"""A file's size and time of change."""


class Watch:
    """Looks through a workspace's folder from time to time.

    `on_preset` is given the name and the version of a preset that has another text, `on_files` is called when files
    have come or gone.
    """

    def __init__(
        self, workspace: Workspace, on_preset: Callable[[str, str], None], on_files: Callable[[], None]
    ) -> None:
        self._workspace = workspace
        self._on_preset, self._on_files = on_preset, on_files
        self._stamps = self._stamps_now()
        self._closing = Event()
        self._thread = Thread(target=self._run, name="watch", daemon=True)

    def open(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closing.set()
        self._thread.join()

    def look(self) -> None:
        """Compare the folder with what it was at the last look, and tell."""
        before, now = self._stamps, self._stamps_now()
        self._stamps = now
        presets = [name for name in now if name in before and now[name] != before[name] and _is_preset(name)]
        for name in presets:
            with suppress(PresetError):  # being written, or no text: what opens it says so
                self._on_preset(name, version_of(read_text(self._workspace.folder / name)))
        others = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
        if others.difference(presets):
            self._on_files()

    def _run(self) -> None:
        while not self._closing.wait(SECONDS):
            with suppress(OSError):  # a network disk that has gone for a while
                self.look()

    def _stamps_now(self) -> dict[str, Stamp]:
        kinds = tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
        stamps = {}
        for entry in os.scandir(self._workspace.folder):
            if entry.name.lower().endswith(kinds) and not entry.name.startswith("."):
                with suppress(OSError):
                    status = entry.stat()
                    stamps[entry.name] = status.st_size, status.st_mtime_ns
        return stamps


def _is_preset(name: str) -> bool:
    return name.lower().endswith(SUFFIXES["preset"])
