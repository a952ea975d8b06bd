"""Reads the YAML of a preset again and again while it is typed: lines that have not changed are not read anew.

ruamel takes a tenth of a second for 200 keyframes. Here the lines' indents give the structure, each line is read by
ruamel once and remembered, and all that is not so simple (values over several lines, anchors, tags, mistakes) is left
to `Document.parse`, which this equals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from zoomdream.errors import PresetError
from zoomdream.presets.documents.characters import first_unreadable
from zoomdream.presets.documents.yaml_document import Data, Document, KeyPath, Mark, Scalar

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


class _Line(NamedTuple):
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
        reader = _Reader(name, lines, len(text))
        data, rest = reader.block(0, lines[0].indent, (), 0)
        if rest != len(lines):
            raise _NotSimple
    except _NotSimple:
        return Document.parse(text, name)
    return Document(name, data, reader.marks, text)


def _lines(text: str) -> list[_Line]:
    if len(text) > _LONGEST:
        raise _NotSimple
    lines, start = [], 0
    for number, row in enumerate(text.split("\n"), 1):
        split = _split(row)
        if split is None:
            raise _NotSimple
        indent, content = split
        if content:
            lines.append(_Line(number, indent, start + indent, content))
        start += len(row) + 1
    if not lines:
        raise _NotSimple
    return lines


@lru_cache(_REMEMBERED)
def _split(row: str) -> tuple[int, str] | None:
    """A line's indent and what follows, which is empty for a comment; None for a line that is not simple."""
    if _OTHER.search(row) or first_unreadable(row):
        return None
    found = _LINE.match(row)
    return (len(found[1]), found[2]) if found else (0, "")


class _Read(NamedTuple):
    """A piece of a line, read by itself."""

    data: Data
    marks: Sequence[tuple[KeyPath, int]]
    """Where each value begins in the piece."""
    key: Scalar = None
    """That of a mapping of one entry, whose value is not on the line or ends with it."""
    is_entry: bool = False
    """Whether it is such a mapping."""
    is_empty: bool = False
    """Whether that entry's value is not on the line."""


@lru_cache(_REMEMBERED)
def _read(content: str) -> _Read | None:
    """A line by itself; None where it is none that stands for itself."""
    try:
        document = Document.parse(content, "")
    except PresetError:
        return None
    data, marks = document.data, [(path, mark.start) for path, mark in document.marks.items()]
    if not isinstance(data, dict) or len(data) != 1:
        return _Read(data, marks)
    (key,) = data
    return _Read(data, marks, key, True, document.marks[(str(key),)].start == len(content))


class _Item(NamedTuple):
    """An entry of a list: what follows its dash."""

    content: str
    shift: int
    """How far behind the dash it begins."""
    read: _Read
    is_whole: bool
    """Whether it is a value of its own, and not the first entry of a mapping."""


@lru_cache(_REMEMBERED)
def _item(content: str) -> _Item | None:
    inner = content[1:].lstrip(" ")
    read = None if not inner or inner[0] in "#-" else _read(inner)
    if read is None:
        return None
    return _Item(inner, len(content) - len(inner), read, inner[0] in "{[" or not isinstance(read.data, dict))


class _Marks(Mapping[KeyPath, Mark]):
    """The places of a document's values, computed when one of them is asked for: where something is wrong."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._notes: list[tuple[KeyPath, int, int, Sequence[tuple[KeyPath, int]]]] = []

    def note(self, path: KeyPath, line: int, start: int, below: Sequence[tuple[KeyPath, int]] = (((), 0),)) -> None:
        """Values below a path stand in a line, each so many characters behind `start`."""
        self._notes.append((path, line, start, below))

    @cached_property
    def _marks(self) -> Mapping[KeyPath, Mark]:
        marks = {}
        for path, line, start, below in self._notes:
            label = f"{self._name}:{line}"
            marks.update({path + key: Mark(line, label, start + at) for key, at in below})
        return marks

    def __getitem__(self, path: KeyPath) -> Mark:
        return self._marks[path]

    def __iter__(self) -> Iterator[KeyPath]:
        return iter(self._marks)

    def __len__(self) -> int:
        return len(self._marks)


class _Reader:
    """Makes data and marks of lines."""

    def __init__(self, name: str, lines: Sequence[_Line], end: int) -> None:
        self._lines = list(lines)
        self._end = end
        self.marks = _Marks(name)

    def block(self, at: int, indent: int, path: KeyPath, depth: int) -> tuple[Data, int]:
        """The mapping or list whose first entry is line `at`, and the line after it."""
        if depth > _DEEPEST:
            raise _NotSimple
        return (self._list if _is_item(self._lines[at].content) else self._mapping)(at, indent, path, depth)

    def _mapping(self, at: int, indent: int, path: KeyPath, depth: int) -> tuple[Data, int]:
        lines, mapping, names = self._lines, dict[Scalar, Data](), set[str]()
        while at < len(lines) and lines[at].indent == indent and not _is_item(lines[at].content):
            line = lines[at]
            read = _read(line.content)
            if read is None or not read.is_entry or str(read.key) in names:
                raise _NotSimple
            below = (*path, str(read.key))
            names.add(str(read.key))
            assert isinstance(read.data, dict)
            value = read.data[read.key]
            self.marks.note(path, line.number, line.start, read.marks)
            at += 1
            following = lines[at] if at < len(lines) else None
            if read.is_empty:  # the value begins where the next line does, or would
                self.marks.note(below, line.number, following.start if following else self._end)
            if following and read.is_empty and _is_nested(following, indent):
                value, at = self.block(at, following.indent, below, depth + 1)
            elif following and following.indent > indent:
                raise _NotSimple
            mapping[read.key] = value
        if at < len(lines) and lines[at].indent > indent:
            raise _NotSimple
        return mapping, at

    def _list(self, at: int, indent: int, path: KeyPath, depth: int) -> tuple[Data, int]:
        lines, items = self._lines, list[Data]()
        while at < len(lines) and lines[at].indent == indent and _is_item(lines[at].content):
            line, below = lines[at], (*path, str(len(items)))
            item = _item(line.content)
            if item is None:
                raise _NotSimple
            start = line.start + item.shift
            self.marks.note(below, line.number, start)
            if item.is_whole:
                at += 1
                self.marks.note(below, line.number, start, item.read.marks)
                if at < len(lines) and lines[at].indent > indent:
                    raise _NotSimple
                items.append(item.read.data)
                continue
            inner = indent + item.shift
            lines[at] = _Line(line.number, inner, start, item.content)
            entry, at = self._mapping(at, inner, below, depth + 1)
            if at < len(lines) and lines[at].indent > indent:
                raise _NotSimple
            items.append(entry)
        return items, at


def _is_item(content: str) -> bool:
    return content.startswith("- ") or content == "-"


def _is_nested(line: _Line, indent: int) -> bool:
    """Whether a line is inside of the key before it: deeper, or a list at the same indent."""
    return line.indent > indent or (line.indent == indent and _is_item(line.content))
