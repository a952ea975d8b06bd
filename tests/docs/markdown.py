"""Markdown files as tests see them: fenced blocks, links, anchors, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "examples" / "README.md",
    ROOT / "samples" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
_NOT_RUN = re.compile(r"<!-- not run: (.+) -->")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    page: Path
    line: int
    """Of its first line of text, counted from 1."""
    language: str
    text: str
    reason: str = ""
    """Why it is not run; empty: it is."""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str, pages: tuple[Path, ...] = PAGES) -> list[Block]:
    """Every fenced block in one of these languages."""
    return [block for page in pages for block in page_blocks(page) if block.language in languages]


def page_blocks(page: Path) -> Iterator[Block]:
    """A page's fenced blocks."""
    lines = page.read_text(encoding="utf-8").splitlines()
    start: int | None = None
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = number
            continue
        comment = _NOT_RUN.search(lines[start - 1]) if start else None
        text = "\n".join(lines[start + 1 : number]) + "\n"
        yield Block(page, start + 2, lines[start].removeprefix("```").strip(), text, comment[1] if comment else "")
        start = None
    assert start is None, f"{page.name}: the block of line {start} does not end"


def prose(page: Path) -> list[str]:
    """A page's lines; those of fenced blocks are empty."""
    lines, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        fence = line.startswith("```")
        lines.append("" if fence or inside else line)
        inside ^= fence
    return lines


def links(page: Path) -> list[tuple[int, str]]:
    """(line, target) of every link and picture."""
    return [(number, target) for number, line in enumerate(prose(page), 1) for target in _LINK.findall(line)]


def anchors(page: Path) -> set[str]:
    """What a link may have after its #, made of the headings as GitHub makes it."""
    headings = [line.lstrip("#").strip() for line in prose(page) if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def tables(page: Path) -> list[list[list[str]]]:
    """Every table as rows of cells, the heading first."""
    found: list[list[list[str]]] = []
    before = ""
    for line in prose(page):
        if line.startswith("|"):
            if not before.startswith("|"):
                found.append([])
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                found[-1].append(cells)
        before = line
    return found


def section_table(page: Path, heading: str) -> list[list[str]]:
    """The first table under a heading, without the table's own heading."""
    text = page.read_text(encoding="utf-8")
    match = re.search(rf"^#+ {re.escape(heading)}$", text, re.MULTILINE)
    assert match, f"{page.name} has no heading {heading!r}"
    rows = re.split(r"\n(?!\|)", text[text.index("\n|", match.end()) + 1 :])[0].splitlines()
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows[2:]]


def words(cell: str) -> list[str]:
    """What stands in backticks in a table's cell."""
    return re.findall(r"`([^`]+)`", cell)
