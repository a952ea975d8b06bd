"""Reads presets: from a file, a film that carries its recipe, or text.

Every mistake in a file is a PresetError that says where it is, what is there, and what would be right:
`film.yaml:12: dream.step_size is 3: it must be at most 1`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from zoomdream.errors import PresetError, nearest
from zoomdream.presets.document import Change, Document, read_text
from zoomdream.presets.messages import report, show
from zoomdream.presets.preset import Preset
from zoomdream.presets.schema import PresetModel
from zoomdream.presets.shipped import is_shipped, shipped_files

_FILMS = (".mp4", ".mov", ".mkv", ".webm")  # those that keep tags


# -- loading ----------------------------------------------------------------------------------------------------------


def load_preset(preset: str | Path, overrides: Iterable[Change] = (), source: Path | None = None) -> Preset:
    """A preset's file, or a shipped preset by name, with `key.path=value` overrides and another source laid over it.

    The file may be a film that carries its recipe. `source` is relative to the working folder, or `noise`. Raises
    PresetError, and SourceError for a film that cannot be read.
    """
    file = _find(preset)
    document = Document.parse(_text_of(file), str(preset))
    if source is not None:
        named = "noise" if str(source) == "noise" else str(Path.cwd() / source)
        document = document.replace(("source",), named, f"source {source}")
    for assignment in overrides:
        document = document.override(assignment)
    return _validated(document, file.parent, file)


def load_preset_text(
    text: str, name: str = "preset", base: Path | None = None, overrides: Iterable[Change] = ()
) -> Preset:
    """A preset from YAML text; its paths are relative to `base`, or to the working folder. Raises PresetError."""
    document = Document.parse(text, name)
    for assignment in overrides:
        document = document.override(assignment)
    return _validated(document, base or Path.cwd())


def preset_text(preset: str | Path) -> str:
    """The text of a preset's file, of the recipe that a film carries, or of a shipped preset.

    A shipped preset's sample is named so that the text works anywhere. Raises PresetError, and SourceError for a film.
    """
    file = _find(preset)
    samples = f"{file.absolute().parent.parent / 'samples'}/"
    return read_text(file).replace("../samples/", samples) if is_shipped(file) else _text_of(file)


def schema() -> dict[str, Any]:
    """The JSON schema of a preset, for editors that complete and check YAML."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PresetModel.model_json_schema()}


def _text_of(file: Path) -> str:
    if file.suffix.lower() not in _FILMS:
        return read_text(file)
    from zoomdream.media import read_tags

    recipe = read_tags(file).get("zoomdream_preset")
    if not recipe:
        raise PresetError(f"{file} is a film without a recipe: those that zoomdream has rendered carry one")
    try:
        return json.dumps(json.loads(recipe), indent=2, ensure_ascii=False) + "\n"
    except ValueError:
        raise PresetError(f"{file} carries a recipe that is damaged: render it from its preset") from None


def _find(preset: str | Path) -> Path:
    path, shipped = Path(preset), shipped_files()
    try:
        is_folder, is_file = path.is_dir(), path.exists() and not path.is_dir()
    except OSError as error:
        raise PresetError(f"{preset} cannot be read: {error.strerror}") from None
    if is_file:
        return path
    if str(preset) in shipped:
        return shipped[str(preset)]
    if is_folder:
        raise PresetError(f"{preset} is a folder, not a preset: name a YAML file in it")
    raise PresetError(f"{preset} is neither a file nor a shipped preset{nearest(path.stem, shipped)}")


def _validated(document: Document, base: Path, file: Path | None = None) -> Preset:
    if document.data is None:
        raise PresetError(f"{document.name}: it is empty: a preset needs zoomdream: 1, source and dream.layers")
    if not isinstance(document.data, dict):
        raise PresetError(f"{document.name}: it is {show(document.data)}: a preset is keys, such as zoomdream: 1")
    try:
        model = PresetModel.model_validate(document.data)
    except ValidationError as error:
        raise PresetError(report(document, error.errors(include_url=False))) from None
    folder = Path(model.folder).expanduser() if model.folder else Path()
    return Preset(document, model, base.absolute() / folder, file)
