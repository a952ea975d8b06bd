"""Where a character of a text stands: its line and column, and the place of a value's character in YAML."""

from __future__ import annotations

import re
from itertools import islice

LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line, as ruamel counts them."""


def position_in_scalar(text: str, start: int, value: str, offset: int) -> int | None:
    """The index in `text` of the character at `offset` of a value that begins at `start`, in any of YAML's styles.

    None where the value cannot be followed, as behind an escape such as `\\x41`.
    """
    at = start
    if text[at : at + 1] in ("|", ">"):  # what is said of the block stands on the rest of its first line
        at = text.find("\n", at) + 1
    for position, character in enumerate(value):
        if not character.isspace():
            while at < len(text) and text[at] != character:
                if not text[at].isspace() and text[at] not in "\\'\"":
                    return None
                at += 1
        if position == offset:
            return at if at < len(text) else None
        if not character.isspace():
            at += 1
    return None


def line_start(text: str, line: int) -> int:
    """Where a line, counted from 1, begins in a text."""
    ends = islice(LINE_END.finditer(text), line - 1)
    return max((end.end() for end in ends), default=0)


def place(text: str, name: str, index: int) -> str:
    """A character's file, line and column, both from 1."""
    ends = [end.end() for end in LINE_END.finditer(text, 0, index)]
    return f"{name}:{len(ends) + 1}:{index - (ends[-1] if ends else 0) + 1}"
