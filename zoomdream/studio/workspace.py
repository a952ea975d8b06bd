"""The folder that a studio works in: names of files in it, and no way out of it."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zoomdream.errors import OutputBusyError, OutputError, UsageError
from zoomdream.output_lock import output_lock
from zoomdream.studio.answers import Refused

STATE = ".zoomdream"
"""The folder in the workspace for what the studio itself keeps: jobs, previews, posters. It may be deleted."""

Kind = Literal["preset", "photo", "clip", "sound"]

SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "preset": (".yaml", ".yml"),
    "photo": (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp", ".gif"),
    "clip": (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".mts", ".m2ts", ".ts", ".wmv", ".3gp"),
    "sound": (".mp3", ".wav", ".ogg", ".oga", ".opus", ".flac", ".m4a", ".aac", ".aif", ".aiff"),
}
"""The files that the studio knows, by the ends of their names."""

_LONGEST = 200  # bytes: beside the output's name there will be `.journal`
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)  # names that Windows keeps


@dataclass(frozen=True)
class Workspace:
    """A folder with presets, sources and films."""

    folder: Path
    """Its full path, links followed."""

    @property
    def state(self) -> Path:
        """What the studio itself keeps."""
        return self.folder / STATE

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The right to be the only studio on the folder. Raises OutputBusyError, OutputError."""
        try:
            self.state.mkdir(exist_ok=True)
            if self.state.is_symlink():
                raise OutputError(f"{self.state} is a link, and the studio keeps its own files there: remove it")
            lock = output_lock(self.state / "studio")
        except OSError as error:
            raise OutputError(
                f"the studio cannot write into {self.folder}: {error.strerror}; choose another folder"
            ) from error
        try:
            with lock:
                yield
        except OutputBusyError as error:
            if str(self.state / "studio") not in str(error):
                raise
            process = re.search(r" \(process \d+\)", str(error))
            raise OutputBusyError(
                f"a studio is open on {self.folder} already{process[0] if process else ''}: use its page, or choose "
                "another folder"
            ) from None

    def file(self, name: str, kind: Kind) -> Path:
        """The file of a name, which exists. Raises Refused: 400 for what is no name, 404 for what is not there."""
        path = self.new_file(name, kind)
        if not path.is_file():
            raise Refused(404, f"{name} is not there (any more)")
        return path

    def new_file(self, name: str, kind: Kind) -> Path:
        """The file that has, or would have, a name. Raises Refused for names that lead elsewhere."""
        if Path(name).suffix.lower() not in SUFFIXES[kind]:
            raise Refused(400, f"{name!r:.80} is no {kind}: its name must end in {', '.join(SUFFIXES[kind])}")
        return self._inside(check_name(name))

    def _inside(self, name: str) -> Path:
        path = self.folder / name
        if path.is_symlink():
            real = Path(os.path.realpath(path))
            if not self.holds(real):
                raise Refused(403, f"{name} is a link out of the studio's folder, and is left alone")
            return real
        return path

    def holds(self, path: Path) -> bool:
        """Whether a path, links followed, lies in the folder and is not the studio's own."""
        real = Path(os.path.realpath(path))
        return real.is_relative_to(self.folder) and not real.is_relative_to(self.state)

    def names(self, kind: Kind) -> list[str]:
        """The files of a kind in the folder, sorted. Links out of it are left out, as is what is no regular file."""
        names = []
        for entry in os.scandir(self.folder):
            is_kind = Path(entry.name).suffix.lower() in SUFFIXES[kind] and _is_name(entry.name)
            if is_kind and entry.is_file() and (not entry.is_symlink() or self.holds(Path(entry.path))):
                names.append(entry.name)
        return sorted(names, key=str.casefold)


def open_workspace(folder: Path) -> Workspace:
    """A folder as a workspace. Raises UsageError for what is no folder."""
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise UsageError(f"{folder} {what}: name the folder that your presets, sources and films are in")
    return Workspace(Path(os.path.realpath(folder)))


def _is_name(name: str) -> bool:
    try:
        check_name(name)
    except Refused:
        return False
    return True


def check_name(name: str) -> str:
    """A file's name in composed Unicode. Raises Refused for paths, hidden names, and names that some systems forbid."""
    name = unicodedata.normalize("NFC", name)
    label = f"{name!r:.80}"
    if not name.strip() or name in (".", ".."):
        raise Refused(400, f"{label} is no name for a file")
    if name.startswith("."):
        raise Refused(400, f"{label} begins with a dot: hidden files are left alone")
    if _FORBIDDEN.search(name):
        raise Refused(400, f'{label} is no name: no path, and none of / \\ : * ? " < > | may be in it')
    if name[-1] in " ." or name[0] == " " or _DEVICES.fullmatch(name):
        raise Refused(400, f"{label} is a name that not every system can keep: choose another")
    if len(os.fsencode(name)) > _LONGEST:
        raise Refused(400, f"{label} is too long: a name has at most {_LONGEST} bytes")
    return name
