"""Edits of a preset's text: values are replaced, added, renamed and removed, and comments stay where they are.

What is a value in place of another is written over it, so that not a space elsewhere moves. What adds or removes lines
goes through ruamel's round trip, which keeps comments, quotes and the order of keys.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from zoomdream.presets.documents.yaml_document import Data, Document
from zoomdream.studio.answers import Refused
from zoomdream.studio.editing.spans import Entry, Path, compose, find, is_inline, span

_WIDTH = 4096  # of lines: none is broken that was not broken before
_COMMENT = re.compile(r"([^#\n'\"]*?)( {2,})#")
_PLAIN = re.compile(
    r"[A-Za-z_][A-Za-z0-9_ ./-]*|[A-Za-z_][\w./+-]*(:[\w./+-]+)+|[1-9]\d*x\d+|\d+(\.\d+)?(s|ms|f|%|b|bar)", re.ASCII
)


@dataclass(frozen=True)
class Edit:
    """One change of a text."""

    path: Path
    """Where; the keys on the way that are missing are added."""
    value: Data = None
    """What is to stand there; None removes the entry, unless it is renamed."""
    rename: str | None = None
    """The new name of its key."""
    position: int | None = None
    """Where a new entry comes among the others, counted from 0; None: after them."""

    @classmethod
    def of(cls, data: object) -> Edit:
        """From JSON. Raises Refused."""
        if not isinstance(data, dict) or not isinstance(data.get("path"), list) or not data["path"]:
            raise Refused(400, "an edit has a path: a list of keys and positions")
        path = tuple(
            step if isinstance(step, int) and not isinstance(step, bool) else str(step) for step in data["path"]
        )
        rename = data.get("rename")
        if rename is not None and not isinstance(rename, str):
            raise Refused(400, "rename is no text: it is the key's new name")
        position = data.get("position")
        if position is not None and (isinstance(position, bool) or not isinstance(position, int) or position < 0):
            raise Refused(400, "position is no number from 0 on: it is where a new entry comes among the others")
        return cls(path, data.get("value"), rename, position)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text after edits, one after the other. Raises Refused for what is no YAML, and for places of no use."""
    Document.parse(text, "preset")  # its limits hold here, too
    for edit in edits:
        written = _written_over(text, edit) if edit.position is None else None
        text = _round_trip(text, edit) if written is None else written
    return text


def _written_over(text: str, edit: Edit) -> str | None:
    """The text with a value, or a key, written over the one that is there; None where that is not all."""
    entry = find(compose(text), edit.path)
    if entry is None:
        return None
    if entry.is_alias:
        raise Refused(400, f"{_label(edit.path)} is written elsewhere (*name): edit the text")
    if edit.rename is not None:
        text = _renamed(text, entry, edit)
        return text if edit.value is None else _written_over(text, Edit((*edit.path[:-1], edit.rename), edit.value))
    if edit.value is None or not is_inline(entry.value):
        return None
    start, end = span(entry.value)
    gap = " " if text[:start].endswith(":") else ""
    new = inline(edit.value)
    if text[start:end].startswith('"') and new.startswith("'"):
        new = _in_double_quotes(new[1:-1])  # as the one that was there
    return _with_comment_in_place(text, start, end, gap + new)


def _renamed(text: str, entry: Entry, edit: Edit) -> str:
    assert edit.rename is not None
    if entry.key is None or entry.holder is None:
        raise Refused(400, f"{_label(edit.path)} has no key that could be renamed")
    others = [key.value for key, _ in entry.holder.value if key is not entry.key]
    if edit.rename in others:
        raise Refused(409, f"there is a {edit.rename} in {_label(edit.path[:-1])} already")
    start, end = span(entry.key)
    return _with_comment_in_place(text, start, end, inline(edit.rename))


def _with_comment_in_place(text: str, start: int, end: int, new: str) -> str:
    """The text with `new` from `start` to `end`; a comment behind it stays in its column where there is room."""
    rest = text[end:]
    found = _COMMENT.match(rest)
    if found is None or "\n" in text[start:end]:
        return text[:start] + new + rest
    spaces = max(2, len(found[2]) + (end - start) - len(new))
    return text[:start] + new + found[1] + " " * spaces + rest[found.end(2) :]


def inline(value: Data) -> str:
    """A value on one line, in brackets where it has several parts."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{inline(key)}: {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    return value if _PLAIN.fullmatch(value) and not _means_else(value) else _quoted(value)


def number(value: float) -> str:
    """A number as a person writes it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return f"{value:.1f}"
    return repr(value)


def _means_else(text: str) -> bool:
    """Whether YAML would read a text without quotes as something else."""
    return text.strip() != text or text.lower() in ("null", "true", "false", "yes", "no", "on", "off", "y", "n")


