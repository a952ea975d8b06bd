"""A preset's text as the command line reads it, with one rule more: it names no file outside of the workspace.

The page may be open to others than the folder's owner, and a preset may be a stranger's.
"""

from __future__ import annotations

from pathlib import Path

from zoomdream.errors import PresetError
from zoomdream.presets.documents.home import home_expanded
from zoomdream.presets.documents.yaml_document import Document
from zoomdream.presets.extending import Found
from zoomdream.presets.loading import find_extended, load_preset_text
from zoomdream.presets.preset import Preset
from zoomdream.presets.recipe import written_paths
from zoomdream.presets.shipped import shipped_files
from zoomdream.studio.editing.quick_reading import read_document
from zoomdream.studio.workspace import Workspace

NAME = "preset"
"""What messages about a text begin with, before the line."""

_OUTSIDE = "lies outside of the studio's folder: drop the file into the page, and name it"


def load_text(text: str, workspace: Workspace, document: Document | None = None) -> Preset:
    """A checked preset of a text whose paths begin in the workspace. Raises PresetError with line and key.

    `document` is what `read_document` gives of the text, where that is known.
    """

    def find(name: str, folder: Path) -> Found:
        if name not in shipped_files() and not _is_inside(workspace, folder, name):
            raise PresetError(f"{name} {_OUTSIDE}")
        return find_extended(name, folder)

    def parse(text: str, name: str) -> Document:
        return read_document(text, name) if document is None else document

    preset = load_preset_text(text, NAME, workspace.folder, find=find, parse=parse)
    assert isinstance(preset.document.data, dict)
    for path in written_paths(preset.document.data):
        if not _is_inside(workspace, preset.base, path):
            raise PresetError(f"{_place(preset, path)}: {path:.200} {_OUTSIDE}")
    return preset


def _is_inside(workspace: Workspace, base: Path, path: str) -> bool:
    try:
        return workspace.holds(base / home_expanded(path))
    except (OSError, RuntimeError, ValueError):
        return False


def _place(preset: Preset, path: str) -> str:
    """The line of a path, which may be a part of an objective's text."""
    found = (where for where, text in preset.document.texts(()) if path in text)
    return preset.document.where(next(found, ())).label
