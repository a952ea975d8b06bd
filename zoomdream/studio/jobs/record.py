"""A job as it is kept on the disk: one small file, beside the preset that it renders and its log."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from zoomdream.output_files import whole_file

State = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
Quality = Literal["draft", "final"]

_NAME = re.compile(r"job-[0-9a-f]{12}\.json")


@dataclass(frozen=True)
class Job:
    """A film that is, was or will be rendered."""

    id: str
    number: int
    """Jobs are done in the order of their numbers."""
    preset: str
    """The preset's name; the text that is rendered is the one of when the job was made."""
    output: str
    """The film's name in the workspace."""
    quality: Quality
    command: str
    """What does the same in a terminal, in the workspace's folder."""
    state: State = "waiting"
    done: int = 0
    """Frames that are finished."""
    total: int | None = None
    """Frames in all; None before it is known."""
    picture: int | None = None
    """The last frame that is kept, and can be shown; None before the first."""
    message: str = ""
    """What is done, or has gone wrong, in a sentence."""
    warnings: tuple[str, ...] = ()
    process: tuple[int, float] | None = None
    """Of the process that renders it: its id, and when it began, by which it is known again."""
    fps: float | None = None
    """Frames per second that are finished now."""
    eta_seconds: float | None = None
    """Seconds that are left at this rate."""

    def changed(self, **values: Any) -> Job:
        """A copy with other values."""
        return replace(self, **values)

    def facts(self) -> dict[str, Any]:
        """What the page is told, as JSON."""
        return {
            "id": self.id,
            "preset": self.preset,
            "output": self.output,
            "quality": self.quality,
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "fps": self.fps,
            "eta_seconds": self.eta_seconds,
            "message": self.message,
            "warnings": list(self.warnings),
            "command": self.command,
            "picture": self._picture_address,
            "film": f"/films/{quote(self.output)}" if self.state == "done" else None,
        }

    @property
    def _picture_address(self) -> str | None:
        """It changes when there is another picture."""
        if self.state == "done":
            return f"/api/jobs/{self.id}/picture?n=film"
        return None if self.picture is None else f"/api/jobs/{self.id}/picture?n={self.picture}"


def new_id() -> str:
    """A job's name that nothing else has."""
    return f"job-{secrets.token_hex(6)}"


@dataclass(frozen=True)
class JobFiles:
    """The files of all jobs of a workspace."""

    folder: Path

    def preset(self, job_id: str) -> Path:
        """What is rendered."""
        return self.folder / f"{job_id}.yaml"

    def write_preset(self, job_id: str, text: str) -> None:
        """Keep what is rendered. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with whole_file(self.preset(job_id)) as part:
            part.write_text(text, encoding="utf-8")

    def log(self, job_id: str) -> Path:
        """What the process has said."""
        return self.folder / f"{job_id}.log"

    def write(self, job: Job) -> None:
        """Keep a job. Raises OSError."""
        kept = asdict(job) | {"fps": None, "eta_seconds": None}
        with whole_file(self._record(job.id)) as part:
            part.write_text(json.dumps(kept, indent=1), encoding="utf-8")

    def remove(self, job_id: str) -> None:
        """Remove all of a job. Raises OSError."""
        for path in (self._record(job_id), self.preset(job_id), self.log(job_id)):
            path.unlink(missing_ok=True)

    def read(self) -> list[Job]:
        """All jobs, in order. What is damaged, or another program's, is left alone. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        jobs = [self._read(entry) for entry in self.folder.iterdir() if _NAME.fullmatch(entry.name)]
        return sorted((job for job in jobs if job is not None), key=lambda job: job.number)

    def _record(self, job_id: str) -> Path:
        return self.folder / f"{job_id}.json"

    def _read(self, path: Path) -> Job | None:
        try:
            job = TypeAdapter(Job).validate_json(path.read_bytes())
        except (OSError, ValidationError, ValueError):
            return None
        return job if job.id == path.stem and self.preset(job.id).is_file() else None
