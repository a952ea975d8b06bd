"""Reads what is imported: a settings file of Deforum, or a document of Parseq.

Such a file may be a stranger's. It is read as data, within limits; what it names is neither opened nor fetched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoomdream.errors import PresetError
from zoomdream.presets.documents.text_files import decoded
from zoomdream.presets.foreign_files import DEFORUM, PARSEQ, foreign_kind

MOST_BYTES = 64_000_000
"""Of a file. A document of Parseq has some kilobytes for each frame."""

_READS = "what is imported is a settings file of Deforum (JSON in a .txt) or a document of Parseq (JSON)"


@dataclass(frozen=True)
class ForeignDocument:
    """A file's contents."""

    settings: Mapping[str, object]
    """Deforum's settings by their keys; empty for a document of Parseq alone."""

    parseq: Mapping[str, object] | None
    """A document of Parseq, with `rendered_frames`; None: there is none."""

    parseq_address: str | None = None
    """Where a document of Parseq would have to be fetched from."""

    @property
    def frames(self) -> Sequence[Mapping[str, object]]:
        """Parseq's frames."""
        frames = self.parseq["rendered_frames"] if self.parseq else ()
        assert isinstance(frames, list | tuple)
        return frames


def read_foreign(file: Path) -> ForeignDocument:
    """Read a file. Raises PresetError, which says what a file is that is neither."""
    text = _text(file)
    kind = foreign_kind(text)
    if kind not in (None, DEFORUM, PARSEQ):
        raise PresetError(f"{file}: this is {kind}; {_READS}")
    data = _json(text, str(file))
    if not isinstance(data, dict) or kind is None:
        what = "a preset of zoomdream already" if isinstance(data, dict) and "zoomdream" in data else "another JSON"
        raise PresetError(f"{file}: this is {what}; {_READS}")
    if kind == PARSEQ:
        return ForeignDocument({}, _rendered(data, str(file)))
    return _with_manifest(data, str(file))


def _text(file: Path) -> str:
    try:
        if not file.is_file() and not str(file).startswith("/dev/"):
            raise PresetError(f"{file} is {'a folder' if file.is_dir() else 'no file that is there'}; {_READS}")
        with file.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise PresetError(f"{file} cannot be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise PresetError(f"{file} is larger than {MOST_BYTES // 1_000_000} MB: {_READS}")
    return decoded(raw, str(file), _READS)


def _json(text: str, name: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if not text.lstrip().startswith(("{", "[")):
            raise PresetError(f"{name}: this is no JSON; {_READS}") from None
        place = f"{name}:{error.lineno}:{error.colno}"
        raise PresetError(f"{place}: the JSON is damaged here ({error.msg}): save the file again") from None
    except (ValueError, RecursionError):
        raise PresetError(f"{name}: the JSON holds a number or a nesting that no settings file has") from None


def _with_manifest(settings: Mapping[str, object], name: str) -> ForeignDocument:
    """Deforum's settings, and the document of Parseq that lies in them as text."""
    manifest = settings.get("parseq_manifest")
    if not isinstance(manifest, str) or not manifest.strip():
        return ForeignDocument(settings, None)
    if not manifest.lstrip().startswith("{"):
        return ForeignDocument(settings, None, manifest.strip())
    data = _json(manifest, f"{name}: parseq_manifest")
    assert isinstance(data, dict)
    return ForeignDocument(settings, _rendered(data, f"{name}: parseq_manifest"))


def _rendered(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    frames = document.get("rendered_frames")
    if not frames:
        raise PresetError(
            f"{name}: this document of Parseq has no rendered_frames: render it in Parseq first, and save its output"
        )
    if not isinstance(frames, list) or not all(isinstance(each, dict) and _is_frame(each) for each in frames):
        raise PresetError(f"{name}: rendered_frames must be a list of frames, each with its number as frame")
    return document


def _is_frame(entry: Mapping[str, object]) -> bool:
    return type(entry.get("frame")) is int and 0 <= entry["frame"] < 10_000_000  # type: ignore[operator]