def _quoted(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f-\x9f\ufeff\u2028\u2029]", text):
        buffer = io.StringIO()
        yaml = YAML(typ="safe", pure=True)
        yaml.width, yaml.allow_unicode = _WIDTH, True
        yaml.default_style = '"'  # type: ignore[assignment]  # ruamel's own type is that of its default, None
        yaml.dump(text, buffer)
        return buffer.getvalue().removesuffix("...\n").strip()
    if "'" not in text:
        return f"'{text}'"
    return _in_double_quotes(text)


def _in_double_quotes(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# -- by way of ruamel's round trip ------------------------------------------------------------------------------------


def _round_trip(text: str, edit: Edit) -> str:
    yaml = round_trip_yaml(text)
    try:
        root = yaml.load(text)
    except (YAMLError, RecursionError):
        raise Refused(400, "the text is no YAML as it is: correct the error first") from None
    root = CommentedMap() if root is None else root
    _apply(root, edit)
    buffer = io.StringIO()
    yaml.dump(root, buffer)
    return buffer.getvalue()


def round_trip_yaml(text: str) -> YAML:
    """ruamel's round trip with the indents that a text has."""
    step, offset, dash = _indents(text)
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.indent(mapping=step, sequence=offset + dash, offset=offset)
    return yaml


def _indents(text: str) -> tuple[int, int, int]:
    """By how many spaces mappings, and lists, are indented below their key, and how wide a dash is with its spaces.

    The first of each in the text counts.
    """
    step: int | None = None
    dash: tuple[int, int] | None = None
    key: int | None = None  # the indent of a line that ends in a colon, right before
    for line in text.splitlines():
        content = line.strip(" \t")
        if not content or content.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        item = re.match(r"- *(?=\S)", content)
        if key is not None and item and dash is None:
            dash = max(indent - key, 0), len(item[0])
        elif key is not None and not item and step is None and indent > key:
            step = indent - key
        key = indent if re.search(r":[ \t]*(#.*)?$", content) and not item else None
    offset, width = dash or (2, 2)
    return step or 2, offset, width


def _apply(root: Any, edit: Edit) -> None:
    holder, last = root, edit.path[-1]
    for step, following in zip(edit.path, edit.path[1:], strict=False):
        holder = _child(holder, step, edit, following)
    if isinstance(holder, list):
        _apply_in_list(holder, edit)
    elif isinstance(holder, dict):
        _apply_in_mapping(holder, str(last), edit)
    else:
        raise Refused(400, f"{_label(edit.path)}: there is nothing that could hold it")


def _child(holder: Any, step: object, edit: Edit, following: object) -> Any:
    if isinstance(holder, list):
        if not str(step).isdecimal() or int(str(step)) >= len(holder):
            raise Refused(400, f"{_label(edit.path)}: the list has {len(holder)} entries")
        return holder[int(str(step))]
    if not isinstance(holder, dict):
        raise Refused(400, f"{_label(edit.path)}: there is nothing that could hold it")
    key = real_key(holder, str(step))
    if key is None or holder[key] is None:
        if edit.value is None:
            raise Refused(400, f"{_label(edit.path)} is not there")
        key = str(step) if key is None else key
        holder[key] = CommentedMap()
    return holder[key]


def real_key(mapping: Mapping[Any, Any], text: str) -> Any:
    """The key that is written as a text; None without one. `0` is a number to YAML."""
    return next((key for key in mapping if str(key) == text), None)


def _apply_in_list(holder: Any, edit: Edit) -> None:
    last = str(edit.path[-1])
    if not last.isdecimal() or int(last) > len(holder):
        raise Refused(400, f"{_label(edit.path)}: the list has {len(holder)} entries")
    position = int(last)
    if edit.value is None:
        if position == len(holder):
            raise Refused(400, f"{_label(edit.path)} is not there")
        del holder[position]
    elif edit.position is not None:
        holder.insert(edit.position, node_of(edit.value))
    elif position == len(holder):
        holder.append(node_of(edit.value))
    else:
        holder[position] = node_of(edit.value)


def _apply_in_mapping(holder: Any, last: str, edit: Edit) -> None:
    key = real_key(holder, last)
    if edit.value is None:
        if key is None:
            raise Refused(400, f"{_label(edit.path)} is not there")
        del holder[key]
    elif key is None and edit.position is not None:
        holder.insert(edit.position, last, node_of(edit.value))
    else:
        holder[last if key is None else key] = node_of(edit.value)


def node_of(value: Data) -> Any:
    """A value for ruamel, in brackets on one line."""
    if isinstance(value, dict):
        mapping = CommentedMap({key: node_of(item) for key, item in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq([node_of(item) for item in value])
        sequence.fa.set_flow_style()
        return sequence
    return value


def _label(path: Path) -> str:
    return ".".join(map(str, path))
