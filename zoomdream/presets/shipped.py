"""The presets that come with zoomdream."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from zoomdream.presets.documents.text_files import read_text

_PACKAGE_FOLDERS = {"presets": "yaml", "samples": "samples"}


def shipped_presets() -> dict[str, str]:
    """The presets that come with zoomdream: name to description, which is the file's first comment."""
    comments = {
        name: re.search(r"^#+ *(.*?) *$", read_text(file), re.MULTILINE) for name, file in shipped_files().items()
    }
    return {name: comment[1] if comment else "" for name, comment in comments.items()}


def shipped_files() -> dict[str, Path]:
    """The shipped presets: name to file."""
    return {file.stem: file for file in sorted(shipped_folder("presets").glob("*.yaml"))}


def shipped_folder(kind: Literal["presets", "samples"]) -> Path:
    """Where the shipped presets or the sample pictures lie.

    An installed package has them inside, beside this file (pyproject.toml puts them there); a checkout at its top.
    """
    here = Path(__file__).parent
    installed = here / _PACKAGE_FOLDERS[kind]
    return installed if installed.is_dir() else here.parent.parent / kind
