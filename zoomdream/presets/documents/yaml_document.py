"""YAML text as plain data, with the line that each value stands in.

YAML 1.2 (`1:30` is text, `1e-3` a number), without tags, duplicate keys or documents that grow when they are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from zoomdream.errors import PresetError
from zoomdream.presets.documents.characters import OddCharacter, first_odd, first_unreadable
from zoomdream.presets.documents.text_positions import line_start, place, position_in_scalar
from zoomdream.presets.documents.yaml_syntax import syntax_error
from zoomdream.schedule.deforum_strings import is_deforum

MOST_VALUES = 250_000  # aliases counted each time they are used: a bomb of nine lines means a billion
DEEPEST = 40
LONGEST_KEY = 1000  # YAML's own limit for a key that stands before its colon is 1024


Scalar: TypeAlias = str | int | float | bool | None
Data: TypeAlias = "dict[Scalar, Data] | list[Data] | Scalar"

KeyPath = tuple[str, ...]
"""From the root to a value: keys and list positions, as text."""


class Mark(NamedTuple):
    """Where a value was written."""

    line: int
    """Its line in the file, from 1, by which messages are sorted; 0 for an override."""

    label: str
    """What messages begin with: `film.yaml:12`."""

    start: int = -1
    """Where the value begins in the file's text, from 0; -1: it does not stand in a file."""


class Change(NamedTuple):
    """An override of one value."""

    assignment: str
    """`key.path=value`, the value in YAML."""

    label: str
    """What messages about it begin with, as the user wrote it: `duration 8`."""


@dataclass(frozen=True)
class Document:
    """Plain data with the place of each of its values."""

    name: str
    """What messages begin with where there is no line: the file's name."""

    data: Data
    marks: Mapping[KeyPath, Mark]
    text: str = ""
    """What was read."""

    @classmethod
    def parse(cls, text: str, name: str) -> Document:
        """Read YAML; `name` begins every message. Raises PresetError with the line."""
        try:
            root = YAML(typ="safe", pure=True).compose(text)
            builder = _Builder(name)
            return cls(name, None if root is None else builder.build(root, ()), builder.marks, text)
        except MarkedYAMLError as error:
            raise PresetError(syntax_error(text, name, error)) from None
        except YAMLError:
            odd = first_unreadable(text)
            where = f"{place(text, name, odd.position)}: {odd.sentence}; " if odd else f"{name}: "
            raise PresetError(f"{where}it holds characters that no text has: a preset is a YAML file") from None
        except RecursionError:
            raise PresetError(f"{name}: it is nested deeper than {DEEPEST} levels: no preset needs that") from None

    def where(self, path: KeyPath) -> Mark:
        """The place of a value, or of the nearest thing that holds it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, Mark(0, self.name))

    def value(self, path: KeyPath) -> Data:
        """What stands at a place; None where nothing does."""
        node = self.data
        for part in path:
            children = dict(enumerate(node)) if isinstance(node, list) else node
            node = (
                {str(key): child for key, child in children.items()}.get(part) if isinstance(children, dict) else None
            )
        return node

    def texts(self, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
        """All keys and texts below a place, each with its own."""
        node = self.value(path)
        if isinstance(node, str):
            yield path, node
        children = enumerate(node) if isinstance(node, list) else node.items() if isinstance(node, dict) else ()
        for key, _ in children:
            below = (*path, str(key))
            if isinstance(key, str):
                yield below, key
            yield from self.texts(below)

    def odd_character(self, written: str, mark: Mark) -> str | None:
        """The place and the name of the first odd character in a key or value that begins at `mark`; None without one.

        `film.yaml:6:1: here is a NO-BREAK SPACE (U+00A0): type a plain space`
        """
        odd = first_odd(written)
        place = self._place_of(written, odd, mark) if odd else None
        return f"{place}: {odd.sentence}" if odd and place else None

    def _place_of(self, written: str, odd: OddCharacter, mark: Mark) -> str | None:
        """None where it is written as an escape, `\\u00a0`: nobody has overlooked that."""
        if not mark.line:
            return mark.label
        start = line_start(self.text, mark.line)
        whole, alone = self.text.find(written, start), self.text.find(odd.character, start)
        if whole >= 0:
            return place(self.text, self.name, whole + odd.position)
        return place(self.text, self.name, alone) if alone >= 0 else None

    def place_of_text(self, path: KeyPath, written: str, column: int) -> str:
        """The file, line and column of a character, counted from 1, of a text at or below a place."""
        mark = next((self.where(below) for below, text in self.texts(path) if text == written), self.where(path))
        if mark.start < 0:
            return f"{mark.label}: column {column}"
        index = position_in_scalar(self.text, mark.start, written, min(column, len(written)) - 1)
        return mark.label if index is None else place(self.text, self.name, index)

    def override(self, change: str | Change) -> Document:
        """A copy changed by `key.path=value`, the value in YAML: `dream.steps=6`. Raises PresetError.

        Mappings that are missing on the way are added; validation will say whether such a key exists. Messages about a
        plain assignment begin with the assignment itself.
        """
        assignment, label = (change, change) if isinstance(change, str) else change
        dotted, equals, text = assignment.partition("=")
        path = tuple(dotted.strip().split("."))
        if not equals or not all(path):
            raise PresetError(f"{label}: this sets nothing: write key.path=value, such as dream.steps=6")
        if max(map(len, path)) > LONGEST_KEY:
            raise PresetError(f"{label[:80]}...: a key has at most {LONGEST_KEY} characters")
        return self.replace(path, _override_value(text, label), label)

    def replace(self, path: KeyPath, value: Data, label: str) -> Document:
        """A copy with another value at `path`; messages about it begin with `label`. Raises PresetError."""
        data, path = _replaced(self.data, path, value, label)
        kept = {other: mark for other, mark in self.marks.items() if other[: len(path)] != path}
        added = {path[:size]: Mark(0, label) for size in range(1, len(path) + 1) if path[:size] not in kept}
        return Document(self.name, data, {**kept, **added}, self.text)


def _override_value(text: str, label: str) -> Data:
    """What stands behind the = of an override; a Deforum string needs no quotes there."""
    try:
        data = Document.parse(text, label).data
    except PresetError:
        if is_deforum(text):
            return text
        raise
    values = data.values() if isinstance(data, dict) else ()
    is_string = all(isinstance(value, str) and value.startswith("(") for value in values)
    return text if values and is_string and is_deforum(text) else data


def _replaced(node: Data, path: KeyPath, value: Data, label: str) -> tuple[Data, KeyPath]:
    """`node` with `value` at `path`, and the path with the keys that `node` has: a layer's name may contain dots."""
    if not path:
        return value, ()
    if isinstance(node, list) and path[0].isdecimal() and len(path[0]) <= 9 and int(path[0]) < len(node):
        position = int(path[0])
        item, below = _replaced(node[position], path[1:], value, label)
        return [*node[:position], item, *node[position + 1 :]], (path[0], *below)
    if not isinstance(node, dict | None):
        raise PresetError(f"{label}: there is no {path[0]!r} in {_kind(node)}: set the whole of it instead")
    mapping = node or {}
    by_text = {str(key): key for key in mapping}
    longest_first = ((".".join(path[:size]), path[size:]) for size in range(len(path), 0, -1))
    name, rest = next((pair for pair in longest_first if pair[0] in by_text), (path[0], path[1:]))
    key = by_text.get(name, name)
    child, below = _replaced(mapping.get(key), rest, value, label)
    return {**mapping, key: child}, (name, *below)


