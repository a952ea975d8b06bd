"""Reads presets: from a file, a film that carries its recipe, or text.

Every mistake in a file is a PresetError that says where it is, what is there, and what would be right:
`film.yaml:12: dream.step_size is 3: it must be at most 1`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from zoomdream.errors import PresetError, nearest
from zoomdream.presets.canvas import authored_text
from zoomdream.presets.documents.home import NO_HOME, home_expanded
from zoomdream.presets.documents.text_files import read_text
from zoomdream.presets.documents.yaml_document import Change, Document
from zoomdream.presets.error_messages import validation_message, value_text
from zoomdream.presets.extending import KEY as EXTENDS
from zoomdream.presets.extending import Find, Found, extended
from zoomdream.presets.foreign_files import refuse_foreign
from zoomdream.presets.preset import Preset
from zoomdream.presets.recipe import json_text, of_names
from zoomdream.presets.sample_pictures import is_sample
from zoomdream.presets.schema import PresetModel
from zoomdream.presets.shipped import shipped_files

_FILMS = (".mp4", ".mov", ".mkv", ".webm")  # those that keep tags


def load_preset(
    preset: str | Path,
    changes: Iterable[str | Change] = (),
    source: str | Path | None = None,
    *,
    source_label: str | None = None,
) -> Preset:
    """Read and check a preset.

    Args:
        preset: a file, a shipped preset's name, or a film that carries its recipe. A film may be a stranger's: the
            files that it names are looked for beside it and nowhere else.
        changes: assignments such as `dream.steps=6`, applied in order before the preset is checked. Where they change
            the canvas, the settings are adapted to it: see `canvas.authored`.
        source: another source: a path relative to the working folder, `sample:NAME`, or `noise`.
        source_label: what messages about this source begin with.

    Raises PresetError, and SourceError for a film that cannot be read.
    """
    file = _find(preset)
    document, origins = Document.parse(_text_of(file), str(preset)), None
    if is_film(file) and isinstance(document.data, dict):
        data, origins = of_names(document.data)
        document = replace(document, data=data)
        if EXTENDS in data:
            raise PresetError(f"{preset}: its recipe extends another preset, and a film's recipe stands alone")
    document = extended(document, file.parent, find_extended, file.absolute())
    if source is not None:
        text = str(source) if str(source) == "noise" or is_sample(source) else str(Path(source).absolute())
        document = document.replace(("source",), text, source_label or f"source {source}")
    return replace(_validated(_changed(document, changes), file.parent, file), origins=origins or {})


def load_preset_text(
    text: str,
    name: str = "preset",
    base: Path | None = None,
    changes: Iterable[str | Change] = (),
    *,
    find: Find | None = None,
    parse: Callable[[str, str], Document] = Document.parse,
) -> Preset:
    """A preset from YAML text; its paths are relative to `base`, or to the working folder. Raises PresetError.

    `find` finds the presets that it extends: as `find_extended` does it, which is the default, or only some of them.
    `parse` reads the text: as `Document.parse` does it, or as fast as an editor needs it.
    """
    base = base or Path.cwd()
    document = extended(parse(text, name), base, find or find_extended)
    return _validated(_changed(document, changes), base)


def with_changes(preset: Preset, changes: Iterable[str | Change]) -> Preset:
    """The same preset with assignments such as `dream.steps=6`, applied in order. Raises PresetError."""
    document = _changed(preset.document, changes)
    return replace(preset, document=document, model=_validated(document, preset.base).model)


def preset_text(preset: str | Path) -> str:
    """The text of a preset's file, of the recipe that a film carries, or of a shipped preset.

    Raises PresetError, and SourceError for a film.
    """
    return _text_of(_find(preset))


def json_schema() -> dict[str, Any]:
    """The JSON schema of a preset, for editors that complete and check YAML."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PresetModel.model_json_schema()}


def is_film(file: Path) -> bool:
    """Whether a preset's file is a film that carries its recipe."""
    return file.suffix.lower() in _FILMS


def _text_of(file: Path) -> str:
    if not is_film(file):
        text = read_text(file)
        refuse_foreign(text, str(file))
        return text
    from zoomdream.media import read_tags

    recipe = read_tags(file).get("zoomdream_preset")
    if not recipe:
        raise PresetError(f"{file} is a film without a recipe: those that zoomdream has rendered carry one")
    try:
        return json_text(json.loads(recipe), indent=2) + "\n"
    except ValueError:
        raise PresetError(f"{file} carries a recipe that is damaged: render it from its preset") from None


def _find(preset: str | Path) -> Path:
    path, shipped = Path(preset), shipped_files()
    try:
        is_folder, is_file = path.is_dir(), path.exists() and not path.is_dir()
    except OSError as error:
        raise PresetError(f"{preset} cannot be read: {error.strerror}") from None
    if is_file and _is_waiting_pipe(path):
        raise PresetError(f"{preset} is a pipe, and nothing may ever come from it: name a file, or /dev/stdin")
    if is_file:
        return path
    if str(preset) in shipped:
        return shipped[str(preset)]
    if is_folder:
        raise PresetError(f"{preset} is a folder, not a preset: name a YAML file in it")
    raise PresetError(f"{preset} is neither a file nor a shipped preset{nearest(path.stem, shipped)}")


def find_extended(name: str, folder: Path) -> Found:
    """A preset that another one extends: a file beside that one, or a shipped preset's name. Raises PresetError."""
    path = folder / Path(name).expanduser()
    file = _find(path) if path.is_file() or name not in shipped_files() else shipped_files()[name]
    if is_film(file):
        raise PresetError(f"{name} is a film, and only presets are extended: write its recipe into a file")
    label = str(path) if file == path else name
    return Found(file.absolute(), Document.parse(_text_of(file), label), file.parent)


def _is_waiting_pipe(path: Path) -> bool:
    """Whether this is a named pipe, whose reader waits for a writer; not one that is open, as /dev/stdin may be."""
    return path.is_fifo() and not str(path.absolute()).startswith(("/dev/", "/proc/"))


def _changed(document: Document, changes: Iterable[str | Change]) -> Document:
    """With overrides. Where they change the canvas, the one that the settings were written for is kept beside it."""
    own = document
    for change in changes:
        document = document.override(change)
    before, after = (each.data.get("canvas") if isinstance(each.data, dict) else None for each in (own, document))
    authored = None if before == after else authored_text(before, after)
    return document if authored is None else document.replace(("canvas", "authored"), authored, own.name)


def _validated(document: Document, base: Path, file: Path | None = None) -> Preset:
    if document.data is None:
        raise PresetError(f"{document.name}: it is empty: a preset needs zoomdream: 1, source and dream.layers")
    if not isinstance(document.data, dict):
        raise PresetError(f"{document.name}: it is {value_text(document.data)}: a preset is keys, such as zoomdream: 1")
    try:
        model = PresetModel.model_validate(document.data)
    except ValidationError as error:
        raise PresetError(validation_message(document, error.errors(include_url=False))) from None
    try:
        folder = home_expanded(model.folder) if model.folder else Path()
    except RuntimeError:
        raise PresetError(f"{document.where(('folder',)).label}: folder: {model.folder}: {NO_HOME}") from None
    return Preset(document, model, base.absolute() / folder, file)
