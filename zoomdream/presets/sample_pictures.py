"""The sample pictures that come with zoomdream, which a preset names as `sample:clouds`, wherever they lie."""

from __future__ import annotations

from pathlib import Path

from zoomdream.errors import UnknownNameError, nearest
from zoomdream.presets.shipped import shipped_folder

SCHEME = "sample:"


def sample_files() -> dict[str, Path]:
    """The sample pictures: name to file."""
    return {file.stem: file for file in sorted(shipped_folder("samples").glob("*.jpg"))}


def is_sample(path: str | Path) -> bool:
    """Whether this is `sample:NAME` instead of a file's path."""
    return str(path).startswith(SCHEME)


def sample_file(path: str | Path) -> Path:
    """The file of `sample:NAME`. Raises UnknownNameError for a name that no sample has."""
    name, files = str(path).removeprefix(SCHEME), sample_files()
    if name not in files:
        raise UnknownNameError(f"there is no sample picture {name!r}{nearest(name, files)}")
    return files[name]


def check_sample(path: str) -> str:
    """The same path. Raises UnknownNameError when it is `sample:NAME` and no sample has this name."""
    if is_sample(path):
        sample_file(path)
    return path
