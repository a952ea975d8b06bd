"""Reads the YAML of a preset again and again while it is typed: what has not changed is not read anew.

ruamel takes a tenth of a second for 200 keyframes. Here the lines' indents give the structure, and each entry is read
by ruamel once and remembered. All that is not so simple (anchors, tags, blocks of text) is left to `Document.parse`,
which this equals. So it does in its mistakes: they are looked for in a shorter text, see `_Reader.shortened`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from zoomdream.errors import PresetError
from zoomdream.presets.documents.characters import first_odd, first_unreadable
from zoomdream.presets.documents.yaml_document import Data, Document, KeyPath, Mark, Scalar

_LONGEST = 200_000  # characters
_DEEPEST = 20
_REMEMBERED = 20_000  # lines
_MOST_LINES = 40  # of an entry that is read at once

# Line ends other than \n, what begins a document or a directive, complex keys, anchors, aliases, tags, block scalars.
_OTHER = re.compile(
    r"[\r\x85\u2028\u2029\ufeff]|^(?:---|\.\.\.|%)|^ *\?|(?:^|[\s\[{,:-])[&*!]|[|>][-+0-9]* *(?:#[^\n]*)?$"
)
_LINE = re.compile(r"( *)([^ ].*)")
_COMMENT = re.compile(r" *(?:#|$)")


class _NotSimple(Exception):
    """The text is left to `Document.parse`."""


class _Stopped(Exception):
    """A line cannot be read: it is not YAML, or written in a way that is not known here."""


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
        reader = _Reader(text, name)
    except _NotSimple:
        return Document.parse(text, name)
    try:
        return Document(name, reader.read(), reader.marks, text)
    except _Stopped:
        shortened = reader.shortened()
        if shortened is not None:
            Document.parse(shortened, name)  # which says what is wrong, as a rule
        return Document.parse(text, name)


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
    if _COMMENT.match(row) and row.isprintable():
        return 0, ""
    if _OTHER.search(row) or first_unreadable(row):
        return None
    found = _LINE.match(row)
    return (len(found[1]), found[2]) if found else (0, "")


class _Read(NamedTuple):
    """An entry of a mapping or a list, read by itself."""

    data: Data
    marks: Sequence[tuple[KeyPath, int, int]]
    """Where each value in it is: how many lines below its first one, and how many characters behind its beginning."""
    key: Scalar = None
    """Its only key, where it is a mapping of one."""
    is_one: bool = False
    """Whether it is."""
    is_empty: bool = False
    """Whether the value of the key is not in it: it may stand in the next lines."""


@lru_cache(_REMEMBERED)
def _read(content: str) -> _Read | None:
    """An entry by itself; None where it is none that stands for itself."""
    try:
        document = Document.parse(content, "")
    except PresetError:
        return None
    data = document.data
    marks = [(path, mark.line - 1, mark.start) for path, mark in document.marks.items()]
    if not isinstance(data, dict) or len(data) != 1:
        return _Read(data, marks)
    (key,) = data
    return _Read(data, marks, key, True, document.marks[(str(key),)].start == len(content))


class _Marks(Mapping[KeyPath, Mark]):
    """The places of a document's values, computed when one of them is asked for: where something is wrong."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._notes: list[tuple[KeyPath, int, int, Sequence[tuple[KeyPath, int, int]]]] = []

    def note(
        self, path: KeyPath, line: int, start: int, below: Sequence[tuple[KeyPath, int, int]] = (((), 0, 0),)
    ) -> None:
        """What is at a path, or below it, stands from a line and a character on."""
        self._notes.append((path, line, start, below))

    @cached_property
    def _marks(self) -> Mapping[KeyPath, Mark]:
        name, marks = self._name, {}
        for path, line, start, below in self._notes:
            for key, down, at in below:
                marks[path + key] = Mark(line + down, f"{name}:{line + down}", start + at)
        return marks

    def __getitem__(self, path: KeyPath) -> Mark:
        return self._marks[path]

    def __iter__(self) -> Iterator[KeyPath]:
        return iter(self._marks)

    def __len__(self) -> int:
        return len(self._marks)


class _Open:
    """A mapping or list that is being read. Of an entry its line is kept, that of the first entry in it, and so on."""

    def __init__(self, number: int) -> None:
        self.current = [number]
        self.before: list[int] = []
        """Of the entry before the current one."""
        self.first = self.current

    @property
    def is_first(self) -> bool:
        """Whether its first entry is read."""
        return self.current is self.first

    def begin(self, number: int) -> None:
        """The entry of a line is read."""
        if number != self.current[0]:
            self.before, self.current = self.current, [number]


