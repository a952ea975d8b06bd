"""What became of another program's settings: taken as they are, converted, or without a counterpart."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field

from zoomdream.presets.documents.yaml_document import Data, KeyPath

_LONGEST = 60  # characters of a foreign value that are shown
_WIDTHS = (38, 24, 56)


@dataclass(frozen=True)
class Finding:
    """What became of one setting."""

    theirs: str
    """The other program's key and value, in printable characters on one line."""

    path: KeyPath | None
    """The preset's key; None: it has no counterpart."""

    how: str = ""
    """How it was converted, or why not; empty: it was taken as it is."""

    comment: str = ""
    """What the preset says beside the value."""


@dataclass
class Draft:
    """A preset that is being written."""

    data: dict[KeyPath, Data] = field(default_factory=dict)
    """Values by their keys: `("camera", "zoom")`."""

    findings: list[Finding] = field(default_factory=list)

    def take(self, path: KeyPath, value: Data, theirs: str, how: str = "", comment: str | None = None) -> None:
        """Write a value, with where it comes from; the texts may hold anything.

        `comment` is what the preset says beside it; None: `theirs` and `how`, or where it is taken as it is their key.
        """
        self.data[path] = value
        said = f"{printable(theirs)}: {how}" if how else theirs.split(" ")[0]
        comment = printable(said if comment is None else comment, 400)
        self.findings.append(Finding(printable(theirs), path, printable(how, 400), comment))

    def leave(self, theirs: str, why: str) -> None:
        """Note a setting that has no counterpart."""
        self.findings.append(Finding(printable(theirs), None, printable(why, 400)))


def printable(text: str, longest: int = _LONGEST) -> str:
    """A text on one line, cut where it is long, with nothing that moves a terminal's cursor or ends a comment."""
    start = " ".join(text[: 4 * longest].split())
    start = "".join(character if character.isprintable() else "?" for character in start)
    return start if len(start) <= longest else start[: longest - 3] + "..."


def table(findings: Iterable[Finding]) -> str:
    """Three columns: theirs, the preset's key, and how it was converted or why it was left out."""
    rows = [("there", "here", "how")]
    rows += [(each.theirs, ".".join(each.path) if each.path else "-", each.how or "as it is") for each in findings]
    return "\n".join(line for row in rows for line in _lines(row))


def _lines(row: tuple[str, str, str]) -> list[str]:
    cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, _WIDTHS, strict=True)]
    height = max(map(len, cells))
    padded = [cell + [""] * (height - len(cell)) for cell in cells]
    return [
        "  ".join(f"{part:{width}}" for part, width in zip(parts, _WIDTHS, strict=True)).rstrip()
        for parts in zip(*padded, strict=True)
    ]
