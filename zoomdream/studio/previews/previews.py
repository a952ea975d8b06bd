"""What is previewed: one request of each kind at a time, a newer one in place of an older, by warm processes."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Literal, get_args

from zoomdream.presets.preset import Preset
from zoomdream.studio.answers import Refused
from zoomdream.studio.previews.process import PreviewProcess, Report
from zoomdream.studio.workspace import Workspace
from zoomdream.temporary_files import remove

PreviewKind = Literal["frame", "motion", "draft"]
PreviewState = Literal["waiting", "running", "done", "failed", "replaced"]

_MOST_KEPT = 24  # previews: the files of older ones go
_OPEN = ("waiting", "running")


@dataclass(frozen=True)
class Preview:
    """A frame, a motion or a draft that was asked for."""

    id: str
    kind: PreviewKind
    at: float | None
    """Of a frame: its time, in seconds of the film."""
    state: PreviewState = "waiting"
    done: int = 0
    total: int | None = None
    how: str = ""
    """Of a frame that is done: `journal`, `exact` or `stand-in`."""
    message: str = ""
    pictures: int = 0
    """How many there have been: the newest is shown."""
    picture: Path | None = None
    film: Path | None = None

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        url = f"/api/previews/{self.id}"
        return {
            "id": self.id,
            "kind": self.kind,
            "at": self.at,
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "how": self.how,
            "message": self.message,
            "picture": f"{url}/picture?n={self.pictures}" if self.picture else None,
            "url": f"{url}/film" if self.film else None,
        }


class Previews:
    """The previews of a workspace. Threads may use it at the same time; `on_change` is told of each change."""

    def __init__(self, workspace: Workspace, on_change: Callable[[Preview], None]) -> None:
        self._folder = workspace.state / "previews"
        self._on_change = on_change
        self._lock = Lock()
        self._previews: dict[str, Preview] = {}
        self._processes: dict[str, PreviewProcess] = {}
        self._closed = False

    def open(self, warm: Iterable[PreviewKind] = ("frame", "motion")) -> None:
        """Begin with an empty folder, and start the processes that are to be warm when they are needed."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        with self._lock:
            for kind in warm:
                self._process(kind)

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            self._closed = True
            processes = list(self._processes.values())
        for process in processes:
            process.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def request(self, kind: object, preset: Preset, at: float | None = None, film: Path | None = None) -> Preview:
        """Ask for a preview; one of the same kind that is not done yet is replaced.

        `film` is where the film of the preset would be, whose journal may hold the frame. Raises Refused.
        """
        if kind not in get_args(PreviewKind):
            raise Refused(400, f"kind is {kind!r:.40}: it must be one of {', '.join(get_args(PreviewKind))}")
        if kind == "frame" and at is None:
            raise Refused(400, "at is missing: it is the frame's time, in seconds of the film")
        preview = Preview(secrets.token_hex(6), kind, at)  # type: ignore[arg-type]
        with self._lock:
            replaced = [each for each in self._previews.values() if each.kind == kind and each.state in _OPEN]
            process = self._process(str(kind))
            for each in replaced:
                self._previews[each.id] = replace(each, state="replaced")
                process.send({"cancel": each.id})
            self._previews[preview.id] = preview
            request = {
                "id": preview.id,
                "preset": preset.located_text,
                "at": at,
                "folder": str(self._folder),
                "film": str(film) if film else None,
            }
            process.send(request)
            self._tidy()
        for each in replaced:
            self._tell(each.id)
        return preview

    def get(self, preview_id: str) -> Preview:
        """A preview. Raises Refused: 404."""
        with self._lock:
            if preview_id not in self._previews:
                raise Refused(404, "this preview is not there (any more)")
            return self._previews[preview_id]

    def picture(self, preview_id: str) -> Path:
        """The newest picture. Raises Refused: 404 before the first."""
        preview = self.get(preview_id)
        if preview.picture is None or not preview.picture.is_file():
            raise Refused(404, "there is no picture yet")
        return preview.picture

    def film(self, preview_id: str) -> Path:
        """The film of a motion or a draft. Raises Refused: 404 before it is done."""
        preview = self.get(preview_id)
        if preview.film is None or not preview.film.is_file():
            raise Refused(404, "there is no film yet")
        return preview.film

    # -- with the lock ------------------------------------------------------------------------------------------------

    def _process(self, kind: str) -> PreviewProcess:
        if self._closed:
            raise Refused(503, "the studio is being closed")
        process = self._processes.get(kind)
        if process is None:
            process = PreviewProcess(kind, self._on_report, lambda status: self._on_end(kind, status))
            self._processes[kind] = process
        return process

    def _tidy(self) -> None:
        ended = [each for each in self._previews.values() if each.state not in _OPEN]
        for old in ended[:-_MOST_KEPT]:
            del self._previews[old.id]
            for left in self._folder.glob(f"{old.id}*"):
                remove(left)

    # -- in the threads of the processes ------------------------------------------------------------------------------

    def _on_report(self, report: Report) -> None:
        with self._lock:
            preview = self._previews.get(str(report.get("id")))
            if preview is None or preview.state not in _OPEN:
                return
            self._previews[preview.id] = _after(preview, report)
        self._tell(preview.id)

    def _on_end(self, kind: str, status: int) -> None:
        with self._lock:
            self._processes.pop(kind, None)
            left = [] if self._closed else [p for p in self._previews.values() if p.kind == kind and p.state in _OPEN]
            why = f"the process that makes previews was ended (status {status}), as happens where memory runs out"
            for preview in left:
                self._previews[preview.id] = replace(preview, state="failed", message=why)
        for preview in left:
            self._tell(preview.id)

    def _tell(self, preview_id: str) -> None:
        with self._lock:
            preview = self._previews.get(preview_id)
        if preview is not None:
            self._on_change(preview)


def _after(preview: Preview, report: Report) -> Preview:
    """A preview after a report about it."""
    match report["event"]:
        case "progress":
            preview = replace(preview, state="running", done=int(report["done"]), total=report["total"])
        case "picture":
            preview = replace(preview, state="running", picture=Path(report["path"]), pictures=preview.pictures + 1)
        case "film":
            preview = replace(preview, film=Path(report["path"]))
        case "done":
            preview = replace(
                preview, state="done", how=str(report.get("how", "")), message=str(report.get("message", ""))
            )
        case "failed":
            preview = replace(preview, state="failed", message=str(report["message"]))
    return preview
