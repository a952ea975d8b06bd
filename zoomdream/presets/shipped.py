"""The presets that come with zoomdream."""

from __future__ import annotations

import re
from pathlib import Path

from zoomdream.presets.document import read_text


def shipped_presets() -> dict[str, str]:
    """The presets that come with zoomdream: name to description, which is the file's first comment."""
    comments = {
        name: re.search(r"^#+ *(.*?) *$", read_text(file), re.MULTILINE) for name, file in shipped_files().items()
    }
    return {name: comment[1] if comment else "" for name, comment in comments.items()}


def shipped_files() -> dict[str, Path]:
    here = Path(__file__).parent
    installed = here / "yaml"
    folder = installed if installed.is_dir() else here.parent.parent / "presets"  # a checkout has them at its top
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def is_shipped(file: Path) -> bool:
    return file in shipped_files().values()
