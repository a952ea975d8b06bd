"""The pictures and sounds that come with zoomdream, which presets name as `sample:clouds`, wherever they lie."""

from __future__ import annotations

from pathlib import Path

from zoomdream.errors import UnknownNameError, nearest
from zoomdream.presets.shipped import shipped_folder

SCHEME = "sample:"


def sample_files() -> dict[str, Path]:
    """The sample pictures: name to file."""
    return {file.stem: file for file in sorted(shipped_folder("samples").glob("*.jpg"))}


def sample_sounds() -> dict[str, Path]:
    """The sample sounds: name to file."""
    return {file.stem: file for file in sorted(shipped_folder("samples").glob("*.ogg"))}


def is_sample(path: str | Path) -> bool:
    """Whether this is `sample:NAME` instead of a file's path."""
    return str(path).startswith(SCHEME)


def sample_file(path: str | Path) -> Path:
    """The file of `sample:NAME`. Raises UnknownNameError for a name that no sample has."""
    name, files = _name(path), sample_files() | sample_sounds()
    if name not in files:
        raise UnknownNameError(f"there is no sample picture {name!r}{nearest(name, sample_files())}")
    return files[name]


def check_sample(path: str) -> str:
    """The same path. Raises UnknownNameError when it is `sample:NAME` and no sample picture has this name."""
    if is_sample(path) and _name(path) in sample_sounds():
        raise UnknownNameError(f"{path} is a sound, and a picture is wanted{nearest('', sample_files())}")
    if is_sample(path):
        sample_file(path)
    return path


def check_sample_sound(path: str) -> str:
    """The same path. Raises UnknownNameError when it is `sample:NAME` and no sample sound has this name."""
    if is_sample(path) and _name(path) not in sample_sounds():
        raise UnknownNameError(f"there is no sample sound {_name(path)!r}{nearest(_name(path), sample_sounds())}")
    return path


def _name(path: str | Path) -> str:
    return str(path).removeprefix(SCHEME)
