"""Films of the workspace that carry the preset that they were made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from zoomdream.presets.loading import preset_text
from zoomdream.studio.answers import Refused
from zoomdream.studio.editing.edits import inline
from zoomdream.studio.files.clips import ClipIndex
from zoomdream.studio.files.posters import Posters
from zoomdream.studio.workspace import Kind, Workspace, check_name

SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".gif", ".webp", ".apng", ".avif")
"""The ends of the names that a film may have here: files that a browser plays, or that can be downloaded."""

_LONGEST = 110  # characters of a line in a preset that is made of a recipe


class Films:
    """The films of a workspace. Threads may use it at the same time."""

    def __init__(self, workspace: Workspace, clips: ClipIndex, posters: Posters) -> None:
        self._workspace = workspace
        self._clips = clips
        self._posters = posters

    def listing(self) -> list[dict[str, Any]]:
        """All films that carry a preset, the newest first."""
        films = []
        for name in self._workspace.names("clip"):
            path = self._workspace.file(name, "clip")
            facts, status = self._clips.facts(path), path.stat()
            if facts.is_film:
                films.append(
                    {
                        "name": name,
                        "bytes": status.st_size,
                        "seconds": facts.seconds,
                        "made": status.st_mtime,
                        "poster": f"/api/films/{quote(name)}/poster?v={status.st_mtime_ns}",
                        "url": f"/films/{quote(name)}",
                    }
                )
        return sorted(films, key=lambda film: -film["made"])

    def file(self, name: str) -> Path:
        """A film's file. Raises Refused: 404 where it is not there (any more)."""
        kind: Kind = "photo" if Path(name).suffix.lower() in (".gif", ".webp", ".avif") else "clip"
        if Path(name).suffix.lower() == ".apng":
            path = self._workspace.folder / check_name(name)
            if path.is_symlink() or not path.is_file():
                raise Refused(404, f"{name} is not there (any more)")
            return path
        return self._workspace.file(name, kind)

    def poster(self, name: str) -> Response:
        """A frame of a film as a JPEG. Raises SourceError."""
        return Response(self._posters.of_file(self.file(name)), media_type="image/jpeg")

    def preset(self, name: str) -> str:
        """The preset that a film carries, as a person would write it. Raises PresetError where it carries none."""
        return readable(json.loads(preset_text(self.file(name))), name)

    def delete(self, name: str) -> None:
        """Remove a film's file. Raises Refused: 404 where it is not there, 400 for what carries no preset."""
        path = self.file(name)
        if not self._clips.facts(path).is_film:
            raise Refused(400, f"{name} is no film of zoomdream: remove it among the sources")
        path.unlink()


def readable(data: dict[str, Any], film: str) -> str:
    """A recipe as YAML: a line for each key, and for each entry of a list that is too long for one."""
    lines = [f"# From the film {' '.join(film.split())}".encode(errors="replace").decode()]
    for key, value in data.items():
        if isinstance(value, dict) and key != "files":
            lines.append(f"{inline(key)}:")
            for name, each in value.items():
                lines += _lines(name, each, "  ")
        else:
            lines += _lines(key, value, "")
    return "\n".join(lines) + "\n"


def _lines(key: str, value: Any, indent: str) -> list[str]:
    whole = f"{indent}{inline(key)}: {inline(value)}"
    if len(whole) <= _LONGEST or not isinstance(value, list | dict) or not value:
        return [whole]
    if isinstance(value, list):
        return [f"{indent}{inline(key)}:", *(f"{indent}  - {inline(item)}" for item in value)]
    return [f"{indent}{inline(key)}:", *(f"{indent}  {inline(name)}: {inline(item)}" for name, item in value.items())]
