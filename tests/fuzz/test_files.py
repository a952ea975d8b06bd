"""Damaged files of all kinds: read, or refused in one sentence; no signal, no hang, no memory beyond a limit.

`--fuzz-examples N` says how many: N / 50 of each form of picture, N / 1000 of each form of clip.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import specimens
from tests.fuzz.batches import refuse_failures
from tests.fuzz.damage import damaged, damaged_files

SEED = 5


def try_copies(role: str, originals: Sequence[Path], copies: int, folder: Path) -> None:
    """Read the files as they are, all of which are right, and damaged copies of each."""
    rng, files = Random(SEED), list(originals)
    for original in originals:
        files += damaged_files(rng, original, copies, folder / original.name.replace(".", "-"))
    refuse_failures(role, files, folder, right=len(originals))


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Path]]:
    """Files that are right, by the name of the function in `specimens` that makes them."""

    def made(kind: str) -> list[Path]:
        files: list[Path] = getattr(specimens, kind)(tmp_path_factory.mktemp(kind))
        return files

    return made


Originals = Callable[[str], list[Path]]


@pytest.mark.parametrize(
    ("role", "kind", "share"),
    [
        ("picture", "pictures", 50),
        ("direction", "arrays", 20),
        ("weights", "weights", 20),
        ("preset", "preset_files", 20),
    ],
)
def test_damaged_files_are_read_or_refused(
    role: str, kind: str, share: int, tmp_path: Path, fuzz_examples: int, originals: Originals
) -> None:
    try_copies(role, originals(kind), max(3, fuzz_examples // share), tmp_path)


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        *(("clip", "clips"), ("sound", "sounds"), ("preset", "recipes")),
        pytest.param("film", "clips", marks=pytest.mark.slow),
        pytest.param("film", "pictures", marks=pytest.mark.slow),
    ],
)
def test_damaged_films_and_sounds_are_read_or_refused(
    role: str, kind: str, tmp_path: Path, fuzz_examples: int, originals: Originals
) -> None:
    try_copies(role, originals(kind), max(1, fuzz_examples // 1000), tmp_path)


def test_damaged_journals_are_read_or_refused(tmp_path: Path, fuzz_examples: int) -> None:
    original, rng, folders = specimens.journal(tmp_path / "whole.journal"), Random(SEED), []
    for number in range(max(10, fuzz_examples // 20)):
        folders.append(tmp_path / str(number) / "film.mp4.journal")
        shutil.copytree(original, folders[-1])
        file = rng.choice(sorted(folders[-1].iterdir()))
        file.write_bytes(damaged(rng, file.read_bytes()))
    refuse_failures("journal", [original, *folders], tmp_path, right=1)
