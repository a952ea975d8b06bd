"""What made a picture or a film, in the line that its metadata carries."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from pathlib import Path

from zoomdream import __version__


def provenance_line(network: str, what: str, seed: int | None, *details: str) -> str:
    """`zoomdream 0.1.0: squeezenet1_1 fire8=1, seed 0, ...`.

    `what` names the objectives. `seed` is None where nothing is random. Empty `details` are left out.
    """
    seeds = [] if seed is None else [f"seed {seed}"]
    return ", ".join([f"zoomdream {__version__}: {network} {what}", *seeds, *filter(None, details)])


_ENGINE = ("dreaming", "films", "images", "media", "motion", "networks", "objectives", "schedule")


def engine_modules() -> list[Path]:
    """The modules whose code decides a frame's bits. In the root it is that of `rng`, `runtime` and `settings`."""
    package = Path(__file__).parent
    folders = [file for folder in _ENGINE for file in (package / folder).rglob("*.py")]
    return sorted([*package.glob("*.py"), *folders])


@cache
def code_digest() -> str:
    """Eight digits that change with the code that makes frames: a clone is changed without a change of its version."""
    digest = hashlib.sha256()
    for file in engine_modules():
        digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def file_digest(path: Path) -> str:
    """sha256 of a file in hexadecimal; one that has not changed is read once. Raises OSError."""
    status = path.stat()
    return _file_digest(path, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache
def _file_digest(path: Path, *_: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
