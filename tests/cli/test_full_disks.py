"""What the commands that show a film say when its disk is full, and when nobody hears what they say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import QUIET, zoomdream
from tests.support.forks import fork_zoomdream, wait

pytestmark = pytest.mark.system

SMALL = ("--set", "canvas={size: 64x36, fps: 12, duration: 3f}", "--set", "dream.octaves=1", "--set", "dream.steps=1")
MAKING = [
    (("curves", "quickstart"), "c.png"),
    (("preview", "neon", "--motion", "--duration", "200ms"), "m.mp4"),
    (("preview", "neon", "--motion", "--duration", "200ms", "--set", "output.reverse=true"), "m.mp4"),
    (("preview", "neon", *SMALL, *QUIET), "d.mp4"),
    (("frame", "neon", "--at", "0s", *SMALL, *QUIET), "f.png"),
]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film with a recipe."""
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    assert zoomdream("render", "neon", *SMALL, *QUIET, "-o", path).exit_code == 0
    return path


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk without space."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be mounted by root")
    (folder / "filler").write_bytes(bytes(8192))
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(("arguments", "name"), MAKING)
def test_a_full_disk_is_told_in_a_sentence(full: Path, arguments: tuple[str, ...], name: str) -> None:
    result = zoomdream(*arguments, "-o", full / name)
    assert result.exit_code == 5, result.output
    (sentence,) = (line for line in result.stderr.splitlines() if line.startswith("error: "))
    assert f"the disk of {full} is full" in sentence
    assert [path.name for path in full.iterdir()] == ["filler"]


def test_a_contact_sheet_on_a_full_disk(full: Path, film: Path) -> None:
    result = zoomdream("contact", film, "-o", full / "s.png")
    assert (result.exit_code, result.stderr.count("\n")) == (5, 1)
    assert [path.name for path in full.iterdir()] == ["filler"]


def test_without_a_listener_all_is_made(film: Path, tmp_path: Path) -> None:
    commands = [
        *((*words, "-o", str(tmp_path / name)) for words, name in MAKING),
        ("contact", str(film), "-o", "s.png"),
    ]
    for words in commands:
        output = tmp_path / words[-1]
        assert wait(fork_zoomdream([*words[:-1], str(output)], stdout=None, stderr=None)) == 0, words
        assert output.stat().st_size > 0
        output.unlink()


@pytest.mark.parametrize("words", ["inspect", "doctor"])
def test_what_is_said_to_nobody_is_no_success(film: Path, words: str) -> None:
    command = ["inspect", str(film)] if words == "inspect" else ["doctor"]
    assert wait(fork_zoomdream(command, stdout=None, stderr=None)) == 5
