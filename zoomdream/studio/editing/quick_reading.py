"""Reads the YAML of a preset again and again while it is typed: lines that have not changed are not read anew.

ruamel takes a tenth of a second for 200 keyframes. Here the lines' indents give the structure, each line is read by
ruamel once and remembered, and all that is not so simple (values over several lines, anchors, tags, mistakes) is left
to `Document.parse`, which this equals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from zoomdream.errors import PresetError
from zoomdream.presets.characters import first_unreadable
from zoomdream.presets.yaml_document import Data, Document, KeyPath, Mark, Scalar

_LONGEST = 500_000  # characters
_DEEPEST = 20
_REMEMBERED = 20_000  # lines

# Line ends other than \n, what begins a document or a directive, complex keys, anchors, aliases, tags, block scalars.
_OTHER = re.compile(
    r"[\r\x85\u2028\u2029\ufeff\t]|^(?:---|\.\.\.|%)|^ *\?|(?:^|[\s\[{,:-])[&*!]|[|>][-+0-9]* *(?:#[^\n]*)?$",
    re.MULTILINE,
)
_LINE = re.compile(r"( *)([^ #\n][^\n]*)")


class _NotSimple(Exception):
    """The text is left to `Document.parse`."""


@dataclass(frozen=True)
class _Line:
    """A line with something else than a comment."""

    number: int
    """From 1."""
    indent: int
    start: int
    """Where its content begins in the text."""
    content: str


def read_document(text: str, name: str) -> Document:
    """What `Document.parse` gives. Raises PresetError as it does."""
    try:
        lines = _lines(text)
        reader = _Reader(name, {line.number: after.start for line, after in pairwise(lines)}, len(text))
        data, rest = reader.block(lines, 0, lines[0].indent, (), 0)
        if rest != len(lines):
            raise _NotSimple
    except _NotSimple:
        return Document.parse(text, name)
    return Document(name, data, reader.marks, text)


def _lines(text: str) -> list[_Line]:
    if len(text) > _LONGEST or _OTHER.search(text) or first_unreadable(text):
        raise _NotSimple
    lines, start = [], 0
    for number, row in enumerate(text.split("\n"), 1):
        found = _LINE.match(row)
        if found:
            lines.append(_Line(number, len(found[1]), start + len(found[1]), found[2]))
        start += len(row) + 1
    if not lines:
        raise _NotSimple
    return lines


@lru_cache(_REMEMBERED)
def _read(content: str) -> Document | None:
    """A line by itself; None where it is none that stands for itself."""
    try:
        return Document.parse(content, "")
    except PresetError:
        return None


class _Reader:
    """Makes data and marks of lines."""

    def __init__(self, name: str, following: Mapping[int, int], end: int) -> None:
        self._name = name
        self._following = following
        self._end = end
        self.marks: dict[KeyPath, Mark] = {}

    def block(self, lines: Sequence[_Line], at: int, indent: int, path: KeyPath, depth: int) -> tuple[Data, int]:
        """The mapping or list whose first entry is line `at`, and the line after it."""
        if depth > _DEEPEST:
            raise _NotSimple
        is_list = _is_item(lines[at].content)
        return (self._list if is_list else self._mapping)(lines, at, indent, path, depth)

    def _mapping(self, lines: Sequence[_Line], at: int, indent: int, path: KeyPath, depth: int) -> tuple[Data, int]:
        mapping: dict[Scalar, Data] = {}
        while at < len(lines) and lines[at].indent == indent and not _is_item(lines[at].content):
            line = lines[at]
            document = _read(line.content)
            if document is None or not isinstance(document.data, dict) or len(document.data) != 1:
                raise _NotSimple
            ((key, value),) = document.data.items()
            below = (*path, str(key))
            if below in self.marks:
                raise _NotSimple
            self._mark(line, document, path)
            at += 1
            is_empty = document.marks[(str(key),)].start == len(line.content)
            if is_empty:  # the value begins where the next line does, or would
                start = self._following.get(line.number, self._end)
                self.marks[below] = self.marks[below]._replace(start=start)
            if is_empty and at < len(lines) and _is_nested(lines[at], indent):
                value, at = self.block(lines, at, lines[at].indent, below, depth + 1)
            elif at < len(lines) and lines[at].indent > indent:
                raise _NotSimple
            mapping[key] = value
        if at < len(lines) and lines[at].indent > indent:
            raise _NotSimple
        return mapping, at

    def _list(self, lines: Sequence[_Line], at: int, indent: int, path: KeyPath, depth: int) -> tuple[Data, int]:
        items: list[Data] = []
        while at < len(lines) and lines[at].indent == indent and _is_item(lines[at].content):
            line, below = lines[at], (*path, str(len(items)))
            inner = line.content[1:].lstrip(" ")
            document = _read(inner)
            if document is None or not inner or inner[0] in "#-":
                raise _NotSimple
            shift = len(line.content) - len(inner)
            entry = _Line(line.number, indent + shift, line.start + shift, inner)
            is_inline = inner[0] in "{[" or not isinstance(document.data, dict)
            if is_inline:
                at += 1
                self.marks[below] = Mark(line.number, f"{self._name}:{line.number}", entry.start)
                self._mark(entry, document, below)
                if at < len(lines) and lines[at].indent > indent:
                    raise _NotSimple
                items.append(document.data)
                continue
            self.marks[below] = Mark(line.number, f"{self._name}:{line.number}", entry.start)
            own = [entry, *_while_deeper(lines, at + 1, indent)]
            item, rest = self._mapping(own, 0, entry.indent, below, depth + 1)
            if rest != len(own):
                raise _NotSimple
            at += rest
            items.append(item)
        return items, at

    def _mark(self, line: _Line, document: Document, path: KeyPath) -> None:
        """Take over the marks of a line that was read by itself."""
        label = f"{self._name}:{line.number}"
        for below, mark in document.marks.items():
            self.marks[(*path, *below)] = Mark(line.number, label, mark.start + line.start)


def _is_item(content: str) -> bool:
    return content.startswith("- ") or content == "-"


def _is_nested(line: _Line, indent: int) -> bool:
    """Whether a line is inside of the key before it: deeper, or a list at the same indent."""
    return line.indent > indent or (line.indent == indent and _is_item(line.content))


def _while_deeper(lines: Sequence[_Line], at: int, indent: int) -> list[_Line]:
    end = at
    while end < len(lines) and lines[end].indent > indent:
        end += 1
    return list(lines[at:end])
