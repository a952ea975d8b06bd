"""Where the values of YAML stand in its text, so that one can be replaced and nothing else moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from zoomdream.studio.answers import Refused

Step = str | int
"""A key, or a position in a list."""

Path = tuple[Step, ...]


def path_of(steps: Sequence[object]) -> Path:
    """A path from JSON: numbers are positions, all else is text."""
    return tuple(step if isinstance(step, int) and not isinstance(step, bool) else str(step) for step in steps)


@dataclass(frozen=True)
class Entry:
    """A value in a text, with what holds it."""

    key: Node | None
    """Its key; None in a list, and for the whole."""
    value: Node
    holder: Node | None
    """The mapping or list that it stands in; None for the whole."""
    is_alias: bool = False
    """Whether it, or what holds it, is written elsewhere, behind an anchor: before where it is used."""


def compose(text: str) -> Node | None:
    """The nodes of a text that has been checked already. Raises Refused for what is no YAML."""
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, RecursionError):
        raise Refused(400, "the text is no YAML as it is: correct the error first") from None
    return root


def find(root: Node | None, path: Path) -> Entry | None:
    """The entry at a path; None where nothing stands there. Keys are compared as texts."""
    if root is None:
        return None
    entry = Entry(None, root, None)
    for step in path:
        below = _below(entry.value, step)
        if below is None:
            return None
        entry = replace(below, is_alias=entry.is_alias or below.is_alias)
    return entry


def _below(node: Node, step: Step) -> Entry | None:
    if isinstance(node, SequenceNode):
        if not str(step).isdecimal() or int(step) >= len(node.value):
            return None
        position = int(step)
        before = node.value[position - 1] if position else node
        item = node.value[position]
        first = max(_start(node), _start(before) + (1 if position else 0))
        return Entry(None, item, node, _start(item) < first)
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == str(step):
                return Entry(key, value, node, _start(value) < _start(key))
    return None


def _start(node: Node) -> int:
    start: int = node.start_mark.index
    return start


def span(node: Node) -> tuple[int, int]:
    """Where a scalar, or what stands in brackets, begins and ends in the text."""
    return node.start_mark.index, node.end_mark.index


def is_inline(node: Node) -> bool:
    """Whether a node ends where its text does: a plain or quoted scalar, or a value in brackets."""
    if isinstance(node, ScalarNode):
        return node.style not in ("|", ">")
    return isinstance(node, CollectionNode) and bool(node.flow_style)
