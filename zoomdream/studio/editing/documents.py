"""The workspace's presets as text, each with a version: what is saved replaces only what its writer has seen."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from zoomdream.errors import OutputExistsError, PresetError
from zoomdream.output_files import whole_file
from zoomdream.presets.shipped import shipped_files
from zoomdream.presets.text_files import MOST_BYTES, read_text
from zoomdream.studio.answers import Refused
from zoomdream.studio.workspace import Workspace

_HEAD = 4000  # characters of a preset that are looked through for a list
CHANGED = "it has changed since it was opened here, on the disk or in another window: reload it, or keep this text"


@dataclass(frozen=True)
class Text:
    """A preset's text."""

    name: str
    """Its file's name, or that of a shipped preset."""
    shipped: bool
    text: str
    version: str
    """The sha256 of the text on the disk."""


class Documents:
    """Reads and writes the presets of a workspace. Threads may use it at the same time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()

    def read(self, name: str, *, shipped: bool = False) -> Text:
        """A preset's text. Raises Refused: 404 where there is none; PresetError for what is no text."""
        path = _shipped_file(name) if shipped else self._workspace.file(name, "preset")
        text = _labelled(path, name)
        return Text(name, shipped, text, version_of(text))

    def write(self, name: str, text: str, version: str | None) -> str:
        """Replace a preset's text; its new version.

        `version` is that of the text that is replaced, None for a preset that is new. Raises Refused: 409, with the
        text that is there, where it is another.
        """
        if len(text.encode(errors="surrogatepass")) > MOST_BYTES:
            raise Refused(413, f"{name} would be larger than {MOST_BYTES // 1_000_000} MB: that is no preset")
        raw = _encoded(name, text)
        path = self._workspace.new_file(name, "preset")
        with self._lock:
            there = _labelled(path, name) if path.exists() else None
            if there is None and version is not None:
                raise Refused(409, f"{name}: it has been deleted since it was opened here", text=None, version=None)
            if there is not None and version_of(there) != version:
                raise Refused(409, f"{name}: {CHANGED}", text=there, version=version_of(there))
            _write(path, raw, overwrite=there is not None)
        return version_of(text)

    def copy(self, source: str, new_name: str, *, shipped: bool) -> Text:
        """A new preset with the text of another. Raises Refused: 409 where the name is taken."""
        text = self.read(source, shipped=shipped).text
        path = self._workspace.new_file(new_name, "preset")
        with self._lock:
            if path.exists():
                raise Refused(409, f"there is a preset {new_name} already: choose another name")
            _write(path, _encoded(new_name, text), overwrite=False)
        return Text(new_name, False, text, version_of(text))

    def delete(self, name: str) -> None:
        """Remove a preset's file. Raises Refused: 404 where there is none."""
        with self._lock:
            self._workspace.file(name, "preset").unlink()


def version_of(text: str) -> str:
    """The version of a text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Head:
    """What the first lines of a preset say."""

    about: str
    """Its first comment; empty without one."""
    source: str
    """Its source, as it is written; empty where it is not found there."""


def head_of(path: Path) -> Head:
    """The first lines of a preset's file, read without a check."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_HEAD)
    except OSError:
        text = ""
    about = re.search(r"^#+ *(.*?) *$", text, re.MULTILINE)
    source = re.search(r"""^source: *(['"]?)(.*?)\1 *(?:#.*)?$""", text, re.MULTILINE)
    return Head(about[1] if about else "", source[2] if source else "")


def _write(path: Path, raw: bytes, *, overwrite: bool) -> None:
    try:
        with whole_file(path, overwrite=overwrite) as part:
            part.write_bytes(raw)
    except OutputExistsError:
        raise Refused(409, f"there is a preset {path.name} already: choose another name") from None


def _encoded(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Refused(400, f"{name}: half a character is in the text, which no file can hold") from None


def _labelled(path: Path, name: str) -> str:
    """The text of a file whose folder messages leave out. Line ends are as they are on the disk."""
    try:
        return read_text(path)
    except PresetError as error:
        raise PresetError(str(error).replace(str(path), name)) from None


def _shipped_file(name: str) -> Path:
    files = shipped_files()
    if name not in files:
        raise Refused(404, f"there is no shipped preset {name!r:.80}")
    return files[name]
