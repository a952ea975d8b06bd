"""A studio: a workspace, what is done in it, and who is told of it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from zoomdream import __version__
from zoomdream.presets.shipped import shipped_presets
from zoomdream.studio.editing.documents import Documents, first_comment
from zoomdream.studio.events import Events
from zoomdream.studio.workspace import Workspace

_FOR_A_TERMINAL = "Give it a clip: --input clip.mp4"


class Studio:
    """All that the addresses of a studio share."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.events = Events()
        self.documents = Documents(workspace)

    def __enter__(self) -> Self:
        """Begin: go on with what an earlier studio has left."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End: what is rendered is interrupted, and goes on next time."""

    def listing(self) -> dict[str, Any]:
        """What is in the workspace."""
        return {
            "folder": str(self.workspace.folder),
            "presets": [*self._own_presets(), *_shipped_presets()],
            "sources": [],
            "films": [],
            "version": __version__,
        }

    def _own_presets(self) -> list[dict[str, Any]]:
        names = self.workspace.names("preset")
        return [_preset_facts(name, first_comment(self.workspace.folder / name), shipped=False) for name in names]

    def notice_preset(self, name: str, version: str) -> None:
        """Tell the pages that a preset has another text."""
        self.events.publish({"type": "preset", "name": name, "version": version})

    def notice_workspace(self) -> None:
        """Tell the pages that files have come or gone."""
        self.events.publish({"type": "workspace"})


def _shipped_presets() -> list[dict[str, Any]]:
    return [_preset_facts(name, about, shipped=True) for name, about in shipped_presets().items()]


def _preset_facts(name: str, about: str, *, shipped: bool) -> dict[str, Any]:
    stem = name if shipped else Path(name).stem
    return {
        "name": name,
        "title": stem[:1].upper() + stem[1:].replace("-", " ").replace("_", " "),
        "description": about.replace(_FOR_A_TERMINAL, "").strip(),
        "shipped": shipped,
        "poster": None,
    }