def _kind(node: object) -> str:
    return f"a list of {len(node)}" if isinstance(node, list) else f"the value {node!r}"


@dataclass
class _Builder:
    """Makes data of ruamel's nodes, as its own constructor does, but with marks, limits, and plain values only."""

    name: str
    marks: dict[KeyPath, Mark] = field(default_factory=dict)
    values: int = 0

    def build(self, node: Node, path: KeyPath) -> Data:
        self.values += 1
        if self.values > MOST_VALUES:
            self._fail(node, f"more than {MOST_VALUES} values, aliases counted each time: no preset needs that")
        if len(path) > DEEPEST:
            self._fail(node, f"nested deeper than {DEEPEST} levels: no preset needs that")
        if isinstance(node, MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node, path)
        if isinstance(node, SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self._child(item, item, (*path, str(position))) for position, item in enumerate(node.value)]
        return self._scalar(node)

    def _child(self, marked: Node, node: Node, path: KeyPath) -> Data:
        self.marks[path] = self._mark(marked)._replace(start=node.start_mark.index)
        return self.build(node, path)

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[Scalar, Data]:
        mapping: dict[Scalar, Data] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node, MappingNode | SequenceNode):
                self._fail(key_node, "a key must be a word or a number, not a list or a mapping")
            key = self._scalar(key_node)
            if len(str(key)) > LONGEST_KEY:
                self._fail(key_node, f"a key of {len(str(key))} characters: it has at most {LONGEST_KEY}")
            below = (*path, str(key))
            if below in self.marks:
                first = self.marks[below].label
                self._fail(key_node, f"{'.'.join(below)} is given twice, first at {first}: keep one")
            mapping[key] = self._child(key_node, value_node, below)
        return mapping

    def _scalar(self, node: Node) -> Scalar:
        kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
        text: str = node.value
        match kind:
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" | "float":
                return _number(text)
            case "str" | "timestamp" | "value" | "merge":
                # those from U+DC80 to U+DCFF are Python's for the bytes of file names that are no UTF-8
                if re.search(r"[\ud800-\udc7f\udd00-\udfff]", text):
                    self._fail(node, "half a character is here, a surrogate without the other: write the character")
                return text
        return self._fail(node, f"{node.tag} is a tag: a preset is plain text, numbers and lists")

    def _mark(self, node: Node) -> Mark:
        line = node.start_mark.line + 1
        return Mark(line, f"{self.name}:{line}")

    def _fail(self, node: Node, reason: str) -> NoReturn:
        raise PresetError(f"{self._mark(node).label}: {reason}")


def _number(text: str) -> int | float | str:
    """YAML 1.2's numbers. What only YAML 1.1 calls a number (`1:30` after a %YAML line) stays text."""
    if len(text) > 100:
        return text  # beyond any number, and Python refuses to print integers of thousands of digits
    for read in (lambda: int(text, 0), lambda: int(text), lambda: float(text.lower().replace(".inf", "inf"))):
        try:
            return read()
        except ValueError:
            continue
    return float("nan") if text.lower() == ".nan" else text
