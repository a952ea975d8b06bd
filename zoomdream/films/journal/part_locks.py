"""Who writes which part of a film: a render writes all of it, and others each a part at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoomdream.errors import OutputBusyError
from zoomdream.output_lock import lock_holders, output_lock


@contextmanager
def part_lock(output: Path, folder: Path, part: range, *, is_led: bool) -> Iterator[None]:
    """The exclusive right of this thread to write a part of a film into its journal in `folder`.

    `is_led`: the render that writes the film leads this one. Raises OutputBusyError where somebody else is at this
    part, or, not led, at the whole film; OutputError, OSError.
    """
    folder.mkdir(exist_ok=True)
    try:
        with output_lock(folder / f"part-{part.start:08}"):
            if not is_led:
                # After the part's own lock, as a render looks for parts after it has locked the film: one of them sees.
                with output_lock(output):
                    pass
            yield
    except OutputBusyError as error:
        if str(folder) not in str(error):
            raise
        raise OutputBusyError(
            f"frames {part.start}:{part.stop} of {output} are being rendered by another zoomdream: wait for it"
        ) from error


def refuse_busy_parts(folder: Path) -> None:
    """Raise OutputBusyError where others are at parts of the film whose journal lies in `folder`."""
    holders = lock_holders(folder)
    if holders:
        raise OutputBusyError(
            f"parts of the film are being rendered by another zoomdream (process {', '.join(holders)}): wait for it"
        )
