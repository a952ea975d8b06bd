"""A studio: a workspace, what is done in it, and who is told of it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from zoomdream import __version__
from zoomdream.errors import ZoomdreamError
from zoomdream.presets.sample_pictures import is_sample
from zoomdream.presets.shipped import shipped_files
from zoomdream.studio.editing.documents import Documents, Head, head_of
from zoomdream.studio.events import Events
from zoomdream.studio.files.clips import ClipIndex
from zoomdream.studio.files.films import Films
from zoomdream.studio.files.posters import Posters
from zoomdream.studio.files.sources import MOST_BYTES, Sources
from zoomdream.studio.jobs.queue import Jobs
from zoomdream.studio.jobs.record import Job
from zoomdream.studio.page_files import PAGE
from zoomdream.studio.previews.cuts import Cuts
from zoomdream.studio.previews.previews import Preview, Previews
from zoomdream.studio.watching import Watch
from zoomdream.studio.workspace import Workspace

_FOR_A_TERMINAL = "Give it a clip: --input clip.mp4"


class Studio:
    """All that the addresses of a studio share. Entering it begins its work: jobs of an earlier studio go on."""

    def __init__(self, workspace: Workspace, *, most_bytes: int = MOST_BYTES) -> None:
        self.workspace = workspace
        self.events = Events()
        self.documents = Documents(workspace)
        clips = ClipIndex(workspace.state / "clips.json")
        self.posters = Posters(workspace.state / "posters")
        self.sources = Sources(workspace, clips, self.posters, most_bytes)
        self.films = Films(workspace, clips, self.posters)
        self.jobs = Jobs(workspace, self._tell_job)
        self.previews = Previews(workspace, self._tell_preview)
        self.cuts = Cuts(workspace.state / "cuts", lambda: self.events.publish({"type": "cuts"}))
        self.watch = Watch(workspace, self.notice_preset, self.notice_workspace)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Begin: go on with what an earlier studio has left."""
        with ExitStack() as opened:
            opened.callback(self.cuts.close)
            for part in (self.previews, self.jobs, self.watch):
                part.open()
                opened.callback(part.close)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End: what is rendered is interrupted, and goes on next time."""
        self._open.close()

    def listing(self) -> dict[str, Any]:
        """What is in the workspace."""
        return {
            "folder": str(self.workspace.folder),
            "presets": [
                *(self._own_preset(name) for name in self.workspace.names("preset")),
                *(_shipped_preset(name, path) for name, path in shipped_files().items()),
            ],
            "sources": self.sources.listing(),
            "films": self.films.listing(),
            "version": __version__,
        }

    def _own_preset(self, name: str) -> dict[str, Any]:
        head = head_of(self.workspace.folder / name)
        return _preset_facts(name, head, self._poster_of_source(head.source), shipped=False)

    def _poster_of_source(self, source: str) -> str | None:
        """The address of a picture of a preset's source; None where there is none."""
        try:
            self.sources.file(source)
        except ZoomdreamError:
            return None
        return f"/api/sources/{quote(source)}/poster" if self.sources.kind(source) != "sound" else None

    def notice_preset(self, name: str, version: str) -> None:
        """Tell the pages that a preset has another text."""
        self.events.publish({"type": "preset", "name": name, "version": version})

    def notice_workspace(self) -> None:
        """Tell the pages that files have come or gone."""
        self.events.publish({"type": "workspace"})

    def _tell_job(self, job: Job) -> None:
        self.events.publish({"type": "job", "job": job.facts()})
        if job.state == "done":
            self.notice_workspace()

    def _tell_preview(self, preview: Preview) -> None:
        if preview.state != "replaced":
            self.events.publish({"type": "preview", "preview": preview.facts()})


def _shipped_preset(name: str, path: Path) -> dict[str, Any]:
    head = head_of(path)
    poster = f"/page/posters/{name}.webp" if (PAGE / "posters" / f"{name}.webp").is_file() else None
    if poster is None and is_sample(head.source):
        poster = f"/api/sources/{head.source}/poster"
    return _preset_facts(name, head, poster, shipped=True)


def _preset_facts(name: str, head: Head, poster: str | None, *, shipped: bool) -> dict[str, Any]:
    stem = name if shipped else Path(name).stem
    return {
        "name": name,
        "title": stem[:1].upper() + stem[1:].replace("-", " ").replace("_", " "),
        "description": head.about.replace(_FOR_A_TERMINAL, "").strip(),
        "shipped": shipped,
        "poster": poster,
    }
