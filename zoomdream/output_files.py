"""What a command reads is never what it writes over, even where it may replace what there is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from zoomdream.errors import OutputError


def refuse_overwriting(output: Path | str, inputs: Iterable[Path]) -> None:
    """Refuse an output file that is one of `inputs`, by whatever name. Raises OutputError."""
    for path in inputs:
        if _is_same(Path(output), path):
            raise OutputError(f"{output} would be written over {path}, which is read for it: choose another output")


def _is_same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()
