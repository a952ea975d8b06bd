"""Pictures and clips with bytes changed: read, or refused in one sentence; no signal, no hang."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from tests.fuzz.reading import PICTURES
from tests.support.clips import X264, pattern
from tests.support.forks import fork_module, wait

CLIPS = ((".mp4", X264), (".mkv", X264), (".avi", ("-c:v", "mpeg4")), (".ts", X264))
SECONDS = 60.0  # for one process's files; a hang is what ends here


def picture(path: Path) -> Path:
    """A small picture in the suffix's format."""
    y, x = np.mgrid[0:24, 0:32]
    Image.fromarray(np.stack([x * 8, y * 10, x + y], -1).astype(np.uint8)).save(path)
    return path


def flipped(rng: Random, file: Path, copies: int) -> list[str]:
    """Copies of a file, each with one to eight bytes changed, or cut short."""
    data, names = file.read_bytes(), []
    for copy in range(copies):
        changed = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            near_the_front = rng.random() < 0.5
            changed[rng.randrange(min(len(data), 400) if near_the_front else len(data))] = rng.randrange(256)
        name = file.with_name(f"{copy}{file.suffix}")
        name.write_bytes(changed[: rng.randrange(len(data))] if rng.random() < 0.1 else changed)
        names.append(str(name))
    return names


def refuse_failure(tmp_path: Path, files: list[str]) -> None:
    """Raise AssertionError where reading files, each in turn in one process, ends it otherwise than with 0."""
    report = tmp_path / "report.txt"
    with report.open("w") as file:
        process = fork_module("tests.fuzz.reading", files, stdout=file.fileno(), stderr=file.fileno())
        code = wait(process, SECONDS + len(files))
    assert code == 0, report.read_text()[-3000:]


@pytest.mark.parametrize("suffix", PICTURES)
def test_damaged_pictures_are_read_or_refused(tmp_path: Path, fuzz_examples: int, suffix: str) -> None:
    original = picture(tmp_path / f"picture{suffix}")
    refuse_failure(tmp_path, flipped(Random(5), original, max(8, min(fuzz_examples // 20, 200))))


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "options"), CLIPS)
def test_damaged_clips_are_read_or_refused(
    tmp_path: Path, fuzz_examples: int, suffix: str, options: tuple[str, ...]
) -> None:
    original = pattern(tmp_path / f"clip{suffix}", *options, seconds=1)
    refuse_failure(tmp_path, flipped(Random(5), original, max(4, min(fuzz_examples // 100, 100))))
