"""What a command reads is never what it writes over, even where it may replace what there is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from zoomdream.errors import OutputError


def spare(output: Path | str, inputs: Iterable[Path]) -> None:
    """Refuse an output, a file or a folder of numbered pictures, under which one of `inputs` lies.

    Raises OutputError.
    """
    target = Path(output)
    folder = target.parent if "%" in target.name else target
    for path in inputs:
        in_sequence = path.stem[-1:].isdigit() and path.resolve().parent == folder.resolve()
        if in_sequence or _is_same(target, path):
            raise OutputError(f"{output} would be written over {path}, which is read for it: choose another output")


def _is_same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()
