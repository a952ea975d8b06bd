"""Paths that begin in a user's home folder."""

from __future__ import annotations

from pathlib import Path

NO_HOME = "the home folder that ~ stands for is not known here: write the whole path"
"""What a message says where there is none."""


def home_expanded(text: str) -> Path:
    """A path whose `~/` or `~user/` is a home folder; a name of no user stays. Raises RuntimeError without a home."""
    path = Path(text)
    if not text.startswith("~"):
        return path
    try:
        return path.expanduser()
    except RuntimeError:
        if path.parts[0] == "~":
            raise
        return path
