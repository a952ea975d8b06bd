"""Presets that extend others: their values, and over them those of the preset itself.

Sections are merged key by key; a track, a mix or a list is one value, and replaces the whole of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from zoomdream.errors import PresetError
from zoomdream.presets.documents.home import NO_HOME, home_expanded
from zoomdream.presets.documents.yaml_document import Data, Document, KeyPath, Mark, Scalar
from zoomdream.presets.recipe import with_paths

KEY = "extends"
"""The key that names the presets to extend; it is gone from what they make."""

MOST_LEVELS = 16
"""How long a chain of presets that extend one another may be."""


@dataclass(frozen=True)
class Found:
    """A preset that another one names."""

    file: Path
    """Its file, by which it is known again in a circle."""
    document: Document
    """As it is written."""
    base: Path
    """Where its relative paths begin."""


Find = Callable[[str, Path], Found]
"""Finds a preset by its name, seen from a folder. Raises PresetError."""


def extended(document: Document, base: Path, find: Find, file: Path | None = None) -> Document:
    """A document with what it extends merged under its own values; the same one where it extends nothing.

    Paths of the others are made full ones, since they begin elsewhere. `file` is the document's own. Raises PresetError
    for names of no use, for a preset that is not there, and for a circle.
    """
    chain = () if file is None else (_Link(file, document.name),)
    return _extended(document, base, find, chain)


@dataclass(frozen=True)
class _Link:
    """A preset that is being read."""

    file: Path
    name: str


def _extended(document: Document, base: Path, find: Find, chain: tuple[_Link, ...]) -> Document:
    if not isinstance(document.data, dict) or KEY not in document.data:
        return document
    names = _names(document)
    label = document.where((KEY,)).label
    merged = Document(document.name, {}, {}, document.text)
    for position, name in enumerate(names):
        where = document.where((KEY, str(position))).label if isinstance(document.data[KEY], list) else label
        try:
            found = find(name, base)
        except PresetError as error:
            raise PresetError(f"{where}: {KEY}: {error}") from None
        _refuse_circle(where, found.file, name, chain)
        other = _extended(found.document, found.base, find, (*chain, _Link(found.file, name)))
        if not isinstance(other.data, dict):
            raise PresetError(f"{where}: {KEY}: {name} is no preset: it has no keys, such as dream")
        merged = _merged(merged, _with_full_paths(other, found.base))
    own = {key: value for key, value in document.data.items() if key != KEY}
    return _merged(merged, replace(document, data=own))


def _names(document: Document) -> list[str]:
    assert isinstance(document.data, dict)
    value = document.data[KEY]
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise PresetError(
            f"{document.where((KEY,)).label}: {KEY} is {value!r:.60}: it must be a preset's file or name, or a list of "
            f"them"
        )
    return [str(name) for name in names]


def _refuse_circle(where: str, file: Path, name: str, chain: tuple[_Link, ...]) -> None:
    if len(chain) >= MOST_LEVELS:
        raise PresetError(f"{where}: {KEY}: {name} makes a chain of more than {MOST_LEVELS} presets: make it shorter")
    position = next((number for number, link in enumerate(chain) if link.file == file), None)
    if position is not None:
        circle = ", which extends ".join([*(link.name for link in chain[position:]), name])
        raise PresetError(f"{where}: {KEY}: {circle}: a circle; take one of them out")


def _with_full_paths(document: Document, base: Path) -> Document:
    """A document whose paths mean the same wherever they are written."""
    assert isinstance(document.data, dict)
    data = document.data
    folder = data.get("folder")
    kept = {key: value for key, value in data.items() if key != "folder"}
    try:
        base = base / home_expanded(folder) if isinstance(folder, str) else base
        return replace(document, data=with_paths(kept, lambda path: str((base / home_expanded(path)).absolute())))
    except RuntimeError:
        raise PresetError(f"{document.name}: it names a file below ~: {NO_HOME}") from None


def _merged(under: Document, over: Document) -> Document:
    """The values of one document, and over them those of another."""
    assert isinstance(under.data, dict)
    assert isinstance(over.data, dict)
    data: dict[Scalar, Data] = {key: value for key, value in under.data.items() if not _is_replaced(key, over.data)}
    marks = _labels(under.marks)
    for key, value in over.data.items():
        before = data.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            data[key] = {**before, **value}
            replaced: set[KeyPath] = {(str(key), str(name)) for name in value}
        else:
            data[key] = value
            replaced = {(str(key),)}
        marks = {path: mark for path, mark in marks.items() if not _is_below(path, replaced)}
    return Document(over.name, data, {**marks, **over.marks}, over.text)


def _is_replaced(key: Scalar, over: Mapping[Scalar, Data]) -> bool:
    """Whether a key of the preset below has no say, since that above names its network or networks in another way."""
    return (key in ("network", "weights") and "networks" in over) or (key == "networks" and "network" in over)


def _labels(marks: Mapping[KeyPath, Mark]) -> dict[KeyPath, Mark]:
    """Marks of another file: its lines are not the document's own."""
    return {path: Mark(0, mark.label) for path, mark in marks.items()}


def _is_below(path: KeyPath, places: set[KeyPath]) -> bool:
    return any(path[: len(place)] == place for place in places)