class _Reader:
    """Makes data and marks of a text's lines. Raises _NotSimple."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._lines = _lines(text)
        self.marks = _Marks(name)
        self._open: list[_Open] = []  # the outermost first
        self._at = 0
        self._ends: dict[int, int] = {}  # the last lines of entries that go over several, by their first ones

    def read(self) -> Data:
        """The data. Raises _Stopped."""
        return self._block(self._lines[0].indent, (), -1)

    def shortened(self) -> str | None:
        """After _Stopped: a text with the same first mistake, if it has one, that is read sooner; None: there is none.

        Of the lines before the one that was reached those stay that open what it stands in: of each mapping and list
        the first entry, the one that holds the line, and the one before. The others become empty lines.
        """
        rows = self._text.split("\n")
        reached = self._lines[self._at].number - 1
        if not self._text.isascii() and any(map(first_odd, rows[:reached])):
            return None  # one of these characters may be to blame
        entries = {number for each in self._open for number in (*each.first, *each.before, *each.current)}
        needed = {row for number in entries for row in range(number, self._ends.get(number, number) + 1)}
        before = (row if number in needed else "" for number, row in enumerate(rows[:reached], 1))
        return "\n".join([*before, *rows[reached:]])

    @property
    def _line(self) -> _Line | None:
        """The next line; None at the end."""
        return self._lines[self._at] if self._at < len(self._lines) else None

    def _block(self, indent: int, path: KeyPath, outside: int) -> Data:
        """The mapping or list that the next line begins, in something with the indent `outside`."""
        line = self._lines[self._at]
        if len(self._open) > _DEEPEST:
            raise _Stopped
        for each in reversed(self._open):
            each.current.append(line.number)
            if not each.is_first:
                break
        self._open.append(_Open(line.number))
        data = self._list(indent, path) if _is_item(line.content) else self._mapping(indent, path)
        if (following := self._line) and following.indent > outside:
            raise _Stopped
        self._open.pop()
        return data

    def _mapping(self, indent: int, path: KeyPath) -> Data:
        mapping, names = dict[Scalar, Data](), set[str]()
        while (line := self._line) and line.indent == indent and not _is_item(line.content):
            self._open[-1].begin(line.number)
            read, at = self._entry(line, indent)
            if not read.is_one or read.key is None or line.content[0] in "{[" or str(read.key) in names:
                raise _Stopped
            below = (*path, str(read.key))
            names.add(str(read.key))
            assert isinstance(read.data, dict)
            mapping[read.key] = read.data[read.key]
            self.marks.note(path, line.number, line.start, read.marks)
            self._at = at
            following = self._line
            if read.is_empty:  # the value begins where the next line does, or would
                self.marks.note(below, line.number, following.start if following else len(self._text))
                if following and _is_nested(following, indent):
                    mapping[read.key] = self._block(following.indent, below, indent)
        return mapping

    def _list(self, indent: int, path: KeyPath) -> Data:
        items = list[Data]()
        while (line := self._line) and line.indent == indent and _is_item(line.content):
            self._open[-1].begin(line.number)
            below, content = (*path, str(len(items))), line.content[1:].lstrip(" ")
            if not content or content[0] in "#-":
                raise _Stopped
            shift = len(line.content) - len(content)
            inner = _Line(line.number, indent + shift, line.start + shift, content)
            self.marks.note(below, line.number, inner.start)
            read, at = self._entry(inner, indent)
            if content[0] in "{[" or not isinstance(read.data, dict):
                self.marks.note(below, line.number, inner.start, read.marks)
                items.append(read.data)
                self._at = at
            else:
                self._lines[self._at] = inner
                items.append(self._block(inner.indent, below, indent))
        return items

    def _entry(self, line: _Line, indent: int) -> tuple[_Read, int]:
        """What begins at the next line, read by itself, and which line comes after it.

        `indent` is that of the mapping or list that it stands in: it may go on in deeper lines, and to a bracket's end.
        """
        lines, end = self._lines, self._at + 1
        read = _read(line.content)
        deepest = line.indent if read and read.is_one and line.content[0] not in "{[" else indent  # of what comes next
        if read and (read.is_empty or end == len(lines) or lines[end].indent <= deepest):
            return read, end
        while end < len(lines) and end - self._at < _MOST_LINES:
            if lines[end].indent <= indent and lines[end].content[0] not in "}]":
                break
            end += 1
            if end == len(lines) or lines[end].indent <= indent:
                stop = lines[end].start - lines[end].indent if end < len(lines) else len(self._text)
                if read := _read(self._text[line.start : stop]):
                    self._ends[line.number] = lines[end - 1].number
                    return read, end
        raise _Stopped


def _is_item(content: str) -> bool:
    return content.startswith("- ") or content == "-"


def _is_nested(line: _Line, indent: int) -> bool:
    """Whether a line is inside of the key before it: deeper, or a list at the same indent."""
    return line.indent > indent or (line.indent == indent and _is_item(line.content))
